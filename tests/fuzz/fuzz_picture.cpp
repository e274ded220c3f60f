#include "dnn/data/readers/pictures.hpp"
#include "tests/fuzz/fuzz_target.hpp"

#include <string>

namespace xloop::fuzz {

void run_one(std::string_view text) {
    for (const int channels : {1, 3}) {
        const StoredImage image = decode_picture(std::string(text), channels, "fuzz");
        demand(image.shape.channels == channels && image.shape.size() > 0, "a picture without pixels");
        demand(image.pixels.size() == static_cast<std::size_t>(image.shape.size()), "pixels missing or too many");
    }
}

}  // namespace xloop::fuzz
