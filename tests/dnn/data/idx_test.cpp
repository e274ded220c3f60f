#include "tests/dnn/data/data_folder.hpp"

#include <zlib.h>

#include <iterator>

namespace xloop {
namespace {

namespace fs = std::filesystem;

std::string big_endian(std::uint32_t value) {
    std::string bytes;
    for (int shift = 24; shift >= 0; shift -= 8)
        bytes += static_cast<char>(value >> shift);
    return bytes;
}

/// A small, correct training set of three images, to be spoilt by each test.
class FashionMnist : public DataFolder {
protected:
    FashionMnist() {
        for (int i = 0; i < 3 * 784; ++i)
            pixels_ += static_cast<char>(i % 251);
        write_images(big_endian(0x803) + big_endian(3) + big_endian(28) + big_endian(28) + pixels_);
        write_labels(big_endian(0x801) + big_endian(3) + std::string("\x09\x00\x05", 3));
    }

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

    ImageSet load(int limit = 3) const { return DataFolder::load({1, 28, 28}, limit); }
    void expect_error(const fs::path& file, const std::string& what, int limit = 3) const {
        DataFolder::expect_error({1, 28, 28}, limit, {file.string(), what, "dataset-fashion-mnist", "data.directory"});
    }

    std::string pixels_;
};

// Copy me: files made for the test in a folder of its own, and what is read back.
TEST_F(FashionMnist, ReadsTheFirstImages) {
    const ImageSet set = load(2);
    EXPECT_EQ(set.count(), 2);
    EXPECT_EQ(set.shape, (Shape{1, 28, 28}));
    EXPECT_EQ(set.labels, (std::vector<int>{9, 0}));
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

TEST_F(FashionMnist, GivenFilesThatAreNotCompressed_ThenTheyAreReadUnlessCompressedOnesAreThere) {
    write("train-labels-idx1-ubyte", big_endian(0x801) + big_endian(3) + std::string("\x01\x02\x03", 3));
    EXPECT_EQ(load().labels, (std::vector<int>{9, 0, 5}));
    fs::remove(labels());
    EXPECT_EQ(load().labels, (std::vector<int>{1, 2, 3}));
    write("train-labels-idx1-ubyte", big_endian(0x801) + big_endian(3) + std::string("\x01\x02", 2));
    expect_error(dir_ / "train-labels-idx1-ubyte:", "ends early: 2 bytes of labels, expected 3");
    // A gzip stream under the plain name is still one.
    compress(dir_ / "train-labels-idx1-ubyte", big_endian(0x801) + big_endian(3) + std::string("\x04\x05\x06", 3));
    EXPECT_EQ(load().labels, (std::vector<int>{4, 5, 6}));
}

TEST_F(FashionMnist, GivenMnist_ThenItsOwnSourceIsNamed) {
    data_.set = DataSet::mnist;
    EXPECT_EQ(load().count(), 3);
    fs::remove(labels());
    DataFolder::expect_error({1, 28, 28}, 3, {labels().string(), "yann.lecun.com", "data.directory"});
}

TEST_F(FashionMnist, GivenSymbolicLinks_ThenTheyAreFollowed) {
    fs::rename(images(), dir_ / "elsewhere");
    fs::create_symlink(dir_ / "elsewhere", images());
    EXPECT_EQ(load().count(), 3);
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

}  // namespace
}  // namespace xloop
