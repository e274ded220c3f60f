#include "nas/hypervolume.hpp"
#include "tests/nas/optimisers/problems.hpp"

#include <gtest/gtest.h>

#include <set>

namespace xloop {
namespace {

/// So that 1/2, where DTLZ2 is at its best, is none of them.
constexpr int levels = 1000;

/// What all that was evaluated dominates, as a share of what the true front does.
double share_of_best(const RealProblem& problem, SearchMethod method, std::uint64_t seed) {
    OptimiserConfig config;
    config.method = method;
    const auto optimiser = make_optimiser(config, {ordered_genes(problem.variables, levels), seed});
    std::vector<Values> found;
    for (const Judged& one : run(
             *optimiser, [&](const Genome& genome) { return problem(genome, levels); }, problem.evaluations))
        found.push_back(one.objectives);
    EXPECT_EQ(found.size(), static_cast<std::size_t>(problem.evaluations));
    return hypervolume(found, problem.reference) / problem.best;
}

class Benchmarks : public testing::TestWithParam<RealProblem (*)()> {};

TEST_P(Benchmarks, GivenTheirBudget_ThenNsga2FindsTheFrontToOnePercentOfHypervolume) {
    const RealProblem problem = GetParam()();
    const double share = share_of_best(problem, SearchMethod::nsga2, 1);
    EXPECT_GT(share, 0.99) << problem.name;
    EXPECT_LT(share, 1.0 + 1e-6) << problem.name << ": more than there is";
    EXPECT_LT(share_of_best(problem, SearchMethod::random, 1), 0.9) << problem.name << ": chance finds it too";
}

INSTANTIATE_TEST_SUITE_P(Published, Benchmarks, testing::Values(zdt1, zdt2, zdt3, dtlz2),
                         [](const auto& of) { return of.param().name; });

// Eight goods of four sizes each, 65536 genomes: what they cost and what they bring.
constexpr int goods = 8;
constexpr int genomes = 65536;
constexpr double cost[goods][4] = {{0, 3, 5, 9},  {0, 2, 7, 8},  {0, 4, 5, 6}, {0, 1, 6, 11},
                                   {0, 5, 9, 10}, {0, 2, 3, 13}, {0, 3, 8, 9}, {0, 6, 7, 12}};
constexpr double gain[goods][4] = {{0, 4, 4.5, 11}, {0, 1, 9, 9.5}, {0, 2, 5, 8}, {0, 3, 4, 12},
                                   {0, 7, 8, 13},   {0, 1, 6, 14},  {0, 2, 6, 9}, {0, 5, 9, 10}};

std::vector<Gene> goods_genes(bool ordered) { return std::vector<Gene>(goods, Gene{"good", 4, ordered}); }

Judged knapsack(const Genome& genome) {
    double paid = 0.0, got = 0.0;
    for (std::size_t g = 0; g < goods; ++g) {
        paid += cost[g][genome[g]];
        got += gain[g][genome[g]];
    }
    return {genome, {paid, -got}, 0.0};
}

/// The fewer bits are set the better, but best is where all are: a trap.
Judged trap(const Genome& genome) {
    const auto set = std::count(genome.begin(), genome.end(), 1);
    const auto bits = static_cast<std::ptrdiff_t>(genome.size());
    return {genome, {static_cast<double>(set == bits ? -bits : set)}, 0.0};
}

std::vector<Values> whole_front(const std::vector<Gene>& genes, const Evaluate& evaluate) {
    OptimiserConfig config;
    config.method = SearchMethod::exhaustive;
    return front_of(run(*make_optimiser(config, {genes, 1}), evaluate, genomes));
}

TEST(ExhaustiveSearch, GivenASmallSpace_ThenItsFrontIsThatOfAllGenomesByDefinition) {
    std::vector<Values> all, expected;
    for (int number = 0; number < genomes; ++number) {
        Genome genome;
        for (int g = 0; g < goods; ++g)
            genome.push_back(number >> (2 * g) & 3);
        all.push_back(knapsack(genome).objectives);
    }
    std::set<Values> distinct(all.begin(), all.end());
    for (const Values& a : distinct)
        if (std::none_of(all.begin(), all.end(),
                         [&](const Values& b) { return b != a && b[0] <= a[0] && b[1] <= a[1]; }))
            expected.push_back(a);
    EXPECT_GT(expected.size(), 20u);
    EXPECT_EQ(whole_front(goods_genes(true), knapsack), expected);
}

int evaluations_until_found(SearchMethod method, int population, const std::vector<Gene>& genes,
                            const Evaluate& evaluate, std::uint64_t seed) {
    const std::vector<Values> wanted = whole_front(genes, evaluate);
    OptimiserConfig config;
    config.method = method;
    config.population = population;
    const auto found = [&](const std::vector<Judged>& all) { return front_of(all) == wanted; };
    const auto all = run(*make_optimiser(config, {genes, seed}), evaluate, genomes, found);
    EXPECT_EQ(front_of(all), wanted) << name_of(method);
    return static_cast<int>(all.size());
}

TEST(Optimisers, GivenAKnapsack_ThenAllOfTheFrontIsFoundLongBeforeTheLastGenome) {
    for (const bool ordered : {true, false})
        for (const std::uint64_t seed : {1, 2})
            for (const SearchMethod method : {SearchMethod::nsga2, SearchMethod::local_search})
                EXPECT_LT(evaluations_until_found(method, 100, goods_genes(ordered), knapsack, seed), genomes / 4)
                    << name_of(method) << ", seed " << seed;
}

TEST(Optimisers, GivenATrap_ThenTheyGetOutOfItBeforeTheSpaceEnds) {
    const std::vector<Gene> bits(11, Gene{"bit", 2, false});
    for (const std::uint64_t seed : {1, 2, 3})
        for (const SearchMethod method : {SearchMethod::nsga2, SearchMethod::local_search,
                                          SearchMethod::regularised_evolution, SearchMethod::random})
            EXPECT_LE(evaluations_until_found(method, 20, bits, trap, seed), 2048) << name_of(method);
}

}  // namespace
}  // namespace xloop
