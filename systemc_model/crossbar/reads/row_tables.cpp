#include "systemc_model/crossbar/reads/row_tables.hpp"

#include "core/target_clones.hpp"
#include "systemc_model/crossbar/reads/lanes.hpp"
#include "systemc_model/crossbar/reads/scratch.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace xloop {
namespace {

constexpr int input_bits = 8;

/// Sums of any choice of `rows` rows, for sixteen conversions.
template <int rows>
using Table = std::array<std::array<std::int32_t, lane_count>, 1 << rows>;
/// Tables that are used together: a first-level cache of 32 KB of small ones, a part of the second of large ones.
template <int rows>
constexpr int tables_at_a_time = rows == 4 ? 32 : 24;
template <int rows>
using Tables = std::array<Table<rows>, tables_at_a_time<rows>>;
/// An entry's number takes a byte, shifted left as far as that allows: processors multiply addresses by 8 at most.
template <int rows>
constexpr int entry_shift = rows == 4 ? 3 : 2;

/// Eight inputs, one per byte -> byte t holds bit t of each. Transposes 8 x 8 bits in three steps.
[[gnu::always_inline]] inline std::uint64_t bits_by_position(std::uint64_t x) {
    std::uint64_t swap = (x ^ (x >> 7)) & 0x00aa00aa00aa00aau;
    x ^= swap ^ (swap << 7);
    swap = (x ^ (x >> 14)) & 0x0000cccc0000ccccu;
    x ^= swap ^ (swap << 14);
    swap = (x ^ (x >> 28)) & 0x00000000f0f0f0f0u;
    return x ^ swap ^ (swap << 28);
}

template <int table_rows>
[[gnu::always_inline]] inline void find_entries_of(const std::uint8_t* padded, int tables, int bits,
                                                   std::uint64_t* entries) {
    constexpr std::uint64_t of_table = (std::uint64_t{1} << (8 * table_rows)) - 1;
    const std::uint64_t used = 0x0101010101010101u * ((1u << bits) - 1) & of_table;
    for (int k = 0; k < tables; ++k)
        std::memcpy(entries + k, padded + k * table_rows, sizeof *entries);
    for (int k = 0; k < tables; ++k)
        entries[k] = bits_by_position(entries[k] & used) << entry_shift<table_rows>;
}

/// entries[table]: byte t tells which rows of the table are set in bit t, shifted, for each t below `bits`, else 0. Eight
/// inputs are read for each table, those behind the last row being 0.
XLOOP_CLONES void find_entries(int table_rows, const std::uint8_t* padded, int tables, int bits,
                               std::uint64_t* entries) {
    table_rows == 4 ? find_entries_of<4>(padded, tables, bits, entries)
                    : find_entries_of<6>(padded, tables, bits, entries);
}

/// What row `row` adds to sixteen conversions.
[[gnu::always_inline]] inline void load_row(const ReadMatrix& matrix, int panel, int first_lane, int row, Lanes& sums) {
    const int quad = row / ReadMatrix::rows_per_quad, byte = row % ReadMatrix::rows_per_quad;
    sums = Lanes{};
    if (quad >= matrix.row_quads())
        return;
    const auto lane = static_cast<std::size_t>(first_lane);
    const Lanes& high_bytes = *reinterpret_cast<const Lanes*>(&matrix.high(panel)[quad].steps[lane]);
    const Lanes& low_bytes = *reinterpret_cast<const Lanes*>(&matrix.low(panel)[quad].steps[lane]);
    // A byte of each lane, with its sign.
    const Lanes high = high_bytes << (24 - 8 * byte) >> 24;
    const Lanes low = low_bytes << (24 - 8 * byte) >> 24;
    sums = (high << 8) - high + low;
}

template <int table_rows>
[[gnu::always_inline]] inline void make_tables_of(const ReadMatrix& matrix, int panel, int first_lane, int first_table,
                                                  int count, Tables<table_rows>& tables) {
    constexpr int in_registers = 4;
    for (int k = 0; k < count; ++k) {
        const int first_row = (first_table + k) * table_rows;
        Lanes sums[1 << in_registers] = {};
        for (int r = 0; r < in_registers; ++r) {
            Lanes row;
            load_row(matrix, panel, first_lane, first_row + r, row);
            for (int without = 0; without < 1 << r; ++without)
                sums[without + (1 << r)] = sums[without] + row;
        }
        auto* const entry = tables[static_cast<std::size_t>(k)].data();
        for (int without = 0; without < 1 << in_registers; ++without)
            lanes_at(entry[without].data()) = sums[without];
        for (int r = in_registers; r < table_rows; ++r) {
            Lanes row;
            load_row(matrix, panel, first_lane, first_row + r, row);
            for (int without = 0; without < 1 << r; ++without)
                lanes_at(entry[without + (1 << r)].data()) = lanes_at(entry[without].data()) + row;
        }
    }
}

template <int table_rows>
[[gnu::always_inline]] inline void look_up(const Tables<table_rows>& tables, int count, const std::uint64_t* entries,
                                           Lanes (&sums)[input_bits]) {
    for (int bit = 0; bit < input_bits; ++bit)
        sums[bit] = Lanes{};
    const char* table = reinterpret_cast<const char*>(&tables);
    for (int k = 0; k < count; ++k, table += sizeof(Table<table_rows>)) {
        std::uint64_t rest = entries[k];
        for (int bit = 0; bit < input_bits; ++bit, rest >>= 8)
            sums[bit] +=
                *reinterpret_cast<const Lanes*>(table + (rest & 0xff) * (sizeof(Lanes) >> entry_shift<table_rows>));
    }
}

/// Adds the sums of the tables' rows to the reads of each vector, or sets them if `begin`.
template <int table_rows, bool begin>
[[gnu::always_inline]] inline void add_tables_of(const Tables<table_rows>& tables, int count,
                                                 const std::uint64_t* entries, std::ptrdiff_t entry_stride, int vectors,
                                                 const ReadPlan& plan, std::int32_t* sums) {
    constexpr int width = ReadMatrix::panel_width;
    const int reads = plan.reads(), dac_bits = plan.dac_bits;
    Lanes sum_of[input_bits];
    for (int v = 0; v < vectors; ++v, sums += reads * width) {
        look_up<table_rows>(tables, count, entries + v * entry_stride, sum_of);
        // The common case, in which the sums need not leave their registers in between.
        if (reads == input_bits) {
            for (int t = 0; t < input_bits; ++t)
                lanes_at(sums + t * width) = begin ? sum_of[t] : lanes_at(sums + t * width) + sum_of[t];
            continue;
        }
        for (int t = 0; t < reads; ++t) {
            Lanes sum{};
            for (int bit = std::min((t + 1) * dac_bits, input_bits) - 1; bit >= t * dac_bits; --bit)
                sum = sum + sum + sum_of[bit];
            lanes_at(sums + t * width) = begin ? sum : lanes_at(sums + t * width) + sum;
        }
    }
}

/// A panel's sums for `vectors` vectors: [(v * reads + t) * panel_width + lane].
struct PanelSums {
    const ReadMatrix& matrix;
    const ReadPlan& plan;
    int panel, vectors;
    const std::uint64_t* entries;
    std::int32_t *memory, *sums;
};

template <int table_rows>
[[gnu::always_inline]] inline void find_sums(const PanelSums& job) {
    auto& tables = *reinterpret_cast<Tables<table_rows>*>(job.memory);
    const int all = (job.matrix.rows() + table_rows - 1) / table_rows;
    for (int lane = 0; lane < ReadMatrix::panel_width; lane += lane_count)
        for (int first = 0; first < all; first += tables_at_a_time<table_rows>) {
            const int count = std::min(tables_at_a_time<table_rows>, all - first);
            make_tables_of<table_rows>(job.matrix, job.panel, lane, first, count, tables);
            first == 0 ? add_tables_of<table_rows, true>(tables, count, job.entries, all, job.vectors, job.plan,
                                                         job.sums + lane)
                       : add_tables_of<table_rows, false>(tables, count, job.entries + first, all, job.vectors,
                                                          job.plan, job.sums + lane);
        }
}

XLOOP_CLONES void sums_of_four(const PanelSums& job) { find_sums<4>(job); }
XLOOP_CLONES void sums_of_six(const PanelSums& job) { find_sums<6>(job); }

}  // namespace

