#include "tests/dnn/data/data_folder.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace xloop {
namespace {

using testing::HasSubstr;

/// Raw samples of one value, which is the image's number; labels 0, 0, 0, 1, 2 again and again.
class OneValue : public DataFolder {
protected:
    OneValue() {
        data_.set = DataSet::raw;
        data_.shape = {1, 1, 1};
        std::vector<float> samples;
        std::string labels;
        for (int i = 0; i < 50; ++i) {
            samples.push_back(static_cast<float>(i));
            labels += std::to_string(std::max(0, i % 5 - 2)) + "\n";
        }
        write("train_samples.f32", bytes_of(samples));
        write("train_labels.txt", labels);
    }

    std::vector<float> numbers(int limit, DataPart part = DataPart::training, std::uint64_t seed = 1) const {
        const ImageSet set = load_data(data_, {1, 1, 1}, part, limit, seed);
        for (int i = 0; i < set.count(); ++i)
            EXPECT_EQ(set.labels[static_cast<std::size_t>(i)],
                      std::max(0, static_cast<int>(set.samples[static_cast<std::size_t>(i)]) % 5 - 2));
        return set.samples;
    }
    std::map<int, int> counts(const std::vector<float>& numbers) const {
        std::map<int, int> counts;
        for (const float number : numbers)
            ++counts[std::max(0, static_cast<int>(number) % 5 - 2)];
        return counts;
    }
};

TEST_F(OneValue, GivenNoChoice_ThenTheFirstImagesAreTaken) {
    EXPECT_THAT(numbers(3), testing::ElementsAre(0, 1, 2));
    expect_error({1, 1, 1}, 51, {path("train_samples.f32"), "holds 50 items, but 51 are asked for"});
}

TEST_F(OneValue, GivenBalancedChoice_ThenClassesHaveAsManyAndTheSeedDecidesWhichInTheOrderOfTheFile) {
    data_.choose = DataChoice::balanced;
    const auto chosen = numbers(15);
    EXPECT_EQ(counts(chosen), (std::map<int, int>{{0, 5}, {1, 5}, {2, 5}}));
    EXPECT_TRUE(std::is_sorted(chosen.begin(), chosen.end()));
    EXPECT_EQ(chosen, numbers(15));
    EXPECT_NE(chosen, numbers(15, DataPart::training, 2));
    const auto fewer = numbers(6);
    EXPECT_TRUE(std::includes(chosen.begin(), chosen.end(), fewer.begin(), fewer.end()));
    // Of classes 1 and 2 there are ten each.
    EXPECT_EQ(counts(numbers(35)), (std::map<int, int>{{0, 15}, {1, 10}, {2, 10}}));
}

TEST_F(OneValue, GivenValidationImages_ThenTheyAreInTheClassesSharesAndNotForTraining) {
    data_.validation_images = 10;
    const auto validation = numbers(10, DataPart::validation), training = numbers(40);
    EXPECT_EQ(counts(validation), (std::map<int, int>{{0, 6}, {1, 2}, {2, 2}}));
    std::set<float> all(validation.begin(), validation.end());
    all.insert(training.begin(), training.end());
    EXPECT_EQ(all.size(), 50u);
    EXPECT_NE(validation, numbers(10, DataPart::validation, 2));
    expect_error({1, 1, 1}, 41, {"holds 40 items without those of other parts, but 41 are asked for"});
    data_.choose = DataChoice::balanced;
    EXPECT_EQ(counts(numbers(24)), (std::map<int, int>{{0, 8}, {1, 8}, {2, 8}}));
    data_.validation_images = 51;
    expect_error({1, 1, 1}, 1, {"holds 50 items, but data.validation_images asks for 51"});
    data_.validation_images = 0;
    expect_error({1, 1, 1}, 1, {"data.validation_images"}, DataPart::validation);
}

TEST_F(OneValue, GivenCommandsThatTakePixels_ThenSamplesAndKeysWithoutEffectAreRefused) {
    const auto refused = [&](const char* what) {
        try {
            load_images(data_, {1, 1, 1}, DataPart::training, 1, 1);
            ADD_FAILURE() << what;
        } catch (const InputError& error) {
            EXPECT_THAT(error.what(), HasSubstr(what));
        }
    };
    refused("samples of float32");
    data_.preprocessing.bits = 4;
    refused("data.input_bits");
    data_.preprocessing.deviation = {1};
    refused("data.deviation");
    data_.preprocessing.mean = {1};
    refused("data.mean");
}

TEST_F(OneValue, GivenAnotherShapeThanTheNetworks_ThenBothAreTold) {
    expect_error({3, 32, 32}, 1, {"1x1x1", "3x32x32", "data.resize"});
}

TEST_F(OneValue, GivenANumberOfMeansThatDoesNotFit_ThenTheKeyIsTold) {
    data_.preprocessing.mean = {1, 2, 3};
    expect_error({1, 1, 1}, 1, {"data.mean: 3 values, but images have 1 channels"});
}

TEST_F(OneValue, GivenResizeAndCrop_ThenTheyComeInThisOrder) {
    data_.resize = {4};
    data_.crop = {2, 3};
    const ImageSet set = load({1, 2, 3}, 2);
    EXPECT_EQ(set.samples, std::vector<float>({0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1}));
    data_.crop = {5};
    expect_error({1, 5, 5}, 1, {"1x4x4 is smaller than the 5 x 5 of data.crop"});
    data_.crop = {1, 2, 3};
    expect_error({1, 1, 2}, 1, {"data.crop: 3 numbers"});
}

TEST(ImageSets, GivenLabelsBelow256_ThenTheDigestIsThatOfBytes) {
    ImageSet set;
    set.shape = {1, 1, 1};
    set.pixels = {7, 8};
    set.labels = {255, 1};
    Digest digest, bytes;
    add_to_digest(digest, set);
    EXPECT_EQ(digest.value(), bytes.add("\x07\x08\xff\x01", std::size_t{4}).value());
    set.labels = {256, 1};
    Digest other;
    add_to_digest(other, set);
    EXPECT_NE(other.value(), digest.value());
}

TEST(RandomImages, AreKeyedBySeedAndPrefixStable) {
    const ImageSet a = random_images({2, 3, 5}, 4, 1);
    const ImageSet b = random_images({2, 3, 5}, 6, 1);
    EXPECT_EQ(a.pixels, std::vector<std::uint8_t>(b.pixels.begin(), b.pixels.begin() + 4 * 30));
    EXPECT_NE(a.pixels, random_images({2, 3, 5}, 4, 2).pixels);
    for (const int label : b.labels)
        EXPECT_LT(label, 10);
}

TEST(RandomImages, PartsDiffer) {
    DataConfig data;
    data.set = DataSet::random;
    const auto pixels = [&](DataPart part) { return load_data(data, {1, 4, 4}, part, 5, 1).pixels; };
    EXPECT_NE(pixels(DataPart::training), pixels(DataPart::test));
    EXPECT_NE(pixels(DataPart::training), pixels(DataPart::validation));
    EXPECT_NE(pixels(DataPart::test), pixels(DataPart::validation));
    EXPECT_EQ(pixels(DataPart::test), load_images(data, {1, 4, 4}, DataPart::test, 5, 1).pixels);
}

}  // namespace
}  // namespace xloop
