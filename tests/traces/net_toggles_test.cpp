#include "traces/net_toggles.hpp"

#include <gtest/gtest.h>

#include <random>

namespace xloop::trace {
namespace {

std::vector<BitActivity> bit_by_bit(const std::vector<std::int32_t>& values, std::uint32_t previous, const Pattern& pattern, int width) {
    std::vector<BitActivity> bits(static_cast<std::size_t>(width));
    for (std::size_t i = 0; i + 1 < values.size(); ++i) {
        const auto value = static_cast<std::uint32_t>(values[i]);
        for (int b = 0; b < width; ++b) {
            BitActivity& bit = bits[static_cast<std::size_t>(b)];
            bit.tc += (value >> b & 1) != (previous >> b & 1);
            bit.t1 += (value >> b & 1) * (pattern.offsets[i + 1] - pattern.offsets[i]);
        }
        previous = value;
    }
    return bits;
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
            std::vector<BitActivity> bits(static_cast<std::size_t>(width) + 1);
            add_burst(values.data(), count, previous, regular, width, bits.data());
            const std::vector<BitActivity> expected = bit_by_bit(values, previous, pattern, width);
            for (std::size_t b = 0; b < expected.size(); ++b) {
                ASSERT_EQ(bits[b].t1, expected[b].t1) << "bit " << b << " of " << width << ", " << count << " items";
                ASSERT_EQ(bits[b].tc, expected[b].tc) << "bit " << b << " of " << width << ", " << count << " items";
            }
            EXPECT_EQ(bits.back().t1 + bits.back().tc, 0u) << "a bit beyond the width";
        }
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
