#include "nas/path_schedule.hpp"

#include <gtest/gtest.h>

#include <map>
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

TEST(PathSchedule, GivenTheSandwichRule_ThenLargestAndSmallestTakeTurnsWithRandomOnes) {
    const NetworkSpec space = small_space();
    const auto path = path_schedule(space, Phase1::sandwich, 1), same = path_schedule(space, Phase1::sandwich, 1);
    std::set<std::string> random;
    for (std::uint64_t period = 0; period < 80; ++period) {
        if (period % 2 == 1)
            random.insert(space.path_text(path(period)));
        else
            EXPECT_EQ(path(period), period % 4 == 0 ? space.largest_path() : space.smallest_path());
        EXPECT_EQ(path(period), same(period));
    }
    EXPECT_GT(random.size(), 12u) << "of 24, in 40 draws";
}

TEST(PathSchedule, GivenFairness_ThenEachValueOfAChoiceIsTrainedEquallyOftenInEveryRound) {
    const NetworkSpec space = small_space();
    const auto path = path_schedule(space, Phase1::fair, 3);
    std::set<std::string> met;
    for (std::uint64_t round = 0; round < 10; ++round) {
        std::vector<std::map<int, int>> counts(4);
        for (std::uint64_t period = 6 * round; period < 6 * (round + 1); ++period) {
            met.insert(space.path_text(path(period)));
            for (std::size_t c = 0; c < 4; ++c)
                ++counts[c][path(period)[c]];
        }
        for (std::size_t c = 0; c < 4; ++c)
            for (const auto& [value, count] : counts[c])
                EXPECT_EQ(count, c == 1 ? 2 : 3) << "choice " << c << ", value " << value;
    }
    EXPECT_GT(met.size(), 16u) << "of 24, in 60 periods";
}

TEST(PathSchedule, GivenUniformSampling_ThenAllSubnetsComeAboutEquallyOften) {
    const NetworkSpec space = small_space();
    const auto path = path_schedule(space, Phase1::uniform, 1);
    std::map<std::string, int> counts;
    for (std::uint64_t period = 0; period < 2400; ++period)
        ++counts[space.path_text(path(period))];
    EXPECT_EQ(counts.size(), 24u);
    for (const auto& [text, count] : counts)
        EXPECT_NEAR(count, 100, 45) << text;
}

}  // namespace
}  // namespace xloop
