#include "dnn/data/readers/pictures.hpp"

#include "core/error.hpp"

#include <fmt/format.h>

namespace xloop {

StoredImage decode_picture(const std::string& bytes, int channels, const std::string& name) {
    if (bytes.compare(0, 4, "\x89PNG") == 0)
        return decode_png(bytes, channels, name);
    if (bytes.compare(0, 2, "\xff\xd8") == 0)
        return decode_jpeg(bytes, channels, name);
    throw InputError(name + ": is neither a PNG nor a JPEG picture");
}

Shape checked_shape(int channels, std::uint64_t height, std::uint64_t width, const std::string& name) {
    const std::uint64_t most_positions = static_cast<std::uint64_t>(most_values_of_image / channels);
    if (height == 0 || width == 0 || height > most_positions || width > most_positions / height)
        throw InputError(fmt::format("{}: is a picture of {} x {} pixels; at most {} pixels are read", name, width,
                                     height, most_positions));
    return {channels, static_cast<int>(height), static_cast<int>(width)};
}

}  // namespace xloop
