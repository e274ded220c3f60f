#include "systemc_model/crossbar/reads/read_matrix.hpp"

#include "core/error.hpp"

#include <algorithm>
#include <string>

namespace xloop {
namespace {

constexpr int most_rows = 1024;

/// The multiple of 255 nearest to `value`, by number; the rest lies in [-128, 127].
int high_byte(int value) { return std::clamp((value + (value < 0 ? -127 : 127)) / 255, -128, 127); }

}  // namespace

ReadMatrix::ReadMatrix(const std::int16_t* steps, int rows, int conversions) : rows_(rows), conversions_(conversions) {
    if (rows < 1 || rows > most_rows || conversions < 1)
        throw Error("a read matrix has 1 to " + std::to_string(most_rows) + " rows and at least one conversion, not " +
                    std::to_string(rows) + " x " + std::to_string(conversions));
    quads_.resize(static_cast<std::size_t>(panels()) * panel_quads());
    std::vector<std::int32_t> positive(static_cast<std::size_t>(conversions)), negative(positive);
    for (int r = 0; r < rows; ++r, steps += conversions) {
        if (const int most = *std::max_element(steps, steps + conversions); most > largest_step)
            throw Error("a row adds " + std::to_string(most) + " fixed-point steps to a conversion; at most " +
                        std::to_string(largest_step) + " can be represented");
        const auto row = static_cast<std::size_t>(r % rows_per_quad);
        for (int first = 0; first < conversions; first += panel_width) {
            const auto quad = static_cast<std::size_t>(first / panel_width) * panel_quads() + r / rows_per_quad;
            Quad &high = quads_[quad], &low = quads_[quad + row_quads()];
            for (int c = first; c < std::min(first + panel_width, conversions); ++c) {
                const auto lane = static_cast<std::size_t>(c - first);
                const int value = steps[c], upper = high_byte(value);
                high.steps[lane][row] = static_cast<std::int8_t>(upper);
                low.steps[lane][row] = static_cast<std::int8_t>(value - 255 * upper);
                positive[static_cast<std::size_t>(c)] += std::max(value, 0);
                negative[static_cast<std::size_t>(c)] -= std::min(value, 0);
            }
        }
    }
    largest_sum_ = std::max(*std::max_element(positive.begin(), positive.end()),
                            *std::max_element(negative.begin(), negative.end()));
}

}  // namespace xloop
