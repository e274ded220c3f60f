#include "core/random.hpp"

#include "core/normal.hpp"
#include "core/philox.hpp"

#include <gtest/gtest.h>
#include <algorithm>
#include <cmath>
#include <vector>

namespace xloop {
namespace {

// Known answers published with the Random123 library (kat_vectors, philox4x32 10).
// Copy me: published values as oracle, one line for each.
TEST(Philox, GivenThePublishedVectors_ThenTheBlocksAgree) {
    using Block = philox::Counter;
    EXPECT_EQ(philox::block({0, 0, 0, 0}, {0, 0}), (Block{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
    EXPECT_EQ(philox::block({~0u, ~0u, ~0u, ~0u}, {~0u, ~0u}), (Block{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
    EXPECT_EQ(philox::block({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
              (Block{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(KeyedRandom, GivenManyNormals_ThenMeanAndVarianceAreThoseOfTheStandardNormal) {
    const KeyedRandom random(7, RandomUse::adc_noise);
    const int n = 100000;
    double sum = 0.0, squares = 0.0;
    for (int i = 0; i < n; ++i) {
        const double x = random.normal(static_cast<std::uint64_t>(i), 3);
        sum += x;
        squares += x * x;
    }
    EXPECT_NEAR(sum / n, 0.0, 4.0 / std::sqrt(n));
    EXPECT_NEAR(squares / n, 1.0, 4.0 * std::sqrt(2.0 / n));
}

TEST(KeyedRandom, GivenManyNormals_ThenTheyAreThoseOfOneAtATime_AndOfTheFormulaInTheMathLibrary) {
    const KeyedRandom random(7, RandomUse::programming_variation);
    const int n = 20000;
    std::vector<double> z(n);
    random.normals(9, 1000, n, z.data());
    for (int k = 0; k < n; ++k) {
        const auto j = static_cast<std::uint64_t>(1000 + k);
        ASSERT_EQ(z[k], random.normal(9, j));
        const auto b = random.block(9, j);
        const auto upper = [](std::uint32_t high, std::uint32_t low) {
            return static_cast<double>(((std::uint64_t{high} << 32) | low) >> 11) / 9007199254740992.0;
        };
        const double u = upper(b[1], b[0]) + 1.0 / 9007199254740992.0, v = upper(b[3], b[2]);
        ASSERT_NEAR(z[k], std::sqrt(-2.0 * std::log(u)) * std::cos(6.283185307179586476925 * v), 1e-14);
    }
}

TEST(Normal, GivenTheEdgesOfTheUnitInterval_ThenNothingIsInfinite) {
    const std::uint32_t words[] = {0, 0, 0, 0, ~0u, ~0u, 0, 0, ~0u, ~0u, 0, 0x80000000u};
    double z[3];
    normals_from_words(words, 3, z);
    EXPECT_NEAR(z[0], std::sqrt(2.0 * 53.0 * std::log(2.0)), 1e-14);  // u = 2^-53, v = 0
    EXPECT_EQ(z[1], 0.0);                                             // u = 1
    EXPECT_EQ(z[2], 0.0);
}

TEST(KeyedRandom, GivenAnotherSeedUseOrAddress_ThenTheBitsDiffer) {
    const KeyedRandom random(1, RandomUse::random_weights);
    EXPECT_EQ(random.bits(5, 6), KeyedRandom(1, RandomUse::random_weights).bits(5, 6));
    EXPECT_NE(random.bits(5, 6), KeyedRandom(2, RandomUse::random_weights).bits(5, 6));
    EXPECT_NE(random.bits(5, 6), KeyedRandom(1, RandomUse::random_images).bits(5, 6));
    EXPECT_NE(random.bits(5, 6), random.bits(6, 5));
}

TEST(KeyedRandom, GivenABound_ThenEveryValueBelowItOccursAndNoOther) {
    const KeyedRandom random(3, RandomUse::path_sampling);
    std::array<int, 5> seen{};
    for (std::uint64_t i = 0; i < 1000; ++i)
        ++seen.at(random.below(5, i));
    for (int count : seen)
        EXPECT_GT(count, 100);
}

}  // namespace
}  // namespace xloop
