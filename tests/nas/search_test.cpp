#include "nas/search.hpp"

#include "core/random.hpp"
#include "nas/sandwich.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <set>
#include <string>

namespace xloop {
namespace {

/// 2 x 3 x 2 x 2 = 24 subnets.
NetworkSpec small_space() {
    return parse_network(R"(
name: small
input: {channels: 1, height: 8, width: 8}
layers:
  - {name: a, type: conv, out_channels: [2, 4], kernel: [1, 3, 5], activation: relu}
  - {name: b, type: conv, out_channels: [3, 6], kernel: [1, 3], activation: relu}
  - {name: pool, type: avg_pool, kernel: 0}
  - {name: logits, type: linear, out_channels: 10}
)",
                         "small.yaml");
}

std::set<std::string> texts(const NetworkSpec& space, const std::vector<SubnetPath>& paths) {
    std::set<std::string> all;
    for (const SubnetPath& path : paths)
        all.insert(space.path_text(path));
    return all;
}

bool equal(const Objectives& a, const Objectives& b) {
    return a.robust_accuracy == b.robust_accuracy && a.edap == b.edap;
}

/// By definition: no other dominates it, and no earlier one is its equal.
bool belongs_to_front(const std::vector<Objectives>& all, std::size_t i) {
    for (std::size_t k = 0; k < all.size(); ++k)
        if (dominates(all[k], all[i]) || (k < i && equal(all[k], all[i])))
            return false;
    return true;
}

/// Coarse steps, so that ties and duplicates are many.
std::vector<Objectives> random_candidates(int count, std::uint64_t steps, std::uint64_t seed) {
    const KeyedRandom random(seed, RandomUse::random_images);
    std::vector<Objectives> all;
    for (std::uint64_t i = 0; i < static_cast<std::uint64_t>(count); ++i)
        all.push_back({static_cast<double>(random.below(steps, i, 0)) / static_cast<double>(steps),
                       1e-9 * static_cast<double>(1 + random.below(steps, i, 1))});
    return all;
}

TEST(SandwichPath, GivenFourPeriods_ThenLargestAndSmallestTakeTurnsWithRandomOnes) {
    const NetworkSpec space = small_space();
    std::set<std::string> random;
    for (std::uint64_t period = 0; period < 80; ++period) {
        const SubnetPath path = sandwich_path(space, 1, period);
        if (period % 2 == 1)
            random.insert(space.path_text(path));
        else
            EXPECT_EQ(path, period % 4 == 0 ? space.largest_path() : space.smallest_path());
    }
    EXPECT_GT(random.size(), 12u) << "of 24, in 40 draws";
    EXPECT_EQ(sandwich_path(space, 1, 5), sandwich_path(space, 1, 5));
}

TEST(SamplePaths, GivenALargeSpace_ThenTheSmallestAndTheLargestComeFirstAndAllAreDistinct) {
    const NetworkSpec space = small_space();
    for (int count : {2, 3, 10, 23}) {
        const auto paths = sample_paths(space, count, 1);
        ASSERT_EQ(static_cast<int>(paths.size()), count);
        EXPECT_EQ(paths[0], space.smallest_path());
        EXPECT_EQ(paths[1], space.largest_path());
        EXPECT_EQ(texts(space, paths).size(), paths.size());
    }
}

TEST(SamplePaths, GivenASeed_ThenTheSampleIsItsOwn) {
    const NetworkSpec space = small_space();
    EXPECT_EQ(sample_paths(space, 10, 1), sample_paths(space, 10, 1));
    EXPECT_NE(sample_paths(space, 10, 1), sample_paths(space, 10, 2));
}

TEST(SamplePaths, GivenASmallerCount_ThenTheSampleIsABeginningOfTheLargerOne) {
    const NetworkSpec space = small_space();
    const auto few = sample_paths(space, 5, 3), many = sample_paths(space, 15, 3);
    EXPECT_TRUE(std::equal(few.begin(), few.end(), many.begin()));
}

TEST(SamplePaths, GivenOneOrNone_ThenItIsTheSmallestOrNothing) {
    const NetworkSpec space = small_space();
    EXPECT_EQ(sample_paths(space, 1, 1), std::vector<SubnetPath>{space.smallest_path()});
    EXPECT_TRUE(sample_paths(space, 0, 1).empty());
}

TEST(SamplePaths, GivenNoMoreSubnetsThanAskedFor_ThenTheWholeSpaceComesOnce) {
    const NetworkSpec space = small_space();
    ASSERT_EQ(space.path_count(), 24u);
    for (int count : {24, 25, 1000}) {
        const auto paths = sample_paths(space, count, 1);
        EXPECT_EQ(paths.size(), 24u);
        EXPECT_EQ(texts(space, paths).size(), 24u);
    }
}

TEST(SamplePaths, GivenAnUnsearchableNetwork_ThenItIsTheOnlyOne) {
    const NetworkSpec single = parse_network(
        "name: one\ninput: {channels: 1, height: 4, width: 4}\nlayers:\n"
        "  - {name: out, type: linear, out_channels: 10}\n",
        "one.yaml");
    EXPECT_EQ(sample_paths(single, 6, 1), std::vector<SubnetPath>{single.largest_path()});
}

// Copy me: every case of a rule.
TEST(Dominates, GivenTwoCandidates_ThenBetterInOneAndNoWorseInTheOtherDecides) {
    const Objectives base{0.5, 2.0};
    EXPECT_TRUE(dominates({0.6, 1.0}, base));
    EXPECT_TRUE(dominates({0.6, 2.0}, base));
    EXPECT_TRUE(dominates({0.5, 1.0}, base));
    EXPECT_FALSE(dominates(base, base));
    EXPECT_FALSE(dominates({0.6, 3.0}, base));
    EXPECT_FALSE(dominates({0.4, 1.0}, base));
    EXPECT_FALSE(dominates({0.4, 3.0}, base));
}

TEST(Dominates, GivenRandomCandidates_ThenItIsAStrictPartialOrder) {
    const auto all = random_candidates(40, 6, 9);
    for (const Objectives& a : all)
        for (const Objectives& b : all) {
            EXPECT_FALSE(dominates(a, b) && dominates(b, a));
            for (const Objectives& c : all)
                EXPECT_TRUE(!dominates(a, b) || !dominates(b, c) || dominates(a, c));
        }
}

TEST(ParetoFront, GivenRandomCandidates_ThenItIsExactlyTheNonDominatedOnes) {
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
        const std::uint64_t steps = seed % 2 ? 8 : 1000000;
        const auto all = random_candidates(static_cast<int>(seed % 60), steps, seed);
        auto front = pareto_front(all);
        std::sort(front.begin(), front.end());
        std::vector<int> expected;
        for (std::size_t i = 0; i < all.size(); ++i)
            if (belongs_to_front(all, i))
                expected.push_back(static_cast<int>(i));
        EXPECT_EQ(front, expected) << "seed " << seed;
    }
}

