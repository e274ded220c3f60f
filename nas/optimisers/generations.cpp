#include "nas/optimisers/generations.hpp"

#include "core/error.hpp"
#include "nas/optimisers/standing.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

namespace xloop {
namespace {

// Children that were known already before chance takes their place, and draws of chance before the walk does.
constexpr int child_attempts = 20;
constexpr int chance_attempts = 200;
constexpr std::uint64_t longest_walk = std::uint64_t{1} << 20;

/// Far from 0 and from `count`, so that neighbours in the walk are far from one another.
std::uint64_t stride_through(std::uint64_t count) {
    constexpr double golden = 0.6180339887498949;
    auto stride = std::max<std::uint64_t>(1, static_cast<std::uint64_t>(static_cast<double>(count) * golden));
    while (std::gcd(stride, count) != 1)
        ++stride;
    return stride;
}

void check(const Judged& judged, std::size_t objectives) {
    if (!(judged.violation >= 0.0))
        throw Error("a violation of constraints that is below 0 or not a number");
    if (judged.violation > 0.0)
        return;
    if (judged.objectives.size() != objectives || objectives == 0)
        throw Error("a genome without objectives, or with another number of them than those before");
    for (double value : judged.objectives)
        if (!std::isfinite(value))
            throw Error("an objective that is not finite; what cannot be evaluated is told with a violation");
}

}  // namespace

Generations::Generations(const OptimiserConfig& config, OptimiserTask task)
    : config_(config), task_(std::move(task)), random_(task_.seed, RandomUse::subnet_variation),
      count_(genome_count(task_.genes)), first_(random_.below(count_, address_++)), stride_(stride_through(count_)) {}

std::vector<Proposal> Generations::ask() {
    made_.clear();
    place_ = walked_;
    const int size = config_.generation_size();
    std::vector<Proposal> generation = initial(size);
    const int open = size - static_cast<int>(generation.size());
    const bool screened = task_.screen && !told_.empty();
    Draws draws = next_draws();
    begin_generation(draws);
    std::vector<Proposal> made;
    while (static_cast<int>(made.size()) < (screened ? open * config_.screen_factor : open)) {
        std::optional<Proposal> one = fresh_child();
        if (!one)
            break;
        made_.insert(one->genome);
        made.push_back(std::move(*one));
    }
    if (static_cast<int>(made.size()) > open)
        screen(made, open);
    std::move(made.begin(), made.end(), std::back_inserter(generation));
    for (const Proposal& proposal : generation)
        seen_.emplace(proposal.genome, false);
    return generation;
}

void Generations::tell(const std::vector<Judged>& judged) {
    std::vector<int> places;
    for (const Judged& one : judged) {
        check_genome(genes(), one.genome);
        check(one, objectives_ > 0 ? objectives_ : one.objectives.size());
        if (one.violation == 0.0)
            objectives_ = one.objectives.size();
        told_.push_back(one);
        told_.back().genome = canonical(one.genome);
        bool& known = seen_[told_.back().genome];
        if (!std::exchange(known, true))
            places.push_back(static_cast<int>(told_.size()) - 1);
    }
    learn(places);
}

std::vector<Proposal> Generations::initial(int count) {
    std::vector<Proposal> proposals;
    for (; next_initial_ < task_.initial.size() && static_cast<int>(proposals.size()) < count; ++next_initial_) {
        Genome genome = canonical(task_.initial[next_initial_]);
        if (taken(genome))
            continue;
        made_.insert(genome);
        proposals.push_back({std::move(genome), -1, "initial"});
    }
    return proposals;
}

std::optional<Proposal> Generations::fresh_child() {
    for (int attempt = 0; attempt < child_attempts; ++attempt) {
        Draws draws = next_draws();
        std::optional<Proposal> one = child(draws, attempt);
        if (!one)
            return one;
        one->genome = canonical(one->genome);
        if (!taken(one->genome))
            return one;
    }
    return untaken();
}

std::optional<Proposal> Generations::untaken() {
    for (int attempt = 0; attempt < chance_attempts; ++attempt) {
        Draws draws = next_draws();
        Proposal one = by_chance(draws);
        one.genome = canonical(one.genome);
        if (!taken(one.genome))
            return one;
    }
    return walk();
}

std::optional<Proposal> Generations::walk() {
    __extension__ using Wide = unsigned __int128;
    for (std::uint64_t steps = 0; place_ < count_ && steps < longest_walk; ++place_, ++steps) {
        const auto number = static_cast<std::uint64_t>((Wide{place_} * stride_ + first_) % count_);
        Genome genome = canonical(genome_at(genes(), number));
        if (!taken(genome))
            return Proposal{std::move(genome), -1, "random"};
        // What was made for this generation may yet be screened out, so the next walk goes over it again.
        if (place_ == walked_ && seen(genome))
            ++walked_;
    }
    return std::nullopt;
}

void Generations::screen(std::vector<Proposal>& made, int count) const {
    std::vector<Genome> genomes;
    for (const Proposal& proposal : made)
        genomes.push_back(proposal.genome);
    const std::vector<Judged> expected = task_.screen(genomes);
    if (!expected.empty()) {
        if (expected.size() != made.size())
            throw Error("a screen that says nothing of some genomes");
        std::vector<const Judged*> all;
        for (const Judged& judged : expected) {
            check(judged, objectives_ > 0 ? objectives_ : judged.objectives.size());
            all.push_back(&judged);
        }
        std::vector<Proposal> best;
        for (int place : best_of(standings(all), count))
            best.push_back(std::move(made[static_cast<std::size_t>(place)]));
        made = std::move(best);
    }
    made.resize(static_cast<std::size_t>(count));
}

}  // namespace xloop
