#include "systemc_model/crossbar/reads/noise_table.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace xloop {
namespace {

constexpr int fraction_bits = 20;
constexpr double sigma_lsb = 0.25;
constexpr double sigma = sigma_lsb * (1 << fraction_bits);

std::uint64_t address(int j) { return static_cast<std::uint64_t>(j) << 16; }

const KeyedRandom& chip() {
    static const KeyedRandom random(1, RandomUse::adc_noise);
    return random;
}

/// Held, since only the table asked for last is kept for those who come later.
const NoiseTable& table() {
    static const auto kept = NoiseTable::make(sigma_lsb, fraction_bits);
    return *kept;
}

std::vector<std::int32_t> draws(const KeyedRandom& random, std::uint64_t i, std::uint64_t j, int count) {
    std::vector<std::int32_t> values(static_cast<std::size_t>(count));
    table().add(random, i, j, count, values.data());
    return values;
}

/// `count` draws at each of many addresses, in units of sigma.
std::vector<double> sample(const KeyedRandom& random, std::uint64_t first_i, int j, int addresses, int count) {
    std::vector<double> all;
    for (int a = 0; a < addresses; ++a)
        for (std::int32_t value : draws(random, first_i + static_cast<std::uint64_t>(a), address(j), count))
            all.push_back(value / sigma);
    return all;
}

double mean_product(const std::vector<double>& a, const std::vector<double>& b, std::size_t shift = 0) {
    double sum = 0.0;
    for (std::size_t k = 0; k + shift < a.size(); ++k)
        sum += a[k] * b[k + shift];
    return sum / static_cast<double>(a.size() - shift);
}

double four_sigma(std::size_t count) { return 4.0 / std::sqrt(static_cast<double>(count)); }

TEST(NoiseTable, GivenALargeSample_ThenItsMomentsAreThoseOfTheNormalDistribution) {
    const auto x = sample(chip(), 0, 0, 1 << 14, 64);
    double moments[5] = {};
    for (double v : x)
        for (int k = 1; k <= 4; ++k)
            moments[k] += std::pow(v, k) / static_cast<double>(x.size());
    // Variances of v, v^2, v^3 and v^4 of a standard normal: 1, 2, 15, 96.
    EXPECT_NEAR(moments[1], 0.0, four_sigma(x.size()));
    EXPECT_NEAR(moments[2], 1.0, four_sigma(x.size()) * std::sqrt(2.0));
    EXPECT_NEAR(moments[3], 0.0, four_sigma(x.size()) * std::sqrt(15.0));
    EXPECT_NEAR(moments[4], 3.0, four_sigma(x.size()) * std::sqrt(96.0));
}

TEST(NoiseTable, GivenALargeSample_ThenBothSignsAreEquallyLikelyAndTheTailsEnd) {
    const auto x = sample(chip(), 0, 1, 1 << 13, 64);
    const auto share = [&](double low, double high) {
        return static_cast<double>(std::count_if(x.begin(), x.end(), [&](double v) { return v > low && v < high; })) /
               static_cast<double>(x.size());
    };
    EXPECT_NEAR(share(0.0, 10.0), 0.5, 0.5 * four_sigma(x.size()));
    EXPECT_NEAR(share(1.0, 10.0), 0.158655, std::sqrt(0.1587 * 0.8413) * four_sigma(x.size()));
    EXPECT_NEAR(share(-10.0, -1.0), 0.158655, std::sqrt(0.1587 * 0.8413) * four_sigma(x.size()));
    EXPECT_NEAR(share(-10.0, -3.0), 0.00135, std::sqrt(0.00135) * four_sigma(x.size()));
    EXPECT_LT(*std::max_element(x.begin(), x.end()), 4.4);
    EXPECT_GT(*std::min_element(x.begin(), x.end()), -4.4);
}

TEST(NoiseTable, GivenCoarseSteps_ThenTheVarianceIsStillThatOfSigmaAndRounding) {
    const int few_bits = 4;
    const int count = 1 << 16;
    std::vector<std::int32_t> values(count);
    NoiseTable::make(1.0, few_bits)->add(chip(), 3, 0, count, values.data());
    double squares = 0.0;
    for (std::int32_t v : values)
        squares += static_cast<double>(v) * v / count;
    const double expected = 256.0 + 1.0 / 12.0;
    EXPECT_NEAR(squares, expected, expected * four_sigma(count) * std::sqrt(2.0));
}

TEST(NoiseTable, GivenOtherAddressesOrSeeds_ThenDrawsAreUncorrelated) {
    const int addresses = 1 << 11, count = 64;
    const auto x = sample(chip(), 0, 0, addresses, count);
    EXPECT_NEAR(mean_product(x, sample(chip(), 1, 0, addresses, count)), 0.0, four_sigma(x.size())) << "next i";
    EXPECT_NEAR(mean_product(x, sample(chip(), 0, 1, addresses, count)), 0.0, four_sigma(x.size())) << "next j";
    EXPECT_NEAR(mean_product(x, sample(chip(), std::uint64_t{1} << 32, 0, addresses, count)), 0.0, four_sigma(x.size()))
        << "upper half of i";
    EXPECT_NEAR(mean_product(x, sample(KeyedRandom(2, RandomUse::adc_noise), 0, 0, addresses, count)), 0.0,
                four_sigma(x.size()))
        << "next seed";
}

TEST(NoiseTable, GivenOneAddress_ThenItsDrawsAreUncorrelated) {
    const auto x = sample(chip(), 0, 2, 1 << 11, 64);
    for (std::size_t shift : {1, 2, 4, 7, 8, 16})
        EXPECT_NEAR(mean_product(x, x, shift), 0.0, four_sigma(x.size())) << "draws " << shift << " apart";
}

TEST(NoiseTable, GivenAnyCount_ThenTheDrawsAreABeginningOfTheSameSequence) {
    const auto all = draws(chip(), 5, address(6), 100);
    for (int count : {0, 1, 2, 7, 8, 9, 15, 16, 17, 31, 64, 99}) {
        const auto some = draws(chip(), 5, address(6), count);
        EXPECT_TRUE(std::equal(some.begin(), some.end(), all.begin())) << count;
    }
}

TEST(NoiseTable, GivenValues_ThenNoiseIsAddedToThemAndNothingBehindThemChanges) {
    const auto noise = draws(chip(), 5, address(6), 13);
    std::vector<std::int32_t> values(20, 1000);
    table().add(chip(), 5, address(6), 13, values.data());
    for (std::size_t k = 0; k < values.size(); ++k)
        EXPECT_EQ(values[k], 1000 + (k < noise.size() ? noise[k] : 0)) << k;
}

TEST(NoiseTable, GivenTheLargestCount_ThenAnotherAddressSharesNoneOfItsBlocks) {
    const int count = 1 << 16;
    const auto a = draws(chip(), 5, address(0), count), b = draws(chip(), 5, address(1), count);
    const std::vector<std::int32_t> start_of_b(b.begin(), b.begin() + 8);
    EXPECT_EQ(std::search(a.begin(), a.end(), start_of_b.begin(), start_of_b.end()), a.end());
}

// What an address means, spelt out with the generator alone: draw c of line t takes the 16 bits number c % 8 of block
// (i, j + t * 2^16 + c / 8). The unit quantile that they choose is read off a table without rounding to speak of.
double expected_unit_draw(std::uint64_t i, std::uint64_t j, int line, int c) {
    static const auto unit = [] {
        std::vector<double> quantiles(1 << 16);
        const auto erf_quantile = [](double p) {
            double low = -6.0, high = 6.0;
            for (int step = 0; step < 60; ++step) {
                const double middle = 0.5 * (low + high);
                (0.5 * std::erfc(-middle / std::sqrt(2.0)) < p ? low : high) = middle;
            }
            return 0.5 * (low + high);
        };
        double squares = 0.0;
        for (std::size_t k = 0; k < quantiles.size(); ++k) {
            quantiles[k] = erf_quantile((static_cast<double>(k) + 0.5) / static_cast<double>(quantiles.size()));
            squares += quantiles[k] * quantiles[k] / static_cast<double>(quantiles.size());
        }
        for (double& q : quantiles)
            q /= std::sqrt(squares);
        return quantiles;
    }();
    const auto block = chip().block(i, j + address(line) + static_cast<std::uint64_t>(c / 8));
    return unit[(block[static_cast<std::size_t>(c % 8 / 2)] >> (16 * (c % 2))) & 0xffffu];
}

TEST(NoiseTable, GivenManyLines_ThenEachDrawIsTheQuantileOfItsAddress) {
    const std::uint64_t i = (std::uint64_t{3} << 32) ^ 17, j = std::uint64_t{5} << 20;
    for (int lines : {1, 3, 8})
        for (int count : {1, 7, 8, 32, 77, 512, 520}) {
            const int stride = count + 3;
            std::vector<std::int32_t> values(static_cast<std::size_t>(lines * stride), 5);
            table().add(chip(), {i, j, lines, count, stride, values.data()});
            for (int t = 0; t < lines; ++t)
                for (int c = 0; c < stride; ++c) {
                    const std::int32_t value = values[static_cast<std::size_t>(t * stride + c)];
                    ASSERT_EQ(value, c < count ? 5 + std::lround(sigma * expected_unit_draw(i, j, t, c)) : 5)
                        << "line " << t << " of " << lines << ", draw " << c << " of " << count;
                }
        }
}

TEST(NoiseTable, GivenVariances_ThenEachDrawIsTheUnitQuantileTimesTheRoot) {
    const std::uint64_t i = 9, j = std::uint64_t{2} << 20;
    const int lines = 3, count = 70, stride = 80;
    std::vector<float> variance(lines * stride);
    for (std::size_t k = 0; k < variance.size(); ++k)
        variance[k] = static_cast<float>(k * k) * 1000.0f;
    std::vector<std::int32_t> values(variance.size(), -3);
    NoiseTable::add_scaled(chip(), {i, j, lines, count, stride, values.data()}, variance.data());
    for (int t = 0; t < lines; ++t)
        for (int c = 0; c < stride; ++c) {
            const auto k = static_cast<std::size_t>(t * stride + c);
            const auto z = static_cast<float>(expected_unit_draw(i, j, t, c));
            const float added = c < count ? std::rint(z * std::sqrt(variance[k])) : 0.0f;
            ASSERT_EQ(values[k], -3 + static_cast<std::int32_t>(added)) << "line " << t << ", draw " << c;
        }
    std::vector<std::int32_t> one(values.size(), -3);
    NoiseTable::add_scaled(chip(), i, j + address(1), count, variance.data() + stride, one.data());
    EXPECT_TRUE(std::equal(one.begin(), one.begin() + count, values.begin() + stride)) << "one line alone";
}

TEST(NoiseTable, GivenNoSigma_ThenNothingIsAdded) {
    std::vector<std::int32_t> values(64, 7);
    NoiseTable::make(0.0, fraction_bits)->add(chip(), 1, 0, 64, values.data());
    EXPECT_EQ(values, std::vector<std::int32_t>(64, 7));
}

// Training programs arrays one by one; each used to build the table of 65,536 quantiles again.
TEST(NoiseTable, GivenNobodyHoldsATable_ThenTheLatestIsStillThere) {
    const NoiseTable* first = NoiseTable::make(0.375, 12).get();
    EXPECT_EQ(NoiseTable::make(0.375, 12).get(), first);
    EXPECT_EQ(NoiseTable::make(0.375, 12).use_count(), 2) << "one of them is kept";
}

TEST(NoiseTable, GivenEqualParameters_ThenTheTableIsShared) {
    const auto first = NoiseTable::make(0.5, fraction_bits);
    EXPECT_EQ(first, NoiseTable::make(0.5, fraction_bits));
    EXPECT_NE(first, NoiseTable::make(0.5, fraction_bits - 1));
    EXPECT_NE(first, NoiseTable::make(0.25, fraction_bits));
}

TEST(NoiseTable, GivenATableMadeAgain_ThenItsDrawsAreTheSame) {
    std::vector<std::int32_t> first(32), second(32);
    NoiseTable::make(0.75, fraction_bits)->add(chip(), 1, 0, 32, first.data());
    NoiseTable::make(0.75, fraction_bits)->add(chip(), 1, 0, 32, second.data());
    EXPECT_EQ(first, second);
}

}  // namespace
}  // namespace xloop
