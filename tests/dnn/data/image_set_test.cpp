#include "dnn/data/image_set.hpp"

#include "core/error.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <filesystem>
#include <fstream>
#include <iterator>

namespace xloop {
namespace {

using testing::HasSubstr;
namespace fs = std::filesystem;

std::string big_endian(std::uint32_t value) {
    std::string bytes;
    for (int shift = 24; shift >= 0; shift -= 8)
        bytes += static_cast<char>(value >> shift);
    return bytes;
}

/// A folder with a small, correct training set of three images, to be spoilt by each test.
class FashionMnist : public testing::Test {
protected:
    FashionMnist()
        : dir_(fs::temp_directory_path() /
               (std::string("xloop_idx_") + testing::UnitTest::GetInstance()->current_test_info()->name())) {
        fs::create_directories(dir_);
        for (int i = 0; i < 3 * 784; ++i)
            pixels_ += static_cast<char>(i % 251);
        write_images(big_endian(0x803) + big_endian(3) + big_endian(28) + big_endian(28) + pixels_);
        write_labels(big_endian(0x801) + big_endian(3) + std::string("\x09\x00\x05", 3));
    }
    ~FashionMnist() override { fs::remove_all(dir_); }

    fs::path images() const { return dir_ / "train-images-idx3-ubyte.gz"; }
    fs::path labels() const { return dir_ / "train-labels-idx1-ubyte.gz"; }
    void write_images(const std::string& content) { compress(images(), content); }
    void write_labels(const std::string& content) { compress(labels(), content); }

    static void compress(const fs::path& path, const std::string& content) {
        gzFile file = gzopen(path.c_str(), "wb");
        gzwrite(file, content.data(), static_cast<unsigned>(content.size()));
        gzclose(file);
    }

    static std::string bytes_of(const fs::path& path) {
        std::ifstream in(path, std::ios::binary);
        return {std::istreambuf_iterator<char>(in), {}};
    }
    static void write_bytes(const fs::path& path, const std::string& content) {
        std::ofstream(path, std::ios::binary) << content;
    }

    ImageSet load(int limit = 3) const { return load_fashion_mnist(dir_.string(), true, limit); }

    /// Every message names the file and how to get a good one.
    void expect_error(const fs::path& file, const std::string& what, int limit = 3) const {
        try {
            load(limit);
            FAIL() << "no error; expected: " << what;
        } catch (const InputError& error) {
            EXPECT_THAT(error.what(), HasSubstr(file.string()));
            EXPECT_THAT(error.what(), HasSubstr(what));
            EXPECT_THAT(error.what(), HasSubstr("dataset-fashion-mnist"));
            EXPECT_THAT(error.what(), HasSubstr("data.directory"));
        }
    }

