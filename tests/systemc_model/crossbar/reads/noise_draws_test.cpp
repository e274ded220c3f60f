#include "systemc_model/crossbar/reads/noise_draws.hpp"

#include "core/error.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <vector>

namespace xloop {
namespace {

constexpr int panel = NoiseDraws::panel;
constexpr ars::Block key = {0x243f6a8885a308d3, 0x13198a2e03707344};

/// What a draw may be, from the definition: quantiles are the means of 64 equally likely parts of the half-normal
/// distribution, 127 for 2.83 sigma, to which the mean of the last part, 2.75, is raised.
std::array<int, 128> expected_quantiles() {
    constexpr int parts = 64;
    const auto density = [](double x) { return std::exp(-0.5 * x * x) / std::sqrt(2.0 * std::acos(-1.0)); };
    const auto edge = [](int part) {  // bisection on the distribution function
        double low = 0.0, high = 8.0;
        for (int step = 0; step < 60; ++step) {
            const double middle = 0.5 * (low + high);
            (std::erf(middle / std::sqrt(2.0)) * parts < part ? low : high) = middle;
        }
        return 0.5 * (low + high);
    };
    std::array<int, 2 * parts> quantiles{};
    for (int k = 0; k < parts; ++k) {
        const double mean = k + 1 == parts ? 2.83 : 2 * parts * (density(edge(k)) - density(edge(k + 1)));
        const auto index = static_cast<std::size_t>(k);
        quantiles[index] = static_cast<int>(std::lround(127.0 * mean / 2.83));
        quantiles[index + parts] = -quantiles[index];
    }
    return quantiles;
}

int expected_draw(unsigned word) {
    static const std::array<int, 128> quantiles = expected_quantiles();
    return 128 * quantiles[word & 127u] + 127 * quantiles[word >> 8 & 127u];
}

/// The word of a conversion, by the generator alone.
unsigned word_of(const NoiseAddress& address, int digit, int conversion) {
    const int of_panel = conversion % panel, word = 2 * (of_panel % 16) + of_panel / 16;
    const std::uint64_t block_number = static_cast<std::uint64_t>(conversion / panel * 4 + word / 8);
    const ars::Block block = ars::block(
        {address.image, address.vector | static_cast<std::uint64_t>(digit) << 16 | block_number}, ars::keys(key));
    return static_cast<unsigned>(block[static_cast<std::size_t>(word % 8 / 4)] >> (word % 4 * 16)) & 0xffffu;
}

std::vector<std::int32_t> lines(const NoiseDraws& noise, const NoiseAddress& address, int digits, int conversions) {
    std::vector<std::int32_t> values(static_cast<std::size_t>(digits * conversions));
    noise.add(address, digits, conversions, conversions, values.data());
    return values;
}

TEST(NoiseDraws, GivenAnyInstructionSet_ThenDrawsAreThoseOfTheDefinition) {
    const ars::Keys keys = ars::keys(key);
    const NoiseAddress first = {7, std::uint64_t{5} << 20 | 8};  // of panel 2
    const std::uint64_t step = std::uint64_t{3} << 20;
    for (const NoiseScale scale : {NoiseScale{}, {1, 0}, {8192, 0}, {32767, 0}, {20000, 1}, {32766, 16}})
        for (int digits : {1, 3, 8})
            for (NoiseIsa isa : available_noise_isas()) {
                const int vectors = 5;
                std::vector<std::int32_t> values(static_cast<std::size_t>(vectors * digits * panel) + 1, 77);
                draw_noise({&keys, first, step, vectors, digits, scale, values.data()}, isa);
                for (int v = 0; v < vectors; ++v)
                    for (int t = 0; t < digits; ++t)
                        for (int c = 0; c < panel; ++c) {
                            const NoiseAddress address = {7, (5 + 3 * static_cast<std::uint64_t>(v)) << 20};
                            const int draw = expected_draw(word_of(address, t, 2 * panel + c));
                            const double scaled = std::floor(draw * (scale.factor / 32768.0) + 0.5);
                            ASSERT_EQ(values[static_cast<std::size_t>((v * digits + t) * panel + c)],
                                      scale.factor == 0 ? draw : std::ldexp(scaled, scale.shift))
                                << "instruction set " << static_cast<int>(isa) << ", vector " << v << ", digit " << t
                                << ", conversion " << c;
                        }
                EXPECT_EQ(values.back(), 77) << "nothing behind them changes";
            }
}

/// All draws that there are, each as likely as any other, over their standard deviation.
std::vector<double> all_draws() {
    std::vector<double> draws;
    for (unsigned word = 0; word < 1u << 15; ++word)
        if ((word & 128u) == 0)
            draws.push_back(expected_draw(word) / NoiseDraws::unit);
    std::sort(draws.begin(), draws.end());
    return draws;
}

double normal_distribution(double x) { return 0.5 * std::erfc(-x / std::sqrt(2.0)); }

/// The largest distance of the distribution function of sorted values from the normal one.
double distance_from_normal(const std::vector<double>& sorted) {
    double distance = 0.0;
    const auto count = static_cast<double>(sorted.size());
    for (std::size_t k = 0; k < sorted.size(); ++k) {
        const double p = normal_distribution(sorted[k]), below = static_cast<double>(k) / count;
        distance = std::max({distance, std::abs(p - below), std::abs(p - below - 1.0 / count)});
    }
    return distance;
}

double mean_power(const std::vector<double>& values, int power) {
    double sum = 0.0;
    for (double x : values)
        sum += std::pow(x, power);
    return sum / static_cast<double>(values.size());
}

TEST(NoiseDraws, GivenAllDraws_ThenTheirDistributionIsTheNormalOneWithinTheBoundsOfTheDocumentation) {
    const std::vector<double> x = all_draws();
    ASSERT_EQ(x.size(), 1u << 14);
    EXPECT_NEAR(mean_power(x, 1), 0.0, 1e-15);
    EXPECT_NEAR(mean_power(x, 2), 1.0, 1e-12);
    EXPECT_NEAR(mean_power(x, 3), 0.0, 1e-12);
    EXPECT_NEAR(mean_power(x, 4), 3.0, 0.0025);
    EXPECT_NEAR(mean_power(x, 6), 15.0, 0.15);
    EXPECT_LT(distance_from_normal(x), 1.4e-3);
    EXPECT_EQ(x.back() * NoiseDraws::unit, NoiseDraws::largest);
    EXPECT_NEAR(x.back(), 3.997, 0.001);
    const auto beyond = [&](double sigmas) {
        const auto above = x.end() - std::upper_bound(x.begin(), x.end(), sigmas);
        return static_cast<double>(above) / static_cast<double>(x.size()) / normal_distribution(-sigmas);
    };
    EXPECT_NEAR(beyond(1.0), 1.0, 0.005);
    EXPECT_NEAR(beyond(2.0), 1.0, 0.005);
    EXPECT_NEAR(beyond(3.0), 1.0, 0.01);
    EXPECT_NEAR(beyond(3.5), 0.79, 0.01);
}

/// Draws of 64 conversions and 8 digits at each of many addresses, over sigma.
std::vector<double> sample(const NoiseDraws& noise, double sigma, std::uint64_t image, int vectors) {
    std::vector<double> all;
    for (int v = 0; v < vectors; ++v)
        for (std::int32_t value : lines(noise, {image, static_cast<std::uint64_t>(v) << 20}, 8, 64))
            all.push_back(value / sigma);
    return all;
}

constexpr double sigma = 1024.0;
const NoiseDraws& chip() {
    static const NoiseDraws noise(key, sigma);
    return noise;
}

double four_sigma(std::size_t count) { return 4.0 / std::sqrt(static_cast<double>(count)); }

TEST(NoiseDraws, GivenALargeSample_ThenItsMomentsAndDistributionAreThoseOfTheNormalDistribution) {
    std::vector<double> x = sample(chip(), sigma, 0, 4000);
    // Variances of v, v^2, v^3 and v^4 of a standard normal: 1, 2, 15, 96.
    EXPECT_NEAR(mean_power(x, 1), 0.0, four_sigma(x.size()));
    EXPECT_NEAR(mean_power(x, 2), 1.0, four_sigma(x.size()) * std::sqrt(2.0));
    EXPECT_NEAR(mean_power(x, 3), 0.0, four_sigma(x.size()) * std::sqrt(15.0));
    EXPECT_NEAR(mean_power(x, 4), 3.0, 0.0025 + four_sigma(x.size()) * std::sqrt(96.0));
    std::sort(x.begin(), x.end());
    // Kolmogorov's distance of that many draws is above 1.95 / sqrt(count) once in a thousand times.
    EXPECT_LT(distance_from_normal(x), 1.4e-3 + 0.5 * four_sigma(x.size()));
}

double correlation(const std::vector<double>& a, const std::vector<double>& b, std::size_t shift = 0) {
    double sum = 0.0;
    for (std::size_t k = 0; k + shift < a.size(); ++k)
        sum += a[k] * b[k + shift];
    return sum / static_cast<double>(a.size() - shift);
}

TEST(NoiseDraws, GivenOtherAddressesOrKeys_ThenDrawsAreUncorrelated) {
    const int vectors = 256;
    const auto x = sample(chip(), sigma, 0, vectors);
    const auto expect_uncorrelated = [&](const std::vector<double>& other, const char* what) {
        EXPECT_NEAR(correlation(x, other), 0.0, four_sigma(x.size())) << what;
    };
    expect_uncorrelated(sample(chip(), sigma, 1, vectors), "next image");
    expect_uncorrelated(sample(chip(), sigma, std::uint64_t{1} << 32, vectors), "image of a large number");
    expect_uncorrelated(sample(NoiseDraws({key[0] + 1, key[1]}, sigma), sigma, 0, vectors), "next key");
    expect_uncorrelated(sample(NoiseDraws({key[1], key[0]}, sigma), sigma, 0, vectors), "halves of the key exchanged");
}

TEST(NoiseDraws, GivenNeighboursInAnyDirection_ThenTheyAndTheirSquaresAreUncorrelated) {
    const auto x = sample(chip(), sigma, 3, 512);
    std::vector<double> squares(x.size());
    std::transform(x.begin(), x.end(), squares.begin(), [](double v) { return (v * v - 1.0) / std::sqrt(2.0); });
    // Conversions, blocks, panels, digits and vectors apart.
    for (std::size_t shift : {1, 2, 3, 4, 8, 15, 16, 17, 32, 64, 128, 512, 1024}) {
        EXPECT_NEAR(correlation(x, x, shift), 0.0, four_sigma(x.size())) << shift << " apart";
        EXPECT_NEAR(correlation(squares, squares, shift), 0.0, four_sigma(x.size())) << "squares " << shift << " apart";
    }
}

TEST(NoiseDraws, GivenAnyNumberOfConversionsOrVectors_ThenADrawDependsOnItsAddressOnly) {
    const NoiseAddress address = {5, std::uint64_t{6} << 20};
    const auto all = lines(chip(), address, 8, 100);
    for (int conversions : {1, 2, 15, 16, 17, 31, 32, 33, 64, 99})
        for (int digits : {1, 5}) {
            const int stride = conversions + 3;
            std::vector<std::int32_t> some(static_cast<std::size_t>(digits * stride), 1000);
            chip().add(address, digits, conversions, stride, some.data());
            for (int t = 0; t < digits; ++t)
                for (int c = 0; c < stride; ++c)
                    ASSERT_EQ(some[static_cast<std::size_t>(t * stride + c)],
                              1000 + (c < conversions ? all[static_cast<std::size_t>(t * 100 + c)] : 0))
                        << conversions << " conversions, digit " << t << ", conversion " << c;
        }
    std::vector<std::int32_t> together(3 * 8 * panel), alone(8 * panel);
    const std::uint64_t step = std::uint64_t{2} << 20;
    chip().scaled(address, step, 3, 1, 8, together.data());
    for (std::uint64_t v = 0; v < 3; ++v) {
        chip().scaled({address.image, address.vector + v * step}, 0, 1, 1, 8, alone.data());
        EXPECT_TRUE(
            std::equal(alone.begin(), alone.end(), together.begin() + static_cast<std::ptrdiff_t>(v * 8 * panel)));
    }
}

TEST(NoiseDraws, GivenAnySigma_ThenTheVarianceIsThatOfSigmaAndRounding) {
    for (double wanted : {0.5, 4.0, 16.0, 1000.0, 8100.0, 8200.0, 1e5, 2e8}) {
        std::vector<double> x = sample(NoiseDraws(key, wanted), 1.0, 2, 200);
        const double step = std::max(1.0, std::exp2(std::ceil(std::log2(wanted / 8102.0))));
        // Sigma itself is rounded to quarters of a step.
        const double expected = wanted * wanted + step * step / 12.0, off = 2.0 * wanted * step / 8.0;
        EXPECT_NEAR(mean_power(x, 2), expected, off + expected * four_sigma(x.size()) * std::sqrt(2.0)) << wanted;
    }
    EXPECT_THROW(NoiseDraws(key, 1e9), Error);
    EXPECT_EQ(lines(NoiseDraws(key, 0.0), {}, 8, 64), std::vector<std::int32_t>(8 * 64, 0));
}

TEST(NoiseDraws, GivenVariances_ThenEachDrawIsTheUnitDrawTimesTheRoot) {
    const NoiseAddress address = {9, std::uint64_t{2} << 20};
    const int digits = 3, conversions = 70, stride = 80;
    std::vector<float> variance(digits * stride);
    for (std::size_t k = 0; k < variance.size(); ++k)
        variance[k] = static_cast<float>(k * k) * 1000.0f;
    std::vector<std::int32_t> values(variance.size(), -3);
    NoiseDraws(key, 0.0).add_of_variance(address, digits, conversions, stride, variance.data(), values.data());
    for (int t = 0; t < digits; ++t)
        for (int c = 0; c < stride; ++c) {
            const auto k = static_cast<std::size_t>(t * stride + c);
            const float z =
                static_cast<float>(expected_draw(word_of(address, t, c))) * static_cast<float>(1.0 / NoiseDraws::unit);
            const float added = c < conversions ? std::rint(z * std::sqrt(variance[k])) : 0.0f;
            ASSERT_EQ(values[k], -3 + static_cast<std::int32_t>(added)) << "digit " << t << ", conversion " << c;
        }
}

TEST(NoiseDraws, GivenThisProcessor_ThenThereIsAGeneratorForIt) {
    EXPECT_TRUE(available(NoiseIsa::portable));
    EXPECT_EQ(available_noise_isas().front(), NoiseIsa::portable);
}

}  // namespace
}  // namespace xloop
