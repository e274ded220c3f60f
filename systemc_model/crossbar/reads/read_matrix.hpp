#pragma once

#include <cstdint>
#include <vector>

namespace xloop {

/// What each driven row adds to each conversion, in fixed-point ADC steps: rows x conversions signed 16-bit integers,
/// kept as two signed byte planes (value = 256 * high + low) in the order in which the kernels read them.
class ReadMatrix {
public:
    /// `steps`: [row][conversion], rows * conversions values; values above 32639 do not split into two signed bytes and
    /// are refused with an Error.
    ReadMatrix(const std::int16_t* steps, int rows, int conversions);

    int rows() const { return rows_; }
    int conversions() const { return conversions_; }
    /// Conversions of one line of partial sums: rounded up to whole vectors.
    int stride() const { return stride_; }

private:
    friend struct ReadMatrixAccess;
    int rows_, conversions_, stride_;
    std::vector<std::int8_t> planes_;
};

}  // namespace xloop
