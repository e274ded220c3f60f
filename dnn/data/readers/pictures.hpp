#pragma once

#include "dnn/data/readers/stored_set.hpp"

#include <string>

namespace xloop {

/// A PNG or JPEG picture, told apart by their first bytes, as 8-bit values in sRGB: grey with 1 channel, else RGB. Transparent
/// parts are laid over black. Throws InputError, before memory is taken, for a picture with more than most_values_of_image
/// values, and for damaged ones; `name` stands for the file in messages.
StoredImage decode_picture(const std::string& bytes, int channels, const std::string& name);

/// The two kinds.
StoredImage decode_png(const std::string& bytes, int channels, const std::string& name);
StoredImage decode_jpeg(const std::string& bytes, int channels, const std::string& name);

/// The shape of a picture whose header says so; throws InputError when that is too large.
Shape checked_shape(int channels, std::uint64_t height, std::uint64_t width, const std::string& name);

}  // namespace xloop
