#include "core/error.hpp"
#include "dnn/data/readers/pictures.hpp"

#include <png.h>

namespace xloop {
namespace {

/// Frees what libpng took, however the scope ends.
struct PngImage : png_image {
    PngImage() : png_image() { version = PNG_IMAGE_VERSION; }
    ~PngImage() { png_image_free(this); }
    PngImage(const PngImage&) = delete;
    PngImage& operator=(const PngImage&) = delete;
};

}  // namespace

StoredImage decode_png(const std::string& bytes, int channels, const std::string& name) {
    PngImage image;
    const auto fail = [&] { throw InputError(name + ": is a damaged PNG picture: " + image.message); };
    if (!png_image_begin_read_from_memory(&image, bytes.data(), bytes.size()))
        fail();
    StoredImage picture;
    picture.shape = checked_shape(channels, image.height, image.width, name);
    image.format = channels == 1 ? PNG_FORMAT_GRAY : PNG_FORMAT_RGB;
    image.flags |= PNG_IMAGE_FLAG_16BIT_sRGB;  // 16 bits are taken as finer steps of 8 bits, as other programs do
    picture.pixels.resize(static_cast<std::size_t>(picture.shape.size()));
    if (!png_image_finish_read(&image, nullptr, picture.pixels.data(), 0, nullptr))
        fail();
    return picture;
}

}  // namespace xloop
