#include "systemc_model/mapping/expected_reads.hpp"
#include "systemc_model/mapping/map_network.hpp"
#include "tests/support.hpp"

#include <gtest/gtest.h>

namespace xloop {
namespace {

/// 3 and 5 rows, driven two at once: one group of two rows and one of one; two of two and one of one.
constexpr const char* two_layers = R"(
name: two
input: {channels: 3, height: 1, width: 4}
layers:
  - {name: a, type: conv, out_channels: 5, kernel: 1, activation: relu}
  - {name: b, type: conv, out_channels: 2, kernel: 1}
)";

MappedNetwork mapped(bool skips) {
    HardwareConfig hw;
    hw.crossbar.rows_per_read = 2;
    hw.crossbar.skip_zero_reads = skips;
    return map_network(test::random_graph(two_layers), hw);
}

TEST(ExpectedReads, GivenRandomBits_ThenAReadIsMadeUnlessAllItsRowsAreZero) {
    MappedNetwork network = mapped(true);
    EXPECT_TRUE(skips_reads(network));
    const MadeReads made = expected_reads(network, 10, 0.5, {-1, 0.1});
    // 40 vectors of 8 digits.
    const std::vector<std::uint64_t> a = {320 * 3 / 4, 320 / 2}, b = {61, 61, 32};  // 320 (1 - 0.81) = 60.8
    EXPECT_EQ(made.find(0, 0)->blocks[0], a);
    EXPECT_EQ(made.find(1, 0)->blocks[0], b);
    EXPECT_EQ(made.find(0, 0)->steps.begin()->second, a[0] + a[1]);
    EXPECT_EQ(made.find(1, 0)->steps.begin()->second, 61u + 61 + 32);
    // Each vector takes the time of one read at least.
    EXPECT_EQ(expected_reads(network, 10, 0.0).find(0, 0)->steps.begin()->second, 40u);

    network.reads = std::make_shared<const MadeReads>(made);
    const std::vector<double> factors = drives_left_out(network);
    EXPECT_DOUBLE_EQ(factors[0], 320.0 * 3 / (240 * 2 + 160));
    EXPECT_DOUBLE_EQ(factors[1], 320.0 * 5 / (61 * 4 + 32));
}

TEST(ExpectedReads, GivenNoLayerThatLeavesReadsOut_ThenAllAreMade) {
    const MappedNetwork network = mapped(false);
    EXPECT_FALSE(skips_reads(network));
    EXPECT_EQ(expected_reads(network, 10, 0.5).find(0, 0), nullptr);
}

TEST(MadeReads, GivenShares_ThenTheyAddUpToTheWhole) {
    std::uint64_t sum = 0;
    for (std::uint64_t k = 0; k < 7; ++k)
        sum += held_by(100, k + 1, 7) - held_by(100, k, 7);
    EXPECT_EQ(sum, 100u);
    EXPECT_EQ(held_by(100, 1, 7), 14u);
    EXPECT_EQ(held_by(100, 21, 7), 300u);
}

}  // namespace
}  // namespace xloop