    fs::path dir_;
    std::string pixels_;
};

// Copy me: files made for the test in a folder of its own, and what is read back.
TEST_F(FashionMnist, ReadsTheFirstImages) {
    const ImageSet set = load(2);
    EXPECT_EQ(set.count(), 2);
    EXPECT_EQ(set.shape, (Shape{1, 28, 28}));
    EXPECT_EQ(set.labels, (std::vector<std::uint8_t>{9, 0}));
    ASSERT_EQ(set.pixels.size(), 2u * 784);
    EXPECT_EQ(set.image(1)[5], static_cast<std::uint8_t>((784 + 5) % 251));
}

TEST_F(FashionMnist, MissingFile) {
    fs::remove(labels());
    expect_error(labels(), "cannot be opened");
}

TEST_F(FashionMnist, WrongMagic) {
    write_images(big_endian(0x801) + big_endian(3) + pixels_);
    expect_error(images(), "magic number is 2049, expected 2051");
}

TEST_F(FashionMnist, WrongSize) {
    write_images(big_endian(0x803) + big_endian(3) + big_endian(28) + big_endian(32) + pixels_);
    expect_error(images(), "width is 32, expected 28");
}

TEST_F(FashionMnist, TooFewImages) { expect_error(images(), "holds 3 items, but 4 are asked for", 4); }

TEST_F(FashionMnist, CountsDiffer) {
    write_labels(big_endian(0x801) + big_endian(4) + std::string(4, '\0'));
    expect_error(labels(), "holds 4 labels, expected 3");
}

TEST_F(FashionMnist, AbsurdCountIsNotAllocated) {
    write_images(big_endian(0x803) + big_endian(0xffffffff) + big_endian(28) + big_endian(28));
    expect_error(images(), "cannot be right");
}

TEST_F(FashionMnist, FewerPixelsThanAnnounced) {
    write_images(big_endian(0x803) + big_endian(3) + big_endian(28) + big_endian(28) + pixels_.substr(1));
    expect_error(images(), "ends early: 2351 bytes of pixels, expected 2352");
}

TEST_F(FashionMnist, MorePixelsThanAnnounced) {
    write_images(big_endian(0x803) + big_endian(3) + big_endian(28) + big_endian(28) + pixels_ + "x");
    expect_error(images(), "more bytes than its header announces");
}

TEST_F(FashionMnist, TruncatedGzip) {
    const std::string whole = bytes_of(images());
    write_bytes(images(), whole.substr(0, whole.size() / 2));
    expect_error(images(), "ends early");
}

TEST_F(FashionMnist, GivenAFileCutAnywhere_ThenItIsNotTaken) {
    const std::string whole = bytes_of(labels());
    for (std::size_t size = 0; size < whole.size(); ++size) {
        write_bytes(labels(), whole.substr(0, size));
        expect_error(labels(), "ends early");
    }
    write_bytes(labels(), whole + "x");
    expect_error(labels(), "1 bytes behind the end");
}

TEST_F(FashionMnist, GivenAFileThatIsNotCompressed_ThenItIsNotTaken) {
    write_bytes(labels(), big_endian(0x801) + big_endian(3) + std::string("\x09\x00\x05", 3));
    expect_error(labels(), "not compressed by gzip");
}

TEST_F(FashionMnist, WrongChecksum) {
    std::string whole = bytes_of(images());
    whole[whole.size() - 8] = static_cast<char>(whole[whole.size() - 8] ^ 1);
    write_bytes(images(), whole);
    expect_error(images(), "damaged");
}

TEST_F(FashionMnist, EmptyFile) {
    write_bytes(images(), "");
    expect_error(images(), "ends early");
}

TEST_F(FashionMnist, LabelOutOfRange) {
    write_labels(big_endian(0x801) + big_endian(3) + std::string("\x09\x0a\x05", 3));
    expect_error(labels(), "label 1 is 10, expected 0 to 9");
}

TEST_F(FashionMnist, ShapeMustBeTheNetworks) {
    DataConfig data;
    data.directory = dir_.string();
    EXPECT_EQ(load_images(data, {1, 28, 28}, true, 3, 1).count(), 3);
    try {
        load_images(data, {3, 32, 32}, true, 3, 1);
        FAIL();
    } catch (const InputError& error) {
        EXPECT_THAT(error.what(), HasSubstr("1x28x28"));
        EXPECT_THAT(error.what(), HasSubstr("3x32x32"));
    }
}

TEST(RandomImages, AreKeyedBySeedAndPrefixStable) {
    const ImageSet a = random_images({2, 3, 5}, 4, 1);
    const ImageSet b = random_images({2, 3, 5}, 6, 1);
    EXPECT_EQ(a.pixels, std::vector<std::uint8_t>(b.pixels.begin(), b.pixels.begin() + 4 * 30));
    EXPECT_NE(a.pixels, random_images({2, 3, 5}, 4, 2).pixels);
    for (std::uint8_t label : b.labels)
        EXPECT_LT(label, 10);
}

TEST(RandomImages, TestSetIsNotTheTrainingSet) {
    DataConfig data;
    data.set = DataSet::random;
    EXPECT_NE(load_images(data, {1, 4, 4}, true, 5, 1).pixels, load_images(data, {1, 4, 4}, false, 5, 1).pixels);
}

}  // namespace
}  // namespace xloop
