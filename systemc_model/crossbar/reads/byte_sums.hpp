#pragma once

#include "systemc_model/crossbar/reads/byte_products.hpp"
#include "systemc_model/crossbar/reads/read_inputs.hpp"
#include "systemc_model/crossbar/reads/read_matrix.hpp"
#include "systemc_model/crossbar/reads/read_plan.hpp"

#include <cstdint>

namespace xloop {

/// Partial sums by products of bytes. With one bit per read, a line holds the bits twice, as 255 and as 1, for the high and
/// for the low bytes of the matrix, and one chain of products is the sum. Otherwise it holds the digits, and the sums of
/// the high and of the low bytes are put together afterwards.
class ByteSums {
public:
    /// The inputs of some 64 lines stay in the first-level cache while all panels pass; a block is two tiles of sums.
    int vectors_at_a_time() const { return 2 * block(); }
    int block() const { return 2 * byte_lines / plan_.reads(); }

    using Products = void (*)(const ByteProducts&);
    ByteSums(const ReadMatrix& matrix, const ReadPlan& plan, Products products)
        : matrix_(matrix), plan_(plan), products_(products) {}

    /// Takes the inputs of up to vectors_at_a_time() vectors.
    void load(const ReadInputs& inputs);
    /// sums[(v * reads + t) * panel_width + lane] of `count` loaded vectors from number `first` on, in one panel of
    /// `matrix`, which has as many rows as the kernel's. Whole
    /// groups of byte_lines lines are written. `meanwhile`: as in ByteProducts.
    void panel_sums(const ReadMatrix& matrix, int panel, int first, int count, std::int32_t* sums,
                    const PanelConversion* meanwhile) const;

private:
    bool one_bit() const { return plan_.dac_bits == 1; }
    std::ptrdiff_t line_bytes() const;

    const ReadMatrix& matrix_;
    const ReadPlan& plan_;
    Products products_;
    const std::uint8_t* lines_ = nullptr;  ///< [vector * reads + t][line_bytes()]
};

}  // namespace xloop
