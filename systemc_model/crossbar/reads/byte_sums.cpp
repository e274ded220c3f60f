#include "systemc_model/crossbar/reads/byte_sums.hpp"

#include "core/target_clones.hpp"
#include "systemc_model/crossbar/reads/scratch.hpp"

#include <algorithm>

namespace xloop {
namespace {

constexpr int line_multiple = 64;

int round_up(int n, int multiple) { return (n + multiple - 1) / multiple * multiple; }

/// Bit `bit` of each input: 255 or 0 in `high`, 1 or 0 in `low`.
XLOOP_CLONES void write_bits(const std::uint8_t* inputs, int rows, int bit, std::uint8_t* high, std::uint8_t* low) {
    const auto mask = static_cast<std::uint8_t>(1 << bit);
    for (int r = 0; r < rows; ++r) {
        const std::uint8_t set = (inputs[r] & mask) != 0 ? 255 : 0;
        high[r] = set;
        low[r] = set & 1;
    }
}

XLOOP_CLONES void write_digits(const std::uint8_t* inputs, int rows, const ReadPlan& plan, int read,
                               std::uint8_t* line) {
    const int shift = read * plan.dac_bits;
    const auto mask = static_cast<std::uint8_t>(plan.digit(255, read));
    for (int r = 0; r < rows; ++r)
        line[r] = static_cast<std::uint8_t>((inputs[r] >> shift) & mask);
}

XLOOP_CLONES void add_high(const std::int32_t* high, int count, std::int32_t* sums) {
    for (int i = 0; i < count; ++i)
        sums[i] += 255 * high[i];
}

}  // namespace

std::ptrdiff_t ByteSums::line_bytes() const {
    const int row_bytes = matrix_.row_quads() * ReadMatrix::rows_per_quad;
    return round_up(one_bit() ? 2 * row_bytes : row_bytes, line_multiple);
}

void ByteSums::load(const ReadInputs& inputs) {
    thread_local Scratch<std::uint8_t> memory;
    const std::ptrdiff_t bytes = line_bytes();
    const int reads = plan_.reads(), rows = matrix_.rows();
    const int low_start = matrix_.row_quads() * ReadMatrix::rows_per_quad;
    // The last block may begin at any line and reads whole groups.
    const int lines = round_up(inputs.vectors * reads, byte_lines) + byte_lines;
    std::uint8_t* line = memory.at_least(static_cast<std::size_t>(lines * bytes));
    lines_ = line;
    for (int v = 0; v < inputs.vectors; ++v)
        for (int t = 0; t < reads; ++t, line += bytes) {
            const std::uint8_t* values = inputs.values + v * inputs.stride;
            if (one_bit()) {
                write_bits(values, rows, t, line, line + low_start);
                std::fill(line + rows, line + low_start, std::uint8_t{0});
                std::fill(line + low_start + rows, line + bytes, std::uint8_t{0});
            } else {
                write_digits(values, rows, plan_, t, line);
                std::fill(line + rows, line + bytes, std::uint8_t{0});
            }
        }
}

void ByteSums::panel_sums(const ReadMatrix& matrix, int panel, int first, int count, std::int32_t* sums,
                          const PanelConversion* meanwhile) const {
    const int lines = round_up(count * plan_.reads(), byte_lines);
    ByteProducts job{lines_ + first * plan_.reads() * line_bytes(),
                     line_bytes(),
                     lines,
                     matrix.high(panel),
                     matrix.row_quads(),
                     sums,
                     meanwhile};
    if (one_bit()) {
        job.quad_count *= 2;
        products_(job);
        return;
    }
    thread_local Scratch<std::int32_t> memory;
    const int values = lines * ReadMatrix::panel_width;
    std::int32_t* high = memory.at_least(static_cast<std::size_t>(values));
    job.sums = high;
    products_(job);
    job.quads = matrix.low(panel);
    job.sums = sums;
    job.meanwhile = nullptr;
    products_(job);
    add_high(high, values, sums);
}

}  // namespace xloop