std::ptrdiff_t RowTables::tables() const { return (matrix_.rows() + table_rows_ - 1) / table_rows_; }

void RowTables::load(const ReadInputs& inputs) {
    constexpr int padding = 8;
    thread_local Scratch<std::uint64_t> memory;
    thread_local Scratch<std::uint8_t> padded_memory;
    const int rows = matrix_.rows();
    std::uint64_t* entries = memory.at_least(static_cast<std::size_t>(inputs.vectors * tables()));
    std::uint8_t* padded = padded_memory.at_least(static_cast<std::size_t>(rows + padding));
    std::fill_n(padded + rows, padding, std::uint8_t{0});
    entries_ = entries;
    for (int v = 0; v < inputs.vectors; ++v, entries += tables()) {
        std::copy_n(inputs.values + v * inputs.stride, rows, padded);
        find_entries(table_rows_, padded, static_cast<int>(tables()), plan_.input_bits, entries);
    }
}

void RowTables::panel_sums(const ReadMatrix& matrix, int panel, int first, int count, std::int32_t* sums,
                           const PanelConversion* meanwhile) const {
    thread_local Scratch<std::int32_t> memory;
    constexpr std::size_t bytes = std::max(sizeof(Tables<4>), sizeof(Tables<6>));
    if (meanwhile)
        convert(*meanwhile);
    const PanelSums job{
        matrix, plan_, panel, count, entries_ + first * tables(), memory.at_least(bytes / sizeof(std::int32_t)), sums};
    table_rows_ == 4 ? sums_of_four(job) : sums_of_six(job);
}

}  // namespace xloop
