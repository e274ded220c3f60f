#include "nas/optimisers/generations.hpp"
#include "nas/optimisers/search_methods.hpp"
#include "nas/optimisers/standing.hpp"
#include "nas/optimisers/variation.hpp"

#include <algorithm>

namespace xloop {
namespace {

/// Deb et al. 2002: tournaments by constraint-domination and crowding, simulated binary crossover, polynomial mutation, survival of the
/// best of parents and children. Ours: levels instead of reals (variation.hpp), categories, one child of two parents instead of two,
/// and no genome twice, for which the mutation rate grows from attempt to attempt.
class Nsga2 final : public Generations {
    using Generations::Generations;

    std::optional<Proposal> child(Draws& draws, int attempt) override {
        if (population_.empty())
            return by_chance(draws);
        const OptimiserConfig& c = config();
        const int own = winner(draws);
        Proposal made{told(own).genome, own, "mutation"};
        if (draws.uniform() < c.crossover_probability) {
            made.genome = crossed(genes(), made.genome, told(winner(draws)).genome, c.eta_crossover, draws);
            made.origin = "crossover";
        }
        const double open = static_cast<double>(std::max<std::size_t>(1, open_genes(genes()).size()));
        const double rate = (c.mutation_rate > 0.0 ? c.mutation_rate : 1.0 / open) * (1 + attempt);
        made.genome = mutated(genes(), std::move(made.genome), rate, c.eta_mutation, draws);
        return made;
    }

    void learn(const std::vector<int>& places) override {
        population_.insert(population_.end(), places.begin(), places.end());
        std::vector<const Judged*> all;
        for (int place : population_)
            all.push_back(&told(place));
        const std::vector<Standing> stand = standings(all);
        std::vector<int> survivors;
        standings_.clear();
        for (int i : best_of(stand, config().population)) {
            survivors.push_back(population_[static_cast<std::size_t>(i)]);
            standings_.push_back(stand[static_cast<std::size_t>(i)]);
        }
        population_ = std::move(survivors);
    }

    int winner(Draws& draws) const {
        const int place = tournament(standings_, config().tournament_size(), draws);
        return population_[static_cast<std::size_t>(place)];
    }

    std::vector<int> population_;  ///< places in told()
    std::vector<Standing> standings_;
};

}  // namespace

std::unique_ptr<GenomeOptimiser> make_nsga2(const OptimiserConfig& config, OptimiserTask task) {
    return std::make_unique<Nsga2>(config, std::move(task));
}

}  // namespace xloop
