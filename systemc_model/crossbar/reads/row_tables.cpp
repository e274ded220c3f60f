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
constexpr int entries_per_quad = 1 << ReadMatrix::rows_per_quad;
/// Quads whose tables are used together: 32 KB, the size of a first-level cache.
constexpr int quads_at_a_time = 32;

using QuadTable = std::array<std::array<std::int32_t, lane_count>, entries_per_quad>;
using Tables = std::array<QuadTable, quads_at_a_time>;

/// Four inputs, one per byte -> byte t holds bit t of each, times 8. Transposes 8 x 8 bits in three steps.
[[gnu::always_inline]] inline std::uint64_t bits_by_position(std::uint64_t x) {
    std::uint64_t swap = (x ^ (x >> 7)) & 0x00aa00aa00aa00aau;
    x ^= swap ^ (swap << 7);
    swap = (x ^ (x >> 14)) & 0x0000cccc0000ccccu;
    x ^= swap ^ (swap << 14);
    swap = (x ^ (x >> 28)) & 0x00000000f0f0f0f0u;
    x ^= swap ^ (swap << 28);
    return x << 3;
}

/// entries[quad]: byte t tells which rows of the quad are set in bit t, times 8, for each t below `bits`, else 0.
XLOOP_CLONES void find_entries(const std::uint8_t* inputs, int rows, int bits, std::uint64_t* entries) {
    const std::uint32_t used = 0x01010101u * ((1u << bits) - 1);
    const int whole = rows / ReadMatrix::rows_per_quad;
    for (int q = 0; q < whole; ++q) {
        std::uint32_t four;
        std::memcpy(&four, inputs + q * ReadMatrix::rows_per_quad, sizeof four);
        entries[q] = bits_by_position(four & used);
    }
    if (const int rest = rows % ReadMatrix::rows_per_quad) {
        std::uint32_t four = 0;
        std::memcpy(&four, inputs + whole * ReadMatrix::rows_per_quad, static_cast<std::size_t>(rest));
        entries[whole] = bits_by_position(four & used);
    }
}

/// tables[q][rows] = sum of the chosen rows of quad q, for sixteen conversions.
XLOOP_CLONES void make_tables(const ReadMatrix::Quad* high, const ReadMatrix::Quad* low, int first_lane, int quads,
                              Tables& tables) {
    const auto lane = static_cast<std::size_t>(first_lane);
    for (int q = 0; q < quads; ++q) {
        const Lanes& high_bytes = *reinterpret_cast<const Lanes*>(&high[q].steps[lane]);
        const Lanes& low_bytes = *reinterpret_cast<const Lanes*>(&low[q].steps[lane]);
        Lanes sums[entries_per_quad] = {};
        for (int r = 0; r < ReadMatrix::rows_per_quad; ++r) {
            // Byte r of each lane, with its sign.
            const Lanes h = high_bytes << (24 - 8 * r) >> 24;
            const Lanes l = low_bytes << (24 - 8 * r) >> 24;
            const Lanes row = (h << 8) - h + l;
            for (int without = 0; without < 1 << r; ++without)
                sums[without + (1 << r)] = sums[without] + row;
        }
        auto& table = tables[static_cast<std::size_t>(q)];
        for (int entry = 0; entry < entries_per_quad; ++entry)
            lanes_at(table[static_cast<std::size_t>(entry)].data()) = sums[entry];
    }
}

/// What is added up for one vector: the sums of each input bit, sixteen conversions.
struct alignas(64) BitSums {
    std::array<std::array<std::int32_t, lane_count>, input_bits> bit;
};

[[gnu::always_inline]] inline void look_up(const Tables& tables, int quads, const std::uint64_t* entries,
                                           BitSums& result) {
    Lanes sums[input_bits] = {};
    const char* table = reinterpret_cast<const char*>(&tables);
    for (int q = 0; q < quads; ++q, table += sizeof(QuadTable)) {
        std::uint64_t rest = entries[q];
        for (int bit = 0; bit < input_bits; ++bit, rest >>= 8)
            sums[bit] += *reinterpret_cast<const Lanes*>(table + (rest & 0xff) * (sizeof(Lanes) / 8));
    }
    for (int bit = 0; bit < input_bits; ++bit)
        lanes_at(result.bit[static_cast<std::size_t>(bit)].data()) = sums[bit];
}

/// Adds the sums of the tables' quads to the reads of each vector, or sets them if `begin`.
XLOOP_CLONES void add_quads(const Tables& tables, int quads, const std::uint64_t* entries, std::ptrdiff_t entry_stride,
                            int vectors, const ReadPlan& plan, bool begin, std::int32_t* sums) {
    const int reads = plan.reads(), dac_bits = plan.dac_bits;
    BitSums sums_of;
    for (int v = 0; v < vectors; ++v) {
        look_up(tables, quads, entries + v * entry_stride, sums_of);
        for (int t = 0; t < reads; ++t, sums += ReadMatrix::panel_width) {
            Lanes sum{};
            for (int bit = std::min((t + 1) * dac_bits, input_bits) - 1; bit >= t * dac_bits; --bit)
                sum = sum + sum + lanes_at(sums_of.bit[static_cast<std::size_t>(bit)].data());
            lanes_at(sums) = begin ? sum : lanes_at(sums) + sum;
        }
    }
}

}  // namespace

void RowTables::load(const ReadInputs& inputs) {
    thread_local Scratch<std::uint64_t> memory;
    const std::ptrdiff_t per_vector = matrix_.row_quads();
    std::uint64_t* entries = memory.at_least(static_cast<std::size_t>(inputs.vectors * per_vector));
    entries_ = entries;
    for (int v = 0; v < inputs.vectors; ++v)
        find_entries(inputs.values + v * inputs.stride, matrix_.rows(), plan_.input_bits, entries + v * per_vector);
}

void RowTables::panel_sums(const ReadMatrix& matrix, int panel, int first, int count, std::int32_t* sums,
                           const PanelConversion* meanwhile) const {
    thread_local Scratch<std::int32_t> memory;
    auto& tables = *reinterpret_cast<Tables*>(memory.at_least(sizeof(Tables) / sizeof(std::int32_t)));
    const std::ptrdiff_t per_vector = matrix.row_quads();
    if (meanwhile)
        convert(*meanwhile);
    for (int lane = 0; lane < ReadMatrix::panel_width; lane += lane_count)
        for (int q = 0; q < matrix.row_quads(); q += quads_at_a_time) {
            const int quads = std::min(quads_at_a_time, matrix.row_quads() - q);
            make_tables(matrix.high(panel) + q, matrix.low(panel) + q, lane, quads, tables);
            add_quads(tables, quads, entries_ + first * per_vector + q, per_vector, count, plan_, q == 0, sums + lane);
        }
}

}  // namespace xloop
