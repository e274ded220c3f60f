#include "nas/sampler.hpp"

#include "nas/sandwich.hpp"

#include <gtest/gtest.h>

#include <algorithm>
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

TEST(RandomSampler, GivenNothingEvaluated_ThenItNamesTheSampleAtOnce_AndAfterwardsNothing) {
    const NetworkSpec space = small_space();
    const Sampler sampler = random_sampler(space, 5, 3);
    EXPECT_EQ(sampler({}), sample_paths(space, 5, 3));
    EXPECT_TRUE(sampler(std::vector<SubnetRecord>(5)).empty());
}

}  // namespace
}  // namespace xloop
