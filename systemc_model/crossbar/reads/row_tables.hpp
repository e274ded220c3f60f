#pragma once

#include "systemc_model/crossbar/reads/conversion.hpp"
#include "systemc_model/crossbar/reads/read_inputs.hpp"
#include "systemc_model/crossbar/reads/read_matrix.hpp"
#include "systemc_model/crossbar/reads/read_plan.hpp"

#include <cstdint>

namespace xloop {

/// Partial sums for any processor, without multiplications. Bits of four rows at a time choose one of the 16 sums that
/// these rows can make ("four Russians", Arlazarov et al. 1970); a table of them serves all reads of many vectors. Digits
/// of several bits are put together from the sums of their bits.
class RowTables {
public:
    /// Enough vectors to pay for the tables, all of them as one block.
    int vectors_at_a_time() const { return 64; }
    int block() const { return vectors_at_a_time(); }

    RowTables(const ReadMatrix& matrix, const ReadPlan& plan) : matrix_(matrix), plan_(plan) {}

    /// Takes the inputs of up to vectors_at_a_time() vectors.
    void load(const ReadInputs& inputs);
    /// sums[(v * reads + t) * panel_width + lane] of `count` loaded vectors from number `first` on, in one panel of
    /// `matrix`, which has as many rows as the kernel's.
    /// `meanwhile`: as in ByteProducts.
    void panel_sums(const ReadMatrix& matrix, int panel, int first, int count, std::int32_t* sums,
                    const PanelConversion* meanwhile) const;

private:
    const ReadMatrix& matrix_;
    const ReadPlan& plan_;
    const std::uint64_t* entries_ = nullptr;  ///< [vector][quad]: one byte for each bit
};

}  // namespace xloop
