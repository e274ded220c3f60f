#include "dnn/data/preprocessing.hpp"

#include "core/error.hpp"

#include <fmt/format.h>

namespace xloop {

void check_preprocessing(const Preprocessing& how, const Shape& shape) {
    const auto fits = [&](const char* key, const std::vector<double>& values) {
        if (values.size() > 1 && values.size() != static_cast<std::size_t>(shape.channels))
            throw KeyError(key,
                           fmt::format("{} values, but images have {} channels; expected one, or one for each channel",
                                       values.size(), shape.channels));
    };
    fits("data.mean", how.mean);
    fits("data.deviation", how.deviation);
    if (how.range.size() != 2 || !(how.range[0] < how.range[1]))
        throw KeyError("data.input_range", "expected two values, the second above the first");
}

}  // namespace xloop
