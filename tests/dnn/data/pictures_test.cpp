#include "dnn/data/readers/pictures.hpp"
#include "tests/dnn/data/data_folder.hpp"

#include <cstdio>
#include <cstdlib>

#include <jpeglib.h>
#include <png.h>
#include <zlib.h>

namespace xloop {
namespace {

using testing::Each;
using testing::HasSubstr;

std::string png_of(const std::vector<std::uint8_t>& values, int height, int width, std::uint32_t format) {
    png_image image{};
    image.version = PNG_IMAGE_VERSION;
    image.width = static_cast<std::uint32_t>(width);
    image.height = static_cast<std::uint32_t>(height);
    image.format = format;
    png_alloc_size_t size = 0;
    EXPECT_TRUE(png_image_write_to_memory(&image, nullptr, &size, 0, values.data(), 0, nullptr));
    std::string bytes(size, '\0');
    EXPECT_TRUE(png_image_write_to_memory(&image, bytes.data(), &size, 0, values.data(), 0, nullptr));
    return bytes;
}

std::string jpeg_of(const std::vector<std::uint8_t>& values, int height, int width, J_COLOR_SPACE space, int channels) {
    jpeg_compress_struct encoder;
    jpeg_error_mgr errors;
    encoder.err = jpeg_std_error(&errors);
    jpeg_create_compress(&encoder);
    unsigned char* buffer = nullptr;
    unsigned long size = 0;
    jpeg_mem_dest(&encoder, &buffer, &size);
    encoder.image_height = static_cast<JDIMENSION>(height);
    encoder.image_width = static_cast<JDIMENSION>(width);
    encoder.input_components = channels;
    encoder.in_color_space = space;
    jpeg_set_defaults(&encoder);
    jpeg_set_quality(&encoder, 100, TRUE);
    jpeg_start_compress(&encoder, TRUE);
    while (encoder.next_scanline < encoder.image_height) {
        auto* row = const_cast<std::uint8_t*>(values.data()) + encoder.next_scanline * width * channels;
        jpeg_write_scanlines(&encoder, &row, 1);
    }
    jpeg_finish_compress(&encoder);
    jpeg_destroy_compress(&encoder);
    std::string bytes(reinterpret_cast<char*>(buffer), size);
    std::free(buffer);
    return bytes;
}

/// One colour, which JPEG keeps to 2 steps.
std::vector<std::uint8_t> plain(int positions, const std::vector<std::uint8_t>& colour) {
    std::vector<std::uint8_t> values;
    for (int i = 0; i < positions; ++i)
        values.insert(values.end(), colour.begin(), colour.end());
    return values;
}

void expect_refused(const std::string& bytes, const char* what) {
    try {
        decode_picture(bytes, 3, "a.pic");
        ADD_FAILURE() << what;
    } catch (const InputError& error) {
        EXPECT_THAT(error.what(), HasSubstr("a.pic: "));
        EXPECT_THAT(error.what(), HasSubstr(what));
    }
}

TEST(Png, GivenColours_ThenTheyAreReadToTheBit) {
    std::vector<std::uint8_t> values;
    for (int i = 0; i < 2 * 3 * 3; ++i)
        values.push_back(static_cast<std::uint8_t>(14 * i));
    const StoredImage picture = decode_picture(png_of(values, 2, 3, PNG_FORMAT_RGB), 3, "a.png");
    EXPECT_EQ(picture.shape, (Shape{3, 2, 3}));
    EXPECT_EQ(picture.pixels, values);
}

TEST(Png, GivenGreyForColourOrTransparency_ThenItIsConverted) {
    const std::string grey = png_of({0, 100, 200, 255}, 2, 2, PNG_FORMAT_GRAY);
    EXPECT_EQ(decode_picture(grey, 1, "a").pixels, (std::vector<std::uint8_t>{0, 100, 200, 255}));
    EXPECT_EQ(decode_picture(grey, 3, "a").pixels,
              (std::vector<std::uint8_t>{0, 0, 0, 100, 100, 100, 200, 200, 200, 255, 255, 255}));
    EXPECT_EQ(decode_picture(png_of({9, 8, 7, 255, 9, 8, 7, 0}, 1, 2, PNG_FORMAT_RGBA), 3, "a").pixels,
              (std::vector<std::uint8_t>{9, 8, 7, 0, 0, 0}));
    // Equal parts of red, green and blue are this grey.
    EXPECT_EQ(decode_picture(png_of({80, 80, 80}, 1, 1, PNG_FORMAT_RGB), 1, "a").pixels[0], 80);
}

TEST(Png, GivenDamage_ThenItIsRefused) {
    const std::string good = png_of(plain(64, {1, 200, 30}), 8, 8, PNG_FORMAT_RGB);
    for (std::size_t size = 4; size + 12 < good.size(); size += 3)
        expect_refused(good.substr(0, size), "damaged PNG");
    std::string wrong = good;
    wrong[good.find("IDAT") + 8] ^= 1;
    expect_refused(wrong, "damaged PNG");
    expect_refused("GIF89a", "neither a PNG nor a JPEG");
    expect_refused("", "neither a PNG nor a JPEG");
}

TEST(Png, GivenAHugePicture_ThenNoMemoryIsTaken) {
    std::string bytes = png_of({1, 2, 3}, 1, 1, PNG_FORMAT_RGB);
    // IHDR: width and height of 4 bytes each from byte 16 on; its checksum covers the name and 13 bytes.
    const auto put = [&](std::size_t at, std::uint32_t value) {
        for (int i = 0; i < 4; ++i)
            bytes[at + static_cast<std::size_t>(i)] = static_cast<char>(value >> (24 - 8 * i));
    };
    put(16, 60000);
    put(20, 60000);
    put(29, static_cast<std::uint32_t>(crc32(0, reinterpret_cast<const Bytef*>(bytes.data()) + 12, 17)));
    expect_refused(bytes, "60000 x 60000 pixels");
}

TEST(Jpeg, GivenOneColour_ThenItIsReadWithinTwoSteps) {
    const StoredImage picture = decode_picture(jpeg_of(plain(20 * 12, {10, 120, 250}), 12, 20, JCS_RGB, 3), 3, "a.jpg");
    EXPECT_EQ(picture.shape, (Shape{3, 12, 20}));
    for (std::size_t i = 0; i < picture.pixels.size(); ++i)
        EXPECT_NEAR(picture.pixels[i], (std::vector<int>{10, 120, 250}[i % 3]), 2);
}

TEST(Jpeg, GivenGreyForColourAndBack_ThenItIsConverted) {
    const std::string grey = jpeg_of(plain(64, {77}), 8, 8, JCS_GRAYSCALE, 1);
    EXPECT_THAT(decode_picture(grey, 1, "a").pixels, Each(77));
    EXPECT_THAT(decode_picture(grey, 3, "a").pixels, Each(77));
    const std::string colour = jpeg_of(plain(64, {200, 0, 0}), 8, 8, JCS_RGB, 3);
    for (const int pixel : decode_picture(colour, 1, "a").pixels)
        EXPECT_NEAR(pixel, 0.299 * 200, 2);  // ITU-R BT.601, JPEG's own luminance
}

TEST(Jpeg, GivenDamageOrRareKinds_ThenTheyAreRefused) {
    std::vector<std::uint8_t> noise;
    for (unsigned i = 0; i < 32 * 32 * 3; ++i)
        noise.push_back(static_cast<std::uint8_t>(i * 2654435761u >> 13));
    const std::string good = jpeg_of(noise, 32, 32, JCS_RGB, 3);
    for (std::size_t size = 2; size + 2 < good.size(); size += 7)
        expect_refused(good.substr(0, size), "JPEG");
    expect_refused(jpeg_of(plain(64, {1, 2, 3, 4}), 8, 8, JCS_CMYK, 4), "CMYK");
    // Bytes between the picture and its end do no harm.
    std::string longer = good;
    longer.insert(longer.size() - 2, "\0\0\0\0", 4);
    EXPECT_EQ(decode_picture(longer, 3, "a").pixels, decode_picture(good, 3, "a").pixels);
}

TEST(Jpeg, GivenAHugePicture_ThenNoMemoryIsTaken) {
    std::string bytes = jpeg_of(plain(64, {1, 2, 3}), 8, 8, JCS_RGB, 3);
    const std::size_t frame = bytes.find("\xff\xc0");
    ASSERT_NE(frame, bytes.npos);
    bytes.replace(frame + 5, 4, "\xea\x60\xea\x60");  // height and width: 60000
    expect_refused(bytes, "60000 x 60000 pixels");
}

class ImageFolder : public DataFolder {
protected:
    ImageFolder() {
        data_.set = DataSet::image_folder;
        write("train/cat/b.png", png_of(plain(4, {1, 1, 1}), 2, 2, PNG_FORMAT_RGB));
        write("train/cat/a.PNG", png_of(plain(4, {2, 2, 2}), 2, 2, PNG_FORMAT_RGB));
        write("train/ant/x.png", png_of(plain(4, {3, 3, 3}), 2, 2, PNG_FORMAT_RGB));
        write("train/ant/.hidden.png", "junk");
        write("train/ant/notes.txt", "junk");
        write("train/readme", "junk");
    }
    const Shape shape_{3, 2, 2};
};

TEST_F(ImageFolder, GivenClasses_ThenLabelsFollowTheirNamesAndImagesGoRoundTheClasses) {
    const ImageSet set = load(shape_, 3);
    EXPECT_EQ(set.labels, (std::vector<int>{0, 1, 1}));
    EXPECT_EQ(set.image(0)[0], 3);  // ant/x
    EXPECT_EQ(set.image(1)[0], 2);  // cat/a
    EXPECT_EQ(set.image(2)[0], 1);  // cat/b
    EXPECT_EQ(load({1, 2, 2}, 2).pixels, (std::vector<std::uint8_t>{3, 3, 3, 3, 2, 2, 2, 2}));
}

TEST_F(ImageFolder, GivenATestFolderOfEitherName_ThenItsClassesMustBeThoseOfTraining) {
    expect_error(shape_, 1, {path("test"), "cannot be read", "train/CLASS"}, DataPart::test);
    write("val/ant/x.png", png_of(plain(4, {4, 4, 4}), 2, 2, PNG_FORMAT_RGB));
    expect_error(shape_, 1, {path("val"), "other classes than", path("train")}, DataPart::test);
    write("val/cat/x.png", png_of(plain(4, {5, 5, 5}), 2, 2, PNG_FORMAT_RGB));
    EXPECT_EQ(load(shape_, 2, DataPart::test).image(1)[0], 5);
}

TEST_F(ImageFolder, GivenSymbolicLinks_ThenTheyAreFollowed) {
    std::filesystem::rename(dir_ / "train", dir_ / "elsewhere");
    std::filesystem::create_directory(dir_ / "train");
    std::filesystem::create_directory_symlink(dir_ / "elsewhere" / "cat", dir_ / "train" / "bee");
    std::filesystem::create_directory(dir_ / "train" / "ant");
    std::filesystem::create_symlink(dir_ / "elsewhere" / "ant" / "x.png", dir_ / "train" / "ant" / "x.png");
    EXPECT_EQ(load(shape_, 3).labels, (std::vector<int>{0, 1, 1}));
}

TEST_F(ImageFolder, GivenWrongContents_ThenTheyAreRefused) {
    write("train/cat/c.jpg", jpeg_of(plain(12, {6, 6, 6}), 3, 4, JCS_RGB, 3));
    expect_error(shape_, 4, {path("train"), "image 3 has shape 3x3x4, the first one 3x2x2", "data.resize"});
    data_.resize = {2, 2};
    EXPECT_NEAR(load(shape_, 4).image(3)[11], 6, 2);
    write("train/cat/a.PNG", "junk");
    EXPECT_EQ(load(shape_, 1).count(), 1);
    expect_error(shape_, 2, {path("train/cat/a.PNG"), "neither a PNG nor a JPEG"});
    std::filesystem::create_directory(dir_ / "train" / "empty");
    expect_error(shape_, 1, {path("train/empty"), "has no files"});
    std::filesystem::remove_all(dir_ / "train");
    expect_error(shape_, 1, {path("train"), "cannot be read"});
    std::filesystem::create_directory(dir_ / "train");
    expect_error(shape_, 1, {path("train"), "has no folders"});
}

}  // namespace
}  // namespace xloop
