#include "nas/optimisers/search_methods.hpp"

#include "core/error.hpp"
#include "nas/optimisers/genomes.hpp"

#include <fmt/format.h>

#include <array>
#include <utility>

namespace xloop {
namespace {

constexpr std::array rows{
    SearchMethodTraits{SearchMethod::random, "Random search", "any genome, without repetition; the yardstick",
                       "Li and Talwalkar, arXiv 1902.07638", make_random_search},
    SearchMethodTraits{SearchMethod::nsga2, "NSGA-II",
                       "children of two parents; those of the best ranks stay, and of one rank those with most room",
                       "Deb et al., IEEE Transactions on Evolutionary Computation 6 (2002)", make_nsga2},
    SearchMethodTraits{SearchMethod::regularised_evolution, "Regularised evolution",
                       "mutants of the best of a few; the oldest go", "Real et al., arXiv 1802.01548",
                       make_regularised_evolution},
    SearchMethodTraits{SearchMethod::local_search, "Local search",
                       "neighbours of all that nothing dominates; anew where there are none left",
                       "White et al., arXiv 2005.02960; Paquete et al. 2004", make_local_search},
    SearchMethodTraits{SearchMethod::exhaustive, "Exhaustive search", "all genomes in order; for small spaces",
                       "by definition", make_exhaustive_search}};
static_assert(rows.size() == names_of(SearchMethod{}).size());

}  // namespace

const SearchMethodTraits& traits_of(SearchMethod method) { return rows[static_cast<std::size_t>(method)]; }

std::string search_method_list() {
    std::string text;
    for (const SearchMethodTraits& t : rows)
        text += fmt::format("  {:<22} {} ({})\n", name_of(t.method), t.purpose, t.paper);
    return text;
}

std::unique_ptr<GenomeOptimiser> make_optimiser(const OptimiserConfig& config, OptimiserTask task) {
    if (task.genes.empty())
        throw Error("a space without genes");
    for (const Gene& gene : task.genes)
        if (gene.levels < 1)
            throw Error(fmt::format("gene `{}` has {} levels", gene.name, gene.levels));
    for (const Genome& genome : task.initial)
        check_genome(task.genes, genome);
    return traits_of(config.method).make(config, std::move(task));
}

}  // namespace xloop
