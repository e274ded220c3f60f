#pragma once

#include <array>
#include <cstdint>
#include <vector>

namespace xloop {

/// What each driven row adds to each conversion, in fixed-point ADC steps: rows x conversions signed 16-bit integers.
///
/// Kept as two signed bytes, value = 255 * high + low: an input bit can then be presented as the unsigned byte 255 to
/// the high bytes and as 1 to the low ones, and one chain of byte products gives the whole sum. Conversions are grouped
/// into panels of 32, rows into quads of 4, in the order in which byte products are computed: a panel is a list of Quad,
/// first the high bytes of all rows, then the low bytes, then zeros. Padding of rows and of conversions is 0.
class ReadMatrix {
public:
    static constexpr int panel_width = 32;
    static constexpr int rows_per_quad = 4;
    static constexpr int largest_step = 255 * 127 + 127;

    /// Four rows of one panel.
    struct alignas(64) Quad {
        std::array<std::array<std::int8_t, rows_per_quad>, panel_width> steps{};
    };

    /// `steps`: [row][conversion], rows * conversions values, 1 ... 1024 rows. Throws Error for a value above
    /// largest_step, which does not split into two signed bytes, and for other numbers of rows.
    ReadMatrix(const std::int16_t* steps, int rows, int conversions);

    int rows() const { return rows_; }
    int conversions() const { return conversions_; }
    int panels() const { return (conversions_ + panel_width - 1) / panel_width; }
    /// Conversions of one line of partial sums: rounded up to whole panels.
    int stride() const { return panels() * panel_width; }
    /// Largest magnitude of a sum over any choice of rows, each counted once.
    std::int32_t largest_sum() const { return largest_sum_; }

    /// Quads of the high bytes, or of the low bytes, of all rows.
    int row_quads() const { return (rows_ + rows_per_quad - 1) / rows_per_quad; }
    /// Quads of one panel: reading in sixteens, from the start of the high or of the low bytes, does not leave it.
    int panel_quads() const { return (row_quads() + 15) / 16 * 32; }
    const Quad* high(int panel) const { return quads_.data() + static_cast<std::ptrdiff_t>(panel) * panel_quads(); }
    const Quad* low(int panel) const { return high(panel) + row_quads(); }

private:
    int rows_, conversions_;
    std::int32_t largest_sum_ = 0;
    std::vector<Quad> quads_;
};

}  // namespace xloop
