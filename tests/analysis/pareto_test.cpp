#include "analysis/pareto.hpp"

#include "core/random.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>

namespace xloop {
namespace {

using Values = std::vector<double>;

/// Accuracy and EDAP.
const std::vector<Direction> two = {Direction::maximise, Direction::minimise};
const std::vector<Direction> three = {Direction::minimise, Direction::maximise, Direction::minimise};

/// By definition: no other dominates it, and no earlier one is its equal.
bool belongs_to_front(const std::vector<Direction>& directions, const std::vector<Values>& all, std::size_t i) {
    for (std::size_t k = 0; k < all.size(); ++k)
        if (dominates(directions, all[k], all[i]) || (k < i && all[k] == all[i]))
            return false;
    return true;
}

/// Coarse steps, so that ties and duplicates are many.
std::vector<Values> random_candidates(std::size_t objectives, int count, std::uint64_t steps, std::uint64_t seed) {
    const KeyedRandom random(seed, RandomUse::random_images);
    std::vector<Values> all;
    for (std::uint64_t i = 0; i < static_cast<std::uint64_t>(count); ++i) {
        all.emplace_back();
        for (std::uint64_t k = 0; k < objectives; ++k)
            all.back().push_back(static_cast<double>(random.below(steps, i, k)) / static_cast<double>(steps));
    }
    return all;
}

TEST(Dominates, GivenTwoCandidates_ThenBetterInOneAndNoWorseInTheOthersDecides) {
    const Values base{0.5, 2.0};
    EXPECT_TRUE(dominates(two, {0.6, 1.0}, base));
    EXPECT_TRUE(dominates(two, {0.6, 2.0}, base));
    EXPECT_TRUE(dominates(two, {0.5, 1.0}, base));
    EXPECT_FALSE(dominates(two, base, base));
    EXPECT_FALSE(dominates(two, {0.6, 3.0}, base));
    EXPECT_FALSE(dominates(two, {0.4, 1.0}, base));
    EXPECT_FALSE(dominates(two, {0.4, 3.0}, base));
    EXPECT_TRUE(dominates(three, {1.0, 0.6, 3.0}, {1.0, 0.5, 3.0}));
    EXPECT_FALSE(dominates(three, {1.0, 0.6, 3.1}, {1.0, 0.5, 3.0}));
}

TEST(Dominates, GivenRandomCandidates_ThenItIsAStrictPartialOrder) {
    for (const auto& directions : {two, three}) {
        const auto all = random_candidates(directions.size(), 40, 6, 9);
        for (const Values& a : all)
            for (const Values& b : all) {
                EXPECT_FALSE(dominates(directions, a, b) && dominates(directions, b, a));
                for (const Values& c : all)
                    EXPECT_TRUE(!dominates(directions, a, b) || !dominates(directions, b, c) ||
                                dominates(directions, a, c));
            }
    }
}

TEST(ParetoFront, GivenRandomCandidates_ThenItIsExactlyTheNonDominatedOnes) {
    for (const auto& directions : {std::vector<Direction>{Direction::minimise}, two, three})
        for (std::uint64_t seed = 0; seed < 200; ++seed) {
            const std::uint64_t steps = seed % 2 ? 8 : 1000000;
            const auto all = random_candidates(directions.size(), static_cast<int>(seed % 60), steps, seed);
            auto front = pareto_front(directions, all);
            std::sort(front.begin(), front.end());
            std::vector<int> expected;
            for (std::size_t i = 0; i < all.size(); ++i)
                if (belongs_to_front(directions, all, i))
                    expected.push_back(static_cast<int>(i));
            EXPECT_EQ(front, expected) << directions.size() << " objectives, seed " << seed;
        }
}

TEST(ParetoFront, GivenTwoObjectives_ThenBothGetWorseAndBetterAlongIt) {
    for (std::uint64_t seed = 0; seed < 50; ++seed) {
        const auto all = random_candidates(2, 60, seed % 2 ? 12 : 1000000, seed);
        const auto front = pareto_front(two, all);
        ASSERT_FALSE(front.empty());
        for (std::size_t k = 1; k < front.size(); ++k) {
            EXPECT_GT(all[front[k - 1]][0], all[front[k]][0]);
            EXPECT_GT(all[front[k - 1]][1], all[front[k]][1]);
        }
    }
}

TEST(ParetoFront, GivenThreeObjectives_ThenItIsOrderedByTheFirstThenTheSecond) {
    EXPECT_EQ(pareto_front(three, {{2, 1, 0}, {1, 5, 9}, {1, 7, 9.5}, {3, 9, 0}, {3, 8, 1}}),
              (std::vector<int>{2, 1, 0, 3}));
}

TEST(ParetoFront, GivenOneObjective_ThenItIsTheFirstOfTheBest) {
    EXPECT_EQ(pareto_front({Direction::minimise}, {{3}, {1}, {2}, {1}}), std::vector<int>{1});
    EXPECT_EQ(pareto_front({Direction::maximise}, {{3}, {1}, {3}, {1}}), std::vector<int>{0});
}

TEST(ParetoFront, GivenDuplicates_ThenTheFirstIsKept) {
    EXPECT_EQ(pareto_front(two, {{0.1, 9.0}, {0.5, 2.0}, {0.5, 2.0}, {0.9, 5.0}, {0.9, 5.0}}),
              (std::vector<int>{3, 1}));
    EXPECT_EQ(pareto_front(two, {{0.5, 2.0}, {0.5, 2.0}, {0.5, 2.0}}), std::vector<int>{0});
}

TEST(ParetoFront, GivenNoneOrOne_ThenItIsThat) {
    EXPECT_TRUE(pareto_front(two, {}).empty());
    EXPECT_EQ(pareto_front(two, {{0.0, 1.0}}), std::vector<int>{0});
}

TEST(NonDominatedRanks, GivenRandomCandidates_ThenEachRankIsTheFrontOfWhatTheLowerOnesLeave) {
    for (const auto& directions : {std::vector<Direction>{Direction::maximise}, two, three})
        for (std::uint64_t seed = 0; seed < 100; ++seed) {
            const auto all =
                random_candidates(directions.size(), static_cast<int>(seed % 60), seed % 2 ? 6 : 1000000, seed);
            const auto ranks = non_dominated_ranks(directions, all);
            for (std::size_t i = 0; i < all.size(); ++i) {
                // One more than the highest rank among those that dominate it.
                int expected = 0;
                for (std::size_t k = 0; k < all.size(); ++k)
                    if (dominates(directions, all[k], all[i]))
                        expected = std::max(expected, ranks[k] + 1);
                EXPECT_EQ(ranks[i], expected) << directions.size() << " objectives, seed " << seed;
            }
        }
    EXPECT_TRUE(non_dominated_ranks(two, {}).empty());
}

TEST(CrowdingDistances, GivenAFront_ThenTheyAreTheHandCount) {
    const auto distances = crowding_distances({{0, 10}, {6, 2}, {1, 7}, {10, 0}});
    EXPECT_TRUE(std::isinf(distances[0]) && std::isinf(distances[3]));
    EXPECT_DOUBLE_EQ(distances[1], (10.0 - 1.0) / 10.0 + (7.0 - 0.0) / 10.0);
    EXPECT_DOUBLE_EQ(distances[2], (6.0 - 0.0) / 10.0 + (10.0 - 2.0) / 10.0);
    EXPECT_EQ(crowding_distances({{1, 5}, {1, 5}, {1, 5}})[1], 0.0) << "no range";
    EXPECT_TRUE(crowding_distances({}).empty());
}

TEST(SpreadChoice, GivenALongFront_ThenBothEndsAreInItAndMembersAreEvenlySpread) {
    std::vector<int> front;
    for (int i = 0; i < 11; ++i)
        front.push_back(100 - i);
    EXPECT_EQ(spread_choice(front, 2), (std::vector<int>{100, 90}));
    EXPECT_EQ(spread_choice(front, 3), (std::vector<int>{100, 95, 90}));
    EXPECT_EQ(spread_choice(front, 6), (std::vector<int>{100, 98, 96, 94, 92, 90}));
}

TEST(SpreadChoice, GivenAnySizes_ThenMembersAreDistinctInOrderAndIncludeTheEnds) {
    for (int size = 1; size < 30; ++size) {
        std::vector<int> front;
        for (int i = 0; i < size; ++i)
            front.push_back(3 * i);
        for (int count = 2; count < 35; ++count) {
            const auto chosen = spread_choice(front, count);
            ASSERT_EQ(static_cast<int>(chosen.size()), std::min(size, count));
            EXPECT_EQ(chosen.front(), front.front());
            EXPECT_EQ(chosen.back(), front.back());
            EXPECT_EQ(std::adjacent_find(chosen.begin(), chosen.end(), std::greater_equal<>()), chosen.end());
            EXPECT_TRUE(std::includes(front.begin(), front.end(), chosen.begin(), chosen.end()));
        }
    }
}

TEST(SpreadChoice, GivenOneToChoose_ThenItIsTheMostRobust) {
    EXPECT_EQ(spread_choice({7, 3, 5}, 1), std::vector<int>{7});
    EXPECT_TRUE(spread_choice({}, 2).empty());
}

}  // namespace
}  // namespace xloop
