#include "systemc_model/chip/adc_calibration.hpp"

#include "core/parallel.hpp"
#include "systemc_model/chip/hardware_digest.hpp"
#include "systemc_model/mapping/map_network.hpp"

#include <algorithm>
#include <cmath>
#include <mutex>

namespace xloop {
namespace {

/// How often each size of sum occurs, from 0 to the largest possible.
class Histogram {
public:
    explicit Histogram(double largest) : width_(largest / bins), counts_(bins, 0) {}

    void add(float value) {
        const auto bin = static_cast<std::size_t>(std::abs(value) / width_);
        ++counts_[std::min<std::size_t>(bin, bins - 1)];
        ++total_;
    }
    void add(const Histogram& other) {
        for (std::size_t bin = 0; bin < bins; ++bin)
            counts_[bin] += other.counts_[bin];
        total_ += other.total_;
    }
    /// Upper end of the bin in which the share `percent` of all values is reached.
    double percentile(double percent) const {
        double left = percent / 100.0 * static_cast<double>(total_);
        std::size_t bin = 0;
        for (left -= static_cast<double>(counts_[0]); left > 0.0 && bin + 1 < bins;)
            left -= static_cast<double>(counts_[++bin]);
        return static_cast<double>(bin + 1) * width_;
    }

private:
    static constexpr std::size_t bins = 1 << 16;
    double width_;
    std::vector<std::uint64_t> counts_;
    std::uint64_t total_ = 0;
};

/// Multiplies exactly, and looks at what the arrays of a chip would give to their ADCs.
class Observer : public MatrixEngine {
public:
    Observer(const Chip& chip, std::vector<Histogram>& histograms)
        : chip_(chip), exact_(chip.network().graph), histograms_(histograms) {}

    void multiply(int layer, const ReadAddress& first, int count, const std::uint8_t* windows,
                  std::int32_t* accumulators) const override {
        exact_.multiply(layer, first, count, windows, accumulators);
        const LayerArrays& arrays = *chip_.layer_arrays(layer);
        const GraphLayer& shape = chip_.network().graph.layers[static_cast<std::size_t>(layer)];
        const std::uint8_t* held = arrays.held_windows(windows, count);
        for (int b = 0; b < arrays.blocks() && !arrays.is_digital(); ++b) {
            const MatrixBlock& block = arrays.block(b);
            const std::uint8_t* inputs =
                held + static_cast<std::ptrdiff_t>(block.group) * shape.held_rows() + block.row_begin;
            for (float value : arrays.array(b).analog_levels(inputs, arrays.held_window(), count))
                histograms_[static_cast<std::size_t>(layer)].add(value);
        }
    }

private:
    const Chip& chip_;
    IntegerEngine exact_;
    std::vector<Histogram>& histograms_;
};

/// Twice the largest sum of an array, which programming errors may exceed.
double largest_sum(const HardwareConfig& hardware) {
    const LevelTable levels = make_levels(hardware);
    return 2.0 * levels.highest() / levels.step() * hardware.crossbar.rows_at_once() * ((1 << hardware.dac.bits) - 1);
}

}  // namespace

void calibrate_adc(MappedNetwork& network, CalibrationImages images, int threads) {
    WorkloadGraph& graph = network.graph;
    HardwareConfig wide = network.hardware;
    wide.adc.range = AdcRange::full_scale;
    wide.adc.gain_correction = GainCorrectionKind::none;  // it comes after the sums that are looked at
    for (TileType& type : wide.tile_types) {
        type.hardware.adc.range = AdcRange::full_scale;
        type.hardware.adc.gain_correction = GainCorrectionKind::none;
    }
    wide.mapping.replication = Replication::none;
    wide.mapping.replicas.clear();
    const Chip chip(map_network(graph, wide), threads);
    std::vector<Histogram> empty;
    for (std::size_t l = 0; l < graph.layers.size(); ++l)
        empty.emplace_back(largest_sum(network.layer_hardware(static_cast<int>(l))));
    std::vector<Histogram> total = empty;
    std::mutex lock;
    parallel_for(images.count, threads, [&](int i) {
        std::vector<Histogram> own = empty;
        run_graph(graph, Observer(chip, own), images.pixels + static_cast<std::ptrdiff_t>(i) * graph.input.size(), i);
        const std::lock_guard<std::mutex> hold(lock);
        for (std::size_t l = 0; l < total.size(); ++l)
            total[l].add(own[l]);
    });
    for (std::size_t l = 0; l < graph.layers.size(); ++l)
        if (const HardwareConfig& hardware = network.layer_hardware(static_cast<int>(l));
            graph.layers[l].on_crossbars() && !hardware.is_digital() && hardware.adc.range == AdcRange::calibrated)
            graph.layers[l].adc_range_levels = total[l].percentile(hardware.adc.percentile);
    graph.ranges_for = ranges_digest(network.hardware);
}

}  // namespace xloop
