#include "nas/optimisers/optimiser_config.hpp"

#include "core/config/schema.hpp"

#include <algorithm>

namespace xloop {
namespace {

int quarter(int population) { return std::max(1, population / 4); }

}  // namespace

int OptimiserConfig::generation_size() const {
    if (generation > 0)
        return generation;
    return method == SearchMethod::regularised_evolution ? quarter(population) : population;
}

int OptimiserConfig::tournament_size() const {
    if (tournament > 0)
        return tournament;
    return method == SearchMethod::regularised_evolution ? quarter(population) : 2;
}

void describe(config::Section& s, OptimiserConfig& c) {
    constexpr const char* method = "search.optimiser.method";
    s.value("method", c.method,
            "who says what is evaluated next: random: any, without repetition; nsga2: Deb et al., IEEE Transactions on "
            "Evolutionary Computation 6 (2002); regularised_evolution: Real et al., arXiv 1802.01548; local_search: "
            "neighbours of the best (White et al., arXiv 2005.02960; Paquete et al. 2004); exhaustive: all, in order",
            "our choice: the customary one for several objectives");
    s.value("population", c.population, "genomes that the next ones descend from, and of a start by chance",
            "Deb et al. 2002 and Real et al., arXiv 1802.01548: 100")
        .range(1, 100000);
    s.value("generation", c.generation,
            "genomes evaluated before the next are chosen; 0: as many as the population, of regularised_evolution a "
            "quarter of it",
            "Deb et al. 2002; the quarter is our choice, as Real et al. have one child at a time for each worker")
        .range(0, 100000);
    s.value("tournament", c.tournament,
            "members drawn by chance, of which the best becomes a parent; 0: 2 of nsga2, a quarter of the population "
            "of regularised_evolution",
            "Deb et al. 2002: 2; Real et al., arXiv 1802.01548: 25 of 100")
        .only_with(method, SearchMethod::nsga2, SearchMethod::regularised_evolution)
        .range(0, 100000);
    s.value("crossover_probability", c.crossover_probability, "that a child has two parents", "Deb et al. 2002: 0.9")
        .only_with(method, SearchMethod::nsga2)
        .range(0, 1);
    s.value("eta_crossover", c.eta_crossover,
            "index of simulated binary crossover (Deb and Agrawal 1995): the larger, the nearer to the parents",
            "Deb et al. 2002: 20")
        .only_with(method, SearchMethod::nsga2)
        .range(0, 1000);
    s.value("eta_mutation", c.eta_mutation, "index of polynomial mutation: the larger, the smaller the change",
            "Deb et al. 2002: 20")
        .only_with(method, SearchMethod::nsga2)
        .range(0, 1000);
    s.value("mutation_rate", c.mutation_rate, "that a gene mutates; 0: 1 / genes", "Deb et al. 2002: 1 / genes")
        .only_with(method, SearchMethod::nsga2)
        .range(0, 1);
    s.value("screen_factor", c.screen_factor,
            "genomes that a predictor chooses from for each that is evaluated; without a predictor nothing",
            "White et al., arXiv 1910.11858: 100 for every 10")
        .only_with(method, SearchMethod::random, SearchMethod::nsga2, SearchMethod::regularised_evolution,
                   SearchMethod::local_search)
        .range(1, 1000);
}

}  // namespace xloop
