#include "nas/optimisers/generations.hpp"
#include "nas/optimisers/search_methods.hpp"
#include "nas/optimisers/standing.hpp"

#include <algorithm>

namespace xloop {
namespace {

/// Real et al., arXiv 1802.01548, algorithm 1: the best of a sample gets a mutant, and the oldest member dies, however good. Ours: several
/// objectives by rank and crowding within the population; a generation of mutants at once, as their many workers make them; no genome
/// twice, for which more genes mutate from attempt to attempt.
class RegularisedEvolution final : public Generations {
public:
    RegularisedEvolution(const OptimiserConfig& config, OptimiserTask task)
        : Generations(config, std::move(task)), open_(open_genes(genes())) {}

private:
    std::optional<Proposal> child(Draws& draws, int attempt) override {
        const int full = config().population;
        if (static_cast<int>(population_.size()) < full || open_.empty())
            return by_chance(draws);
        const int parent = winner(draws);
        Proposal made{told(parent).genome, parent, "mutation"};
        for (int mutations = 1 + attempt / 4; mutations > 0; --mutations) {
            const std::size_t g = open_[static_cast<std::size_t>(draws.below(static_cast<int>(open_.size())))];
            made.genome[g] = other_level(genes()[g], made.genome[g], draws);
        }
        return made;
    }

    void learn(const std::vector<int>& places) override {
        population_.insert(population_.end(), places.begin(), places.end());
        const int surplus = static_cast<int>(population_.size()) - config().population;
        if (surplus > 0)
            population_.erase(population_.begin(), population_.begin() + surplus);
        std::vector<const Judged*> all;
        for (int place : population_)
            all.push_back(&told(place));
        standings_ = standings(all);
    }

    int winner(Draws& draws) const {
        const int place = tournament(standings_, config().tournament_size(), draws);
        return population_[static_cast<std::size_t>(place)];
    }

    std::vector<std::size_t> open_;
    std::vector<int> population_;  ///< places in told(), the oldest first
    std::vector<Standing> standings_;
};

}  // namespace

std::unique_ptr<GenomeOptimiser> make_regularised_evolution(const OptimiserConfig& config, OptimiserTask task) {
    return std::make_unique<RegularisedEvolution>(config, std::move(task));
}

}  // namespace xloop
