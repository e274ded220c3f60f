#include "core/workload/input_pixels.hpp"

#include <algorithm>
#include <cmath>

namespace xloop {

std::vector<std::uint8_t> input_pixels(const WorkloadGraph& graph, const float* images, int count) {
    constexpr int steps = 255;  // of a pixel; the graph may have fewer
    const int own = highest_value(false, graph.input_bits);
    const double scale = graph.input_scale * own / steps;
    const double zero_point = std::round(static_cast<double>(graph.input_zero_point) * steps / own);
    const int positions = graph.input.positions(), channels = graph.input.channels;
    std::vector<std::uint8_t> pixels(static_cast<std::size_t>(count) * static_cast<std::size_t>(graph.input.size()));
    for (std::size_t image = 0; image < pixels.size(); image += static_cast<std::size_t>(graph.input.size()))
        for (int c = 0; c < channels; ++c)
            for (int p = 0; p < positions; ++p)
                pixels[image + static_cast<std::size_t>(p) * channels + c] = static_cast<std::uint8_t>(
                    std::clamp(std::round(graph.normalised(*images++, c) / scale) + zero_point, 0.0, double(steps)));
    return pixels;
}

}  // namespace xloop
