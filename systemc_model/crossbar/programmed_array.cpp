#include "systemc_model/crossbar/programmed_array.hpp"

#include "systemc_model/crossbar/wires/effective_conductance.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(XLOOP_NO_TARGET_CLONES)
#define XLOOP_CLONES __attribute__((target_clones("default", "arch=x86-64-v3", "arch=x86-64-v4")))
#else
#define XLOOP_CLONES
#endif

namespace xloop {
namespace {

constexpr int lane_group = 16;

/// sums[c] = sum over driven rows of steps[row][c]; `padded` is a multiple of lane_group. Integer: any order, same sums.
XLOOP_CLONES void add_driven_rows(const std::int16_t* steps, int padded, const RowMask& mask, int rows,
                                  std::int32_t* sums) {
    std::array<std::int16_t, 1024> driven;
    int count = 0;
    for (int word = 0; word * 64 < rows; ++word)
        for (std::uint64_t bits = mask.words[static_cast<std::size_t>(word)]; bits != 0; bits &= bits - 1)
            driven[static_cast<std::size_t>(count++)] = static_cast<std::int16_t>(word * 64 + __builtin_ctzll(bits));
    for (int c = 0; c < padded; c += lane_group) {
        std::array<std::int32_t, lane_group> sum{};
        for (int i = 0; i < count; ++i) {
            const std::int16_t* row = steps + driven[static_cast<std::size_t>(i)] * padded + c;
            for (int lane = 0; lane < lane_group; ++lane)
                sum[static_cast<std::size_t>(lane)] += row[lane];
        }
        for (int lane = 0; lane < lane_group; ++lane)
            sums[c + lane] = sum[static_cast<std::size_t>(lane)];
    }
}

/// codes[c] = the ADC's code for sums[c]; `count` may be padded.
XLOOP_CLONES void convert_all(const Adc& adc, const std::int32_t* sums, int count, std::int32_t* codes) {
    const Adc local = adc;
    for (int c = 0; c < count; ++c)
        codes[c] = local.convert(sums[c]);
}

/// sums[o] += 2^bit * (lsb * sum over slices of 2^(slice_bits * s) codes[o][s] - offset * ones).
XLOOP_CLONES void shift_add_all(const std::int32_t* codes, int outputs, int slices, int slice_bits, int bit,
                                std::int32_t lsb, std::int32_t offset, std::int32_t* sums) {
    for (int o = 0; o < outputs; ++o) {
        std::int32_t sum = 0;
        for (int s = 0; s < slices; ++s)
            sum += codes[o * slices + s] * (1 << (slice_bits * s));
        sums[o] += (sum * lsb - offset) * (1 << bit);
    }
}

}  // namespace

RowMask bit_plane(const std::uint8_t* inputs, int rows, int bit) {
    RowMask mask;
    for (int r = 0; r < rows; r += 8) {
        std::uint64_t eight = 0;
        std::memcpy(&eight, inputs + r, static_cast<std::size_t>(std::min(8, rows - r)));
        // One bit of each byte, gathered into the top byte by a multiplication (byte r becomes bit r).
        const std::uint64_t ones = (eight >> bit) & 0x0101010101010101u;
        mask.words[static_cast<std::size_t>(r / 64)] |= ((ones * 0x0102040810204080u) >> 56) << (r % 64);
    }
    for (int word = 0; word * 64 < rows; ++word)
        mask.ones += __builtin_popcountll(mask.words[static_cast<std::size_t>(word)]);
    return mask;
}

ProgrammedArray::ProgrammedArray(const std::int8_t* weights, int outputs, int rows, std::ptrdiff_t stride,
                                 const HardwareConfig& hardware, std::uint64_t id)
    : rows_(rows), outputs_(outputs), input_bits_(hardware.numerics.activation_bits),
      lsb_levels_(hardware.adc.lsb_levels), id_(id), slicing_(hardware), adc_(hardware),
      noise_(hardware.chip_seed, RandomUse::adc_noise) {
    if (hardware.adc.noise_sigma_lsb > 0.0)
        noise_table_ = NoiseTable::make(hardware.adc.noise_sigma_lsb, adc_.fraction_bits());
    const auto& xbar = hardware.crossbar;
    const Eigen::MatrixXd g =
        program_cells(slicing_.levels(weights, outputs, rows, stride), hardware.device, hardware.chip_seed, id);
    const Eigen::MatrixXd g_eff =
        effective_conductance(g, {xbar.r_driver_ohm, xbar.r_wire_row_ohm, xbar.r_wire_col_ohm, xbar.r_sense_ohm});
    const double step = hardware.device.level_step();

    padded_ = (conversions() + lane_group - 1) / lane_group * lane_group;
    steps_.assign(static_cast<std::size_t>(rows_) * padded_, 0);
    effective_.assign(static_cast<std::size_t>(outputs_) * rows_, static_cast<float>(-slicing_.offset()));
    for (int r = 0; r < rows_; ++r)
        for (int c = 0; c < conversions(); ++c) {
            const double levels = (g_eff(r, slicing_.plus_column(c)) - g_eff(r, slicing_.minus_column(c))) / step;
            steps_[static_cast<std::size_t>(r) * padded_ + c] = adc_.fixed_point(levels / lsb_levels_);
            effective_[static_cast<std::size_t>(c / slicing_.slices()) * rows_ + r] +=
                static_cast<float>(levels * slicing_.slice_weight(c % slicing_.slices()));
        }
}

void ProgrammedArray::convert(const RowMask& mask, const ReadKey& key, std::int32_t* codes) const {
    std::array<std::int32_t, 1024> sums;
    add_driven_rows(steps_.data(), padded_, mask, rows_, sums.data());
    if (noise_table_) {
        // Addressed by (array, image) and (position, bit, conversion): no order matters.
        const std::uint64_t first = (id_ << 32) ^ static_cast<std::uint64_t>(key.image);
        const std::uint64_t second = (static_cast<std::uint64_t>(key.position) << 20) |
                                     (static_cast<std::uint64_t>(key.bit) << 16);
        noise_table_->add(noise_, first, second, conversions(), sums.data());
    }
    convert_all(adc_, sums.data(), conversions(), codes);
}

void ProgrammedArray::shift_add(const std::int32_t* codes, const RowMask& mask, int bit,
                                std::int32_t* partial_sums) const {
    shift_add_all(codes, outputs_, slicing_.slices(), slicing_.slice_bits(), bit, lsb_levels_,
                  slicing_.offset() * mask.ones, partial_sums);
}

void ProgrammedArray::multiply(const std::uint8_t* inputs, std::int64_t image, int position,
                               std::int32_t* partial_sums) const {
    std::array<std::int32_t, 1024> codes;
    for (int bit = 0; bit < input_bits_; ++bit) {
        const RowMask mask = bit_plane(inputs, rows_, bit);
        convert(mask, {image, position, bit}, codes.data());
        shift_add(codes.data(), mask, bit, partial_sums);
    }
}

}  // namespace xloop
