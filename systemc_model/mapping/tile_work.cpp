#include "systemc_model/mapping/tile_work.hpp"

#include <algorithm>
#include <cmath>

namespace xloop {
namespace {

std::int64_t ceil_div(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

}  // namespace

Durations::Durations(const HardwareConfig& hardware)
    : hardware_(hardware), reads_(hardware.reads()),
      read_(static_cast<int>(std::ceil(hardware.crossbar.read_time_ns * hardware.clock.frequency_ghz - 1e-9))) {}

int Durations::sweep(int outputs) const {
    const int conversions = std::min(hardware_.conversions(outputs), hardware_.adc.columns_per_adc);
    const double cycles = conversions / hardware_.adc.sample_rate_gsps * hardware_.clock.frequency_ghz;
    return static_cast<int>(std::ceil(cycles - 1e-9));
}

int Durations::read_interval(int outputs) const { return std::max(read_, sweep(outputs)); }

int Durations::vector_latency(int outputs) const {
    constexpr int shift_add = 1;
    return read_ + (reads_ - 1) * read_interval(outputs) + sweep(outputs) + shift_add;
}

int Durations::bus(std::int64_t bytes) const { return static_cast<int>(ceil_div(8 * bytes, hardware_.tile.bus_bits)); }

int Durations::vector_unit(std::int64_t operations) const {
    return static_cast<int>(ceil_div(operations, hardware_.tile.vector_lanes));
}

int Durations::flits(std::int64_t bytes) const {
    return 1 + static_cast<int>(ceil_div(8 * bytes, hardware_.noc.flit_bits));
}

int Durations::network(int routers, std::int64_t bytes) const {
    constexpr int inject = 1, eject = 1;
    return inject + routers * hardware_.noc.router_delay_cycles + (routers - 1) * hardware_.noc.link_delay_cycles +
           flits(bytes) - 1 + eject;
}

std::vector<TileWork> tile_works(const GraphLayer& layer, const LayerMapping& placed, const Durations& durations) {
    std::vector<TileWork> works;
    for (int tile : placed.tiles) {
        TileWork work;
        work.tile = tile;
        work.covers.assign(static_cast<std::size_t>(layer.out.channels), false);
        for (std::size_t b = 0; b < placed.blocks.size(); ++b) {
            const PlacedBlock& block = placed.blocks[b];
            if (block.tile != tile)
                continue;
            work.blocks.push_back(static_cast<int>(b));
            const bool known = std::any_of(work.row_slices.begin(), work.row_slices.end(), [&](const auto& slice) {
                return slice.group == block.group && slice.row_begin == block.row_begin;
            });
            if (!known) {
                work.row_slices.push_back({block.group, block.row_begin, block.rows});
                work.fetch_bytes += block.rows;
                work.fetch_cycles += durations.bus(block.rows);
            }
            const std::int64_t bytes = std::int64_t{block.outs} * accumulator_bytes;
            work.gather_bytes += bytes;
            work.gather_cycles += durations.bus(bytes);
            std::fill_n(work.covers.begin() + block.out_begin, block.outs, true);
            work.latency = std::max(work.latency, durations.vector_latency(block.outs));
            work.interval = std::max(work.interval, durations.vector_interval(block.outs));
        }
        work.covered = static_cast<int>(std::count(work.covers.begin(), work.covers.end(), true));
        works.push_back(std::move(work));
    }
    return works;
}

DigitalWork digital_work(const GraphLayer& layer, int position) {
    std::int64_t elements = static_cast<std::int64_t>(layer.inputs.size()) * layer.out.channels;
    if (layer.kind != LayerKind::add) {
        const int y = position / layer.out.width * layer.stride - layer.padding;
        const int x = position % layer.out.width * layer.stride - layer.padding;
        const int high = std::min(y + layer.kernel_h, layer.in.height) - std::max(y, 0);
        const int wide = std::min(x + layer.kernel_w, layer.in.width) - std::max(x, 0);
        elements = static_cast<std::int64_t>(high) * wide * layer.out.channels;
    }
    return {elements, elements};
}

std::int64_t output_bytes(const GraphLayer& layer) {
    return std::int64_t{layer.out.channels} * (layer.is_output ? accumulator_bytes : 1);
}

}  // namespace xloop
