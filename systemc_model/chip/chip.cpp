#include "systemc_model/chip/chip.hpp"

#include "core/error.hpp"
#include "core/parallel.hpp"
#include "systemc_model/chip/adc_calibration.hpp"
#include "systemc_model/chip/hardware_digest.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <mutex>
#include <utility>

namespace xloop {
namespace {

void check_bits(const char* key, int bits) {
    if (bits > 8)
        throw KeyError(fmt::format("numerics.{}", key),
                       fmt::format("{} bits: activities, times and energies can be estimated for 1 to 16, "
                                   "but values are computed with 1 to 8 bits only",
                                   bits));
}

/// What was measured on a chip is for that chip. Files that do not say what they are for are taken as they are.
void check_measured_for(const MappedNetwork& network) {
    const WorkloadGraph& graph = network.graph;
    const auto check = [](const std::string& made_for, const std::string& is, const char* what, const char* keys) {
        if (!made_for.empty() && made_for != is)
            throw InputError(fmt::format(
                "the workload's {} were measured on other hardware (digest {}, this one has {}): a key of device, "
                "crossbar, dac, numerics, tile_types, layers, chip_seed or one of {} differs; use the hardware that "
                "the workload was made for, or evaluate the network again for this one (xloop eval)",
                what, made_for, is, keys));
    };
    const bool has_ranges = std::any_of(graph.layers.begin(), graph.layers.end(),
                                        [](const GraphLayer& layer) { return layer.adc_range_levels > 0.0; });
    if (has_ranges && calibrates(network.kinds))
        check(graph.ranges_for, ranges_digest(network.hardware), "calibrated ADC ranges (adc_range_levels)",
              "adc.range, percentile, calibration_images");
    check(graph.corrected_for, sums_digest(network.hardware), "biases and factors", "adc");
}

}  // namespace

Chip::Chip(MappedNetwork network, int threads, const Watch& watch) : network_(std::move(network)) {
    const WorkloadGraph& graph = network_.graph;
    for (int kind = 0; kind < network_.kinds.count(); ++kind)
        devices_.emplace_back(network_.kinds[kind]);
    if (!graph.has_weights())
        throw Error("a chip needs a network with weights");
    check_measured_for(network_);
    struct Job {
        LayerArrays* arrays;
        int number;
    };
    std::vector<Job> jobs;
    arrays_.resize(graph.layers.size());
    for (std::size_t l = 0; l < graph.layers.size(); ++l) {
        const GraphLayer& layer = graph.layers[l];
        if (!layer.on_crossbars())
            continue;
        const int kind = network_.kinds.of_layer(static_cast<int>(l));
        const HardwareConfig& hardware = network_.kinds[kind];
        check_bits("activation_bits", hardware.numerics.activation_bits);
        check_bits("weight_bits", hardware.numerics.weight_bits);
        if (!hardware.is_digital() && hardware.adc.range == AdcRange::calibrated && layer.adc_range_levels <= 0.0)
            throw KeyError("adc.range", "layer `" + layer.name +
                                            "` has no calibrated ADC range (adc_range_levels); calibrate the "
                                            "network for this hardware, or choose another adc.range");
        const LayerMatrix matrix{layer.weights->data(), layer.groups,        layer.out.channels / layer.groups,
                                 layer.rows(),          static_cast<int>(l), layer.held.get()};
        arrays_[l] = std::make_unique<LayerArrays>(matrix, network_.mapping.layers[l].copies, hardware,
                                                   devices_[static_cast<std::size_t>(kind)], layer.adc_range_levels);
        for (int a = 0; a < arrays_[l]->arrays(); ++a)
            jobs.push_back({arrays_[l].get(), a});
    }
    std::mutex one_at_a_time;
    std::size_t programmed = 0;
    parallel_for(static_cast<int>(jobs.size()), threads, [&](int j) {
        jobs[j].arrays->program(jobs[j].number);
        if (!watch)
            return;
        const std::lock_guard<std::mutex> hold(one_at_a_time);
        watch({static_cast<double>(++programmed) / static_cast<double>(jobs.size())});
    });
}

void Chip::multiply(int layer, const ReadAddress& first, int count, const std::uint8_t* windows,
                    std::int32_t* accumulators) const {
    layer_arrays(layer)->multiply(first, count, windows, accumulators);
}

bool calibrates(const HardwareKinds& kinds) {
    for (int type = 0; type < kinds.types(); ++type)
        if (!kinds[type].is_digital() && kinds[type].adc.range == AdcRange::calibrated)
            return true;
    return false;
}

std::unique_ptr<const Chip> program(MappedNetwork network, CalibrationImages calibration, int threads,
                                    const Watch& watch) {
    if (calibration.count > 0 && calibrates(network.kinds))
        calibrate_adc(network, calibration, threads);
    return std::make_unique<const Chip>(std::move(network), threads, watch);
}

std::vector<std::vector<std::int32_t>> run_images(const WorkloadGraph& graph, const MatrixEngine& engine,
                                                  const std::uint8_t* pixels, int first, int count, int threads) {
    std::vector<std::vector<std::int32_t>> logits(static_cast<std::size_t>(count));
    parallel_for(count, threads, [&](int i) {
        const int image = first + i;
        logits[i] = run_graph(graph, engine, pixels + static_cast<std::ptrdiff_t>(image) * graph.input.size(), image);
    });
    return logits;
}

double top1(const std::vector<std::vector<std::int32_t>>& logits, const int* labels) {
    if (logits.empty())
        return 0.0;
    int right = 0;
    for (std::size_t i = 0; i < logits.size(); ++i)
        right += std::max_element(logits[i].begin(), logits[i].end()) - logits[i].begin() == labels[i];
    return static_cast<double>(right) / static_cast<double>(logits.size());
}

}  // namespace xloop
