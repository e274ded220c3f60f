#include "nas/optimisers/variation.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <map>

namespace xloop {
namespace {

const KeyedRandom numbers(7, RandomUse::subnet_variation);
constexpr int fine = 100001;
constexpr std::uint64_t trials = 20000;

/// Levels that one ordered gene of `levels` ends at, over trials.
template <class Vary>
std::vector<int> outcomes(const Vary& vary) {
    std::vector<int> all;
    for (std::uint64_t trial = 0; trial < trials; ++trial) {
        Draws draws(numbers, trial);
        all.push_back(vary(draws).front());
    }
    return all;
}

template <class Condition>
double share(const std::vector<int>& all, const Condition& condition) {
    return static_cast<double>(std::count_if(all.begin(), all.end(), condition)) / static_cast<double>(all.size());
}

/// Five standard deviations of a share of so many trials.
constexpr double tolerance = 0.018;

// Far from the bounds, spreads up to 1 have probability 1/2, and up to b > 1 1 - b^-(eta + 1) / 2 (Deb and Agrawal 1995, section 3);
// every second gene is left alone.
TEST(Crossed, GivenParentsFarFromTheBounds_ThenChildrenSpreadAsPublished) {
    const std::vector<Gene> genes{{"x", fine, true}};
    constexpr int low = 48000, high = 52000, middle = 50000, half = 2000;
    for (const double eta : {2.0, 20.0}) {
        const auto all = outcomes([&](Draws& draws) { return crossed(genes, {low}, {high}, eta, draws); });
        EXPECT_NEAR(share(all, [](int x) { return x == low; }), 0.5, tolerance + 0.01);
        const auto within = [&](double spread) {
            return share(all, [&](int x) { return x != low && std::abs(x - middle) <= spread * half; });
        };
        EXPECT_NEAR(within(1.0), 0.25, tolerance);
        for (const double b : {1.05, 1.2, 2.0})
            EXPECT_NEAR(within(b), 0.5 - std::pow(b, -(eta + 1.0)) / 4.0, tolerance)
                << "eta " << eta << ", spread " << b;
        EXPECT_NEAR(share(all, [](int x) { return x > middle; }), 0.25, tolerance) << "both children as often";
    }
}

TEST(Crossed, GivenParentsAtTheBounds_ThenChildrenStayWithin) {
    const std::vector<Gene> genes{{"x", 5, true}};
    const auto all = outcomes([&](Draws& draws) { return crossed(genes, {0}, {4}, 0.0, draws); });
    for (int level = 0; level < 5; ++level)
        EXPECT_GT(share(all, [&](int x) { return x == level; }), 0.02);
    EXPECT_EQ(share(all, [](int x) { return x < 0 || x > 4; }), 0.0);
}

TEST(Crossed, GivenCategories_ThenEachIsOneOfTheParentsAsOften) {
    const std::vector<Gene> genes{{"kind", 9, false}};
    const auto all = outcomes([&](Draws& draws) { return crossed(genes, {2}, {7}, 20.0, draws); });
    EXPECT_NEAR(share(all, [](int x) { return x == 2; }), 0.5, tolerance);
    EXPECT_EQ(share(all, [](int x) { return x != 2 && x != 7; }), 0.0);
}

TEST(Crossed, GivenEqualParents_ThenTheChildIsTheSame) {
    Draws draws(numbers, 0);
    const std::vector<Gene> genes{{"x", 9, true}, {"kind", 9, false}};
    EXPECT_EQ(crossed(genes, {3, 4}, {3, 4}, 20.0, draws), (Genome{3, 4}));
}

// The step d below has probability (1 - d)^(eta + 1) / 2 of being exceeded where the bound is too far to matter, and with the room r, by
// inversion, ((1 - d)^(eta + 1) - q) / (1 - q) / 2 with q = (1 - r)^(eta + 1).
TEST(Mutated, GivenRoomOnBothSides_ThenStepsAreDistributedAsPublished) {
    const std::vector<Gene> genes{{"x", fine, true}};
    for (const double eta : {2.0, 20.0})
        for (const int start : {30000, 90000}) {
            const auto all = outcomes([&](Draws& draws) { return mutated(genes, {start}, 1.0, eta, draws); });
            const auto tail = [&](double d, double room) {
                const double q = std::pow(1.0 - room, eta + 1.0);
                return d > room ? 0.0 : (std::pow(1.0 - d, eta + 1.0) - q) / (1.0 - q) / 2.0;
            };
            for (const double d : {0.001, 0.02, 0.05, 0.2, 0.5}) {
                EXPECT_NEAR(share(all, [&](int x) { return x < start - d * fine; }), tail(d, (start + 0.5) / fine),
                            tolerance);
                EXPECT_NEAR(share(all, [&](int x) { return x > start + d * fine; }), tail(d, 1 - (start + 0.5) / fine),
                            tolerance);
            }
        }
}

TEST(Mutated, GivenFewLevels_ThenAMutationAlwaysIsOne) {
    for (const bool ordered : {true, false}) {
        const std::vector<Gene> genes{{"x", 4, ordered}};
        for (int start = 0; start < 4; ++start) {
            const auto all = outcomes([&](Draws& draws) { return mutated(genes, {start}, 1.0, 20.0, draws); });
            EXPECT_EQ(share(all, [&](int x) { return x == start || x < 0 || x > 3; }), 0.0);
            for (int other = 0; !ordered && other < 4; ++other)
                EXPECT_NEAR(share(all, [&](int x) { return x == other; }), other == start ? 0.0 : 1.0 / 3.0, tolerance);
        }
    }
}

TEST(Mutated, GivenARate_ThenSoManyGenesMutateAndThoseOfOneLevelNever) {
    const std::vector<Gene> genes{{"x", 4, true}, {"fixed", 1, true}, {"kind", 4, false}, {"none", 1, false}};
    std::map<std::size_t, int> changed;
    for (std::uint64_t trial = 0; trial < trials; ++trial) {
        Draws draws(numbers, trial);
        const Genome genome = mutated(genes, {1, 0, 1, 0}, 0.3, 20.0, draws);
        for (std::size_t g = 0; g < 4; ++g)
            changed[g] += genome[g] != (g % 2 == 0 ? 1 : 0);
    }
    EXPECT_NEAR(changed[0] / double{trials}, 0.3, tolerance);
    EXPECT_NEAR(changed[2] / double{trials}, 0.3, tolerance);
    EXPECT_EQ(changed[1] + changed[3], 0);
}

TEST(Neighbours, GivenOrderedGenesAndCategories_ThenOneGeneDiffersByALevelOrInAnyWay) {
    EXPECT_EQ(neighbours({{"width", 4, true}, {"kind", 3, false}, {"fixed", 1, true}}, {0, 1, 0}),
              (std::vector<Genome>{{1, 1, 0}, {0, 0, 0}, {0, 2, 0}}));
    EXPECT_EQ(neighbours({{"width", 4, true}}, {2}), (std::vector<Genome>{{1}, {3}}));
}

TEST(GenomeCount, GivenSpacesOfAnySize_ThenNumbersAndGenomesBelongTogether) {
    const std::vector<Gene> genes{{"a", 2, true}, {"b", 3, true}, {"c", 5, true}};
    EXPECT_EQ(genome_count(genes), 30u);
    EXPECT_EQ(genome_at(genes, 29), (Genome{1, 2, 4}));
    EXPECT_EQ(genome_at(genes, 7), (Genome{0, 1, 2}));
    EXPECT_EQ(genome_count(std::vector<Gene>(100, Gene{"x", 9, true})), std::uint64_t{1} << 62);
}

}  // namespace
}  // namespace xloop
