#include "traces/saif/net_toggles.hpp"

#include <gtest/gtest.h>

#include <random>

namespace xloop::trace {
namespace {

using Sums = std::vector<std::uint64_t>;

/// Adds to time and changes of each bit.
void add_bit_by_bit(const std::vector<std::int32_t>& values, std::uint32_t previous, const Pattern& pattern, int width,
                    Sums& t1, Sums& tc) {
    for (std::size_t i = 0; i + 1 < values.size(); ++i) {
        const auto value = static_cast<std::uint32_t>(values[i]);
        for (int b = 0; b < width; ++b) {
            tc[static_cast<std::size_t>(b)] += (value >> b & 1) != (previous >> b & 1);
            t1[static_cast<std::size_t>(b)] += (value >> b & 1) * (pattern.offsets[i + 1] - pattern.offsets[i]);
        }
        previous = value;
    }
}

TEST(NetToggles, GivenRandomBursts_ThenEveryBitDoesWhatALoopOverItsValuesSays) {
    std::mt19937_64 random(5);
    for (int width = 1; width <= 32; ++width)
        for (std::size_t count : {2u, 3u, 31u, 32u, 33u, 34u, 63u, 64u, 65u, 66u, 97u, 128u, 129u, 200u}) {
            Pattern pattern{{random() % 7}};
            const std::uint64_t step = 1 + random() % 2000;
            std::vector<std::int32_t> values;
            for (std::size_t i = 0; i < count; ++i) {
                values.push_back(static_cast<std::int32_t>(random()));
                if (i > 0)
                    pattern.offsets.push_back(pattern.offsets.back() + step + (width % 3 ? random() % 2 : 0));
            }
            const RegularPattern regular(pattern);
            ASSERT_TRUE(regular.regular);
            const auto previous = static_cast<std::uint32_t>(random());
            Sums t1(40, 7), tc(40, 9), expected_t1 = t1, expected_tc = tc;  // what is beyond the width stays
            add_burst(values.data(), count, previous, regular, width, {t1.data(), tc.data()});
            add_bit_by_bit(values, previous, pattern, width, expected_t1, expected_tc);
            ASSERT_EQ(t1, expected_t1) << width << " bits, " << count << " items";
            ASSERT_EQ(tc, expected_tc) << width << " bits, " << count << " items";
        }
}

TEST(NetToggles, GivenBitsThatRiseAndFall_ThenTimeAtOneIsOpenAndClosed) {
    Sums t1(64, 0), tc(64, 0);
    const BitActivity bits{t1.data(), tc.data()};
    toggle(1ull << 63 | 1, 0, 10, 1, bits);
    toggle(2, 1, 25, 1, bits);
    toggle(0, 1ull << 63 | 2, 40, 0, bits);
    EXPECT_EQ(t1[0], 15u);
    EXPECT_EQ(t1[1], 15u);
    EXPECT_EQ(t1[63], 30u);
    EXPECT_EQ(tc[0], 2u);
    EXPECT_EQ(tc[1], 1u);
    EXPECT_EQ(tc[63], 1u);
    EXPECT_EQ(t1[2] + tc[2], 0u);
}

TEST(NetToggles, GivenIntervalsThatDifferByMoreThanOne_ThenThePatternIsNotRegular) {
    EXPECT_TRUE(RegularPattern(Pattern{{0, 10, 21, 31}}).regular);
    EXPECT_TRUE(RegularPattern(Pattern{{7, 8}}).regular);
    EXPECT_FALSE(RegularPattern(Pattern{{0, 10, 22}}).regular);
    EXPECT_FALSE(RegularPattern(Pattern{{0, 11, 21, 30}}).regular);
    EXPECT_FALSE(RegularPattern(Pattern{{3}}).regular) << "one item has no interval";
}

}  // namespace
}  // namespace xloop::trace
