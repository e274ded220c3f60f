#include "nas/hypervolume.hpp"

#include "core/random.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <set>

namespace xloop {
namespace {

using Values = std::vector<double>;

/// In [0, 1), coarse where `steps` is small, so that ties and duplicates are many.
std::vector<Values> random_points(std::size_t objectives, std::size_t count, std::uint64_t steps, std::uint64_t seed) {
    const KeyedRandom random(seed, RandomUse::random_images);
    std::vector<Values> all(count, Values(objectives));
    for (std::size_t i = 0; i < count; ++i)
        for (std::size_t k = 0; k < objectives; ++k)
            all[i][k] = static_cast<double>(random.below(steps, i, k)) / static_cast<double>(steps);
    return all;
}

/// The union of boxes by inclusion and exclusion of all their intersections.
double by_inclusion_and_exclusion(const std::vector<Values>& points, const Values& reference) {
    double sum = 0.0;
    for (std::uint32_t subset = 1; subset < 1u << points.size(); ++subset) {
        Values corner(reference.size(), -1e300);
        for (std::size_t i = 0; i < points.size(); ++i)
            for (std::size_t k = 0; (subset >> i & 1) && k < corner.size(); ++k)
                corner[k] = std::max(corner[k], points[i][k]);
        double volume = 1.0;
        for (std::size_t k = 0; k < corner.size(); ++k)
            volume *= std::max(0.0, reference[k] - corner[k]);
        sum += __builtin_popcount(subset) % 2 ? volume : -volume;
    }
    return sum;
}

// Copy me: a fast method against a slow one that cannot be wrong.
TEST(Hypervolume, GivenFewPoints_ThenItIsTheUnionOfTheirBoxes) {
    for (std::size_t objectives = 1; objectives <= 6; ++objectives)
        for (std::uint64_t seed = 0; seed < 40; ++seed) {
            const auto points = random_points(objectives, 1 + seed % 10, seed % 2 ? 5 : 1000000, seed);
            const Values reference(objectives, seed % 3 ? 1.0 : 0.7);
            EXPECT_NEAR(hypervolume(points, reference), by_inclusion_and_exclusion(points, reference), 1e-12)
                << objectives << " objectives, seed " << seed;
        }
}

TEST(Hypervolume, GivenManyPoints_ThenItIsTheShareOfRandomOnesThatTheyDominate) {
    constexpr std::size_t samples = 40000;
    for (const std::size_t objectives : {2, 3, 4, 5}) {
        const auto points = random_points(objectives, 60, 1000000, 1);
        const auto thrown = random_points(objectives, samples, 1u << 30, 2);
        std::size_t hits = 0;
        for (const Values& at : thrown)
            hits += std::any_of(points.begin(), points.end(), [&](const Values& p) {
                for (std::size_t k = 0; k < objectives; ++k)
                    if (p[k] > at[k])
                        return false;
                return true;
            });
        EXPECT_NEAR(hypervolume(points, Values(objectives, 1.0)), static_cast<double>(hits) / samples, 0.0125)
            << "five standard deviations at most";
    }
}

// On the plane x + y + z = 1 with n steps, each point adds the cubes above it that no other has: a sum in closed form.
TEST(Hypervolume, GivenASimplexOfPoints_ThenItIsTheSumInClosedForm) {
    for (const int n : {1, 2, 5, 40}) {
        std::vector<Values> points;
        for (int x = 0; x <= n; ++x)
            for (int y = 0; x + y <= n; ++y)
                points.push_back({double(x), double(y), double(n - x - y)});
        // Of the cubes of the box with sides n + 1, those below the plane, with corners x + y + z < n, are left out.
        const double left_out = n * (n + 1.0) * (n + 2.0) / 6.0;
        EXPECT_DOUBLE_EQ(hypervolume(points, Values(3, n + 1.0)), std::pow(n + 1.0, 3) - left_out);
        for (Values& p : points)
            p.push_back(0.5);
        EXPECT_NEAR(hypervolume(points, {n + 1.0, n + 1.0, n + 1.0, 2.5}), 2.0 * (std::pow(n + 1.0, 3) - left_out),
                    1e-6);
    }
}

TEST(Hypervolume, GivenPointsThatDoNotBeatTheReference_ThenTheyAddNothing) {
    EXPECT_EQ(hypervolume({}, {1.0, 1.0}), 0.0);
    EXPECT_EQ(hypervolume({{0.0, 1.0}, {2.0, -5.0}, {std::nan(""), 0.0}}, {1.0, 1.0}), 0.0);
    EXPECT_DOUBLE_EQ(hypervolume({{0.0, 1.0}, {0.5, 0.5}}, {1.0, 1.0}), 0.25);
}

TEST(Hypervolume, GivenDirections_ThenThoseToBeLargeAreTurned) {
    EXPECT_DOUBLE_EQ(hypervolume({Direction::maximise, Direction::minimise}, {{0.8, 3.0}, {0.5, 1.0}}, {0.2, 5.0}),
                     0.6 * 2.0 + 0.3 * 2.0);
}

}  // namespace
}  // namespace xloop
