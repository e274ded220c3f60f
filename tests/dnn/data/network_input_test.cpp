#include "dnn/data/network_input.hpp"
#include "core/error.hpp"
#include "dnn/data/resize.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>

namespace xloop {
namespace {

using Pixels = std::vector<std::uint8_t>;
using Samples = std::vector<float>;

ImageSet pixels_of(const Shape& shape, const Pixels& pixels) {
    ImageSet set;
    set.shape = shape;
    set.pixels = pixels;
    set.labels.assign(pixels.size() / static_cast<std::size_t>(shape.size()), 0);
    return set;
}

Samples input(const ImageSet& set, const Preprocessing& how, int first = 0, int count = 1) {
    Samples out(static_cast<std::size_t>(count * set.shape.size()));
    network_input(set, first, count, how, out.data());
    return out;
}

TEST(NetworkInput, GivenPixels_ThenChannelsComeFirstAndMeanAndDeviationAreOfThem) {
    const ImageSet set = pixels_of({2, 1, 2}, {0, 51, 102, 153, 204, 255, 0, 51});
    EXPECT_EQ(input(set, {}, 1), (Samples{204 / 255.0f, 0, 1, 51 / 255.0f}));
    Preprocessing how;
    how.mean = {0.5, 0.25};
    how.deviation = {2};
    const Samples both = input(set, how, 0, 2);
    const Samples expected = {-0.25f, -0.05f, -0.025f, 0.175f, 0.15f, -0.25f, 0.375f, -0.025f};
    for (std::size_t i = 0; i < both.size(); ++i)
        EXPECT_NEAR(both[i], expected[i], 1e-7) << i;
}

TEST(NetworkInput, GivenBits_ThenValuesAreRoundedToLevelsBeforeTheyAreNormalised) {
    ImageSet set = pixels_of({1, 1, 4}, {0, 42, 43, 255});
    Preprocessing how;
    how.bits = 2;  // levels 0, 1/3, 2/3, 1; half-way between the first two: 42.5
    EXPECT_EQ(input(set, how), (Samples{0, 0, 1 / 3.0f, 1}));
    how.deviation = {0.5};
    EXPECT_EQ(input(set, how), (Samples{0, 0, 2 / 3.0f, 2}));
    how.deviation = {};
    how.range = {-1, 2};
    set.pixels.clear();
    set.samples = {-5, -0.6f, 0.6f, 9};
    EXPECT_EQ(input(set, how), (Samples{-1, -1, 1, 2}));
}

TEST(NetworkInput, GivenWrongSettingsOrImages_ThenTheyAreRefused) {
    const ImageSet set = pixels_of({2, 1, 1}, {1, 2});
    Preprocessing how;
    how.mean = {1, 2, 3};
    EXPECT_THROW(input(set, how), InputError);
    how.mean = {};
    how.range = {1, 1};
    EXPECT_THROW(input(set, how), InputError);
    EXPECT_THROW(input(set, {}, 1), Error);
    EXPECT_THROW(input(set, {}, -1), Error);
}

TEST(TrainingInput, GivenNoAugmentation_ThenItIsTheNetworksInput) {
    const ImageSet set = random_images({3, 4, 5}, 3, 1);
    const int images[] = {2, 0};
    Samples out(2 * 60);
    training_input(set, images, 2, {}, {}, 1, 1, out.data());
    EXPECT_EQ(Samples(out.begin(), out.begin() + 60), input(set, {}, 2));
    EXPECT_EQ(Samples(out.begin() + 60, out.end()), input(set, {}, 0));
}

/// Images of 3 x 5 with another value at each place: what became of one says which way it went.
TEST(TrainingInput, GivenShiftAndMirror_ThenEveryPlaceIsEquallyLikelyAndZerosComeIn) {
    const int count = 4000;
    ImageSet set = pixels_of({1, 3, 5}, {});
    for (int n = 0; n < count; ++n)
        for (int p = 1; p <= 15; ++p)
            set.pixels.push_back(static_cast<std::uint8_t>(p));
    set.labels.assign(count, 0);
    std::vector<int> images(count);
    for (int n = 0; n < count; ++n)
        images[static_cast<std::size_t>(n)] = n;
    Preprocessing how;
    how.mean = {1};
    const Augmentation augmentation{1, true};
    Samples out(count * 15);
    training_input(set, images.data(), count, how, augmentation, 7, 3, out.data());

    std::map<std::tuple<int, int, bool>, Samples> expected;
    for (int down = -1; down <= 1; ++down)
        for (int right = -1; right <= 1; ++right)
            for (const bool mirrored : {false, true}) {
                Samples image;
                for (int y = down; y < down + 3; ++y)
                    for (int x = right; x < right + 5; ++x) {
                        const bool inside = y >= 0 && y < 3 && x >= 0 && x < 5;
                        const int pixel = inside ? 1 + y * 5 + (mirrored ? 4 - x : x) : 0;
                        image.push_back(static_cast<float>(pixel) / 255.0f - 1);
                    }
                expected[{down, right, mirrored}] = image;
            }
    std::map<std::tuple<int, int, bool>, int> seen;
    for (int n = 0; n < count; ++n)
        for (const auto& [way, image] : expected)
            if (std::equal(image.begin(), image.end(), out.begin() + n * 15))
                ++seen[way];
    ASSERT_EQ(seen.size(), 18u);
    int sum = 0;
    for (const auto& [way, times] : seen) {
        sum += times;
        EXPECT_NEAR(times, count / 18.0, 5 * std::sqrt(count / 18.0));
    }
    EXPECT_EQ(sum, count);

    // One by one the same; another epoch or seed is something else.
    for (int n = 0; n < 20; ++n) {
        Samples one(15);
        training_input(set, &images[static_cast<std::size_t>(n)], 1, how, augmentation, 7, 3, one.data());
        EXPECT_TRUE(std::equal(one.begin(), one.end(), out.begin() + n * 15));
    }
    Samples other(out.size());
    training_input(set, images.data(), count, how, augmentation, 7, 4, other.data());
    EXPECT_NE(other, out);
    training_input(set, images.data(), count, how, augmentation, 8, 3, other.data());
    EXPECT_NE(other, out);
}

TEST(Resize, GivenTwiceTheSize_ThenValuesAreLinearBetweenCentres) {
    // Centres of the new pixels lie at 1/4 and 3/4 of the old ones.
    EXPECT_EQ(resize(Samples{0, 100}, {1, 1, 2}, 1, 4), (Samples{0, 25, 75, 100}));
    EXPECT_EQ(resize(Pixels{0, 100}, {1, 2, 1}, 4, 1), (Pixels{0, 25, 75, 100}));
    EXPECT_EQ(resize(Pixels{0, 7, 100, 7}, {2, 1, 2}, 1, 4), (Pixels{0, 7, 25, 7, 75, 7, 100, 7}));
}

TEST(Resize, GivenHalfTheSize_ThenTheTriangleSpansFourPixels) {
    // Weights 1 - |k + 1/2 - centre| / 2 at centres 1, 3: 3/4, 3/4, 1/4 of those inside, divided by their sum.
    const Samples halved = resize(Samples{7, 14, 70, 700}, {1, 1, 4}, 1, 2);
    EXPECT_FLOAT_EQ(halved[0], (3 * 7 + 3 * 14 + 70) / 7.0f);
    EXPECT_FLOAT_EQ(halved[1], (14 + 3 * 70 + 3 * 700) / 7.0f);
    EXPECT_EQ(resize(Pixels(11 * 7 * 3, 99), {3, 11, 7}, 4, 5), Pixels(4 * 5 * 3, 99));
}

TEST(InputRange, GivenPixelsOrSamples_ThenItsEndsAreThoseOfWhatTheNetworkReads) {
    using Ends = std::pair<double, double>;
    ImageSet set;
    set.shape = {2, 1, 1};
    set.labels = {0, 0};
    set.pixels = {10, 20, 30, 40};
    EXPECT_EQ(input_range(set, {}), Ends(0.0, 1.0));
    Preprocessing how;
    how.mean = {0.5, 0.25};
    how.deviation = {0.5, 0.25};
    EXPECT_EQ(input_range(set, how), Ends(-1.0, 3.0));
    set.pixels.clear();
    set.samples = {2, 3, 4, 5};
    EXPECT_EQ(input_range(set, {}), Ends(0.0, 5.0)) << "0 belongs to it";
    EXPECT_EQ(input_range(set, how), Ends(0.0, 19.0));
    how = {};
    how.bits = 2;
    how.range = {-2, 6};
    EXPECT_EQ(input_range(set, how), Ends(-2.0, 6.0)) << "whatever the samples are";
}

TEST(Resize, GivenAnEvenMesh_ThenItsMeanStays) {
    Pixels mesh;
    for (int i = 0; i < 64 * 64; ++i)
        mesh.push_back((i % 64 + i / 64) % 2 ? 255 : 0);
    for (const int pixel : resize(mesh, {1, 64, 64}, 8, 8))
        EXPECT_NEAR(pixel, 127.5, 1);  // without antialiasing: 0 or 255
}

TEST(Resize, GivenOneNumber_ThenTheShorterSideHasItAndTheAspectStays) {
    EXPECT_EQ(resized_shape({3, 375, 500}, {256}), (Shape{3, 256, 341}));
    EXPECT_EQ(resized_shape({3, 500, 375}, {256}), (Shape{3, 341, 256}));
    EXPECT_EQ(resized_shape({3, 500, 375}, {10, 20}), (Shape{3, 10, 20}));
    EXPECT_EQ(resized_shape({3, 500, 375}, {}), (Shape{3, 500, 375}));
    EXPECT_THROW(resized_shape({1, 1, 1 << 26}, {4096}), InputError);
}

TEST(CentreCrop, GivenAnOddMargin_ThenItsHalfIsRoundedToTheEvenNumber) {
    const Pixels row = {0, 1, 2, 3, 4, 5, 6};
    EXPECT_EQ(centre_crop(row, {1, 1, 7}, 1, 3), (Pixels{2, 3, 4}));
    EXPECT_EQ(centre_crop(row, {1, 1, 7}, 1, 6), (Pixels{0, 1, 2, 3, 4, 5}));  // margin 1
    EXPECT_EQ(centre_crop(row, {1, 1, 7}, 1, 4), (Pixels{2, 3, 4, 5}));        // margin 3
    EXPECT_EQ(centre_crop(Pixels{0, 1, 2, 3, 4, 5, 6, 7}, {2, 2, 2}, 1, 1), (Pixels{0, 1}));
}

}  // namespace
}  // namespace xloop