TEST(ParetoFront, GivenRandomCandidates_ThenAccuracyAndEdapFallAlongIt) {
    for (std::uint64_t seed = 0; seed < 50; ++seed) {
        const auto all = random_candidates(60, seed % 2 ? 12 : 1000000, seed);
        const auto front = pareto_front(all);
        ASSERT_FALSE(front.empty());
        for (std::size_t k = 1; k < front.size(); ++k) {
            EXPECT_GT(all[front[k - 1]].robust_accuracy, all[front[k]].robust_accuracy);
            EXPECT_GT(all[front[k - 1]].edap, all[front[k]].edap);
        }
    }
}

TEST(ParetoFront, GivenDuplicates_ThenTheFirstIsKept) {
    EXPECT_EQ(pareto_front({{0.1, 9.0}, {0.5, 2.0}, {0.5, 2.0}, {0.9, 5.0}, {0.9, 5.0}}), (std::vector<int>{3, 1}));
    EXPECT_EQ(pareto_front({{0.5, 2.0}, {0.5, 2.0}, {0.5, 2.0}}), std::vector<int>{0});
}

TEST(ParetoFront, GivenNoneOrOne_ThenItIsThat) {
    EXPECT_TRUE(pareto_front({}).empty());
    EXPECT_EQ(pareto_front({{0.0, 1.0}}), std::vector<int>{0});
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
