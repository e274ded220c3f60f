#include "nas/optimisers/generations.hpp"
#include "nas/optimisers/search_methods.hpp"
#include "nas/optimisers/standing.hpp"

#include <algorithm>
#include <set>

namespace xloop {
namespace {

/// Pareto local search (Paquete, Chiarandini and Stuetzle 2004): of the archive, which nothing dominates, members by chance, and all their
/// neighbours. With one objective the archive is the best alone, as in White et al., arXiv 2005.02960. Ours: a generation holds neighbours
/// of as many members as fill it; where no member has neighbours left, the search starts anew with a generation by chance and an empty
/// archive.
class LocalSearch final : public Generations {
    using Generations::Generations;

    void begin_generation(Draws& draws) override {
        to_visit_.clear();
        for (int member : archive_)
            if (visited_.count(member) == 0)
                to_visit_.push_back(member);
        draws.shuffle(to_visit_);
        ring_.clear();
        idle_ = true;
        by_chance_ = false;
    }

    std::optional<Proposal> child(Draws& draws, int) override {
        while (!by_chance_ && next_member(draws)) {
            const Genome genome = std::move(ring_.back());
            ring_.pop_back();
            if (taken(genome))
                continue;
            idle_ = false;
            return Proposal{genome, member_, "neighbour"};
        }
        if (!idle_)
            return std::nullopt;
        if (!by_chance_) {
            by_chance_ = true;
            archive_.clear();
        }
        return by_chance(draws);
    }

    /// Whether there is a neighbour in the ring, that of the next member if need be.
    bool next_member(Draws& draws) {
        while (ring_.empty() && !to_visit_.empty()) {
            member_ = to_visit_.back();
            to_visit_.pop_back();
            for (const Genome& genome : neighbours(genes(), told(member_).genome))
                if (Genome one = canonical(genome); !seen(one))
                    ring_.push_back(std::move(one));
            if (ring_.empty())
                visited_.insert(member_);
            draws.shuffle(ring_);
        }
        return !ring_.empty();
    }

    void learn(const std::vector<int>& places) override {
        for (int place : places) {
            const Judged& one = told(place);
            if (std::any_of(archive_.begin(), archive_.end(), [&](int member) { return no_worse(told(member), one); }))
                continue;
            archive_.erase(std::remove_if(archive_.begin(), archive_.end(),
                                          [&](int member) { return dominates(one, told(member)); }),
                           archive_.end());
            archive_.push_back(place);
        }
    }

    static bool no_worse(const Judged& a, const Judged& b) {
        return dominates(a, b) || (a.violation == b.violation && (a.violation > 0.0 || a.objectives == b.objectives));
    }

    std::vector<int> archive_;   ///< places in told()
    std::set<int> visited_;      ///< members whose neighbours have all been seen
    std::vector<int> to_visit_;  ///< of this generation, the next one last
    std::vector<Genome> ring_;   ///< neighbours of the member that were not seen
    int member_ = -1;
    bool idle_ = true, by_chance_ = false;
};

}  // namespace

std::unique_ptr<GenomeOptimiser> make_local_search(const OptimiserConfig& config, OptimiserTask task) {
    return std::make_unique<LocalSearch>(config, std::move(task));
}

}  // namespace xloop
