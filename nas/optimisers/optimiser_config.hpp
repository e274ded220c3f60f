#pragma once

#include "core/config/origins.hpp"
#include "core/names.hpp"

#include <array>

namespace xloop {

/// How a search finds the genomes that it asks for; nas/optimisers/search_methods.hpp has what is known of each.
enum class SearchMethod { random, nsga2, regularised_evolution, local_search, exhaustive };
constexpr auto names_of(SearchMethod) {
    return std::array{"random", "nsga2", "regularised_evolution", "local_search", "exhaustive"};
}

struct OptimiserConfig {
    SearchMethod method = SearchMethod::nsga2;
    int population = 100;
    int generation = 0;  ///< genomes asked for at once; 0: generation_size
    int tournament = 0;  ///< 0: tournament_size
    double crossover_probability = 0.9;
    double eta_crossover = 20.0, eta_mutation = 20.0;
    double mutation_rate = 0.0;  ///< 0: 1 / genes
    int screen_factor = 10;

    /// As many as the population; of regularised_evolution, whose population outlives a generation, a quarter of it.
    int generation_size() const;
    /// 2 of nsga2; of regularised_evolution a quarter of the population.
    int tournament_size() const;
};

/// Declares every key of search.optimiser in `s`.
void describe(config::Section& s, OptimiserConfig& c);

}  // namespace xloop
