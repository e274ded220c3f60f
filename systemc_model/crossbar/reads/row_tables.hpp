#pragma once

#include "systemc_model/crossbar/reads/conversion.hpp"
#include "systemc_model/crossbar/reads/read_inputs.hpp"
#include "systemc_model/crossbar/reads/read_matrix.hpp"
#include "systemc_model/crossbar/reads/read_plan.hpp"

#include <cstddef>
#include <cstdint>

namespace xloop {

/// Partial sums for any processor, without multiplications. Bits of some rows at a time choose one of the sums that these
/// rows can make ("four Russians", Arlazarov et al. 1970); a table of them serves all reads of many vectors. Digits of
/// several bits are put together from the sums of their bits. Tables of four rows, 16 sums, stay in a first-level cache; those
/// of six, 64 sums, need fewer additions for many vectors and a second-level cache.
class RowTables {
public:
    /// Enough vectors to pay for the tables, all of them as one block.
    int vectors_at_a_time() const { return 64; }
    int block() const { return vectors_at_a_time(); }

    /// `table_rows`: 4 or 6.
    RowTables(const ReadMatrix& matrix, const ReadPlan& plan, int table_rows)
        : matrix_(matrix), plan_(plan), table_rows_(table_rows) {}

    /// Takes the inputs of up to vectors_at_a_time() vectors.
    void load(const ReadInputs& inputs);
    /// sums[(v * reads + t) * panel_width + lane] of `count` loaded vectors from number `first` on, in one panel of
    /// `matrix`, which has as many rows as the kernel's.
    /// `meanwhile`: as in ByteProducts.
    void panel_sums(const ReadMatrix& matrix, int panel, int first, int count, std::int32_t* sums,
                    const PanelConversion* meanwhile) const;

private:
    std::ptrdiff_t tables() const;

    const ReadMatrix& matrix_;
    const ReadPlan& plan_;
    int table_rows_;
    const std::uint64_t* entries_ = nullptr;  ///< [vector][table]: one byte for each bit
};

}  // namespace xloop
