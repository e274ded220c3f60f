#include "systemc_model/chip/layer_errors.hpp"

#include "core/parallel.hpp"
#include "systemc_model/chip/clipped_conversions.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace xloop {
namespace {

/// Sums over what one image showed of a layer.
struct Sums {
    double count = 0.0, exact = 0.0, exact_squares = 0.0, error_squares = 0.0, shortfall = 0.0, magnitude = 0.0;

    void add(double exact_value, double error) {
        ++count;
        exact += exact_value;
        exact_squares += exact_value * exact_value;
        error_squares += error * error;
        shortfall -= exact_value < 0.0 ? -error : error;
        magnitude += std::abs(exact_value);
    }
    Sums& operator+=(const Sums& o) {
        count += o.count;
        exact += o.exact;
        exact_squares += o.exact_squares;
        error_squares += o.error_squares;
        shortfall += o.shortfall;
        magnitude += o.magnitude;
        return *this;
    }
};

/// What the network on the chip makes of a channel's sum, in steps of the exact network: gain * sum + offset.
struct Correction {
    double gain = 1.0, offset = 0.0;
};

std::vector<Correction> corrections(const GraphLayer& exact, const GraphLayer& on_chip) {
    std::vector<Correction> result;
    for (std::size_t o = 0; o < exact.bias->size(); ++o) {
        const double gain = exact.is_output ? on_chip.output_scale / exact.output_scale
                                            : on_chip.rescale[o].real() / exact.rescale[o].real();
        result.push_back({gain, gain * (*on_chip.bias)[o] - (*exact.bias)[o]});
    }
    return result;
}

/// One image's sums by the engine, held against the exact ones of the same windows.
class Comparison : public MatrixEngine {
public:
    Comparison(const WorkloadGraph& exact, const MatrixEngine& engine,
               const std::vector<std::vector<Correction>>& corrections, std::vector<Sums>& sums)
        : graph_(exact), exact_(exact), engine_(engine), corrections_(corrections), sums_(sums) {}

    void multiply(int layer, const ReadAddress& first, int count, const std::uint8_t* windows,
                  std::int32_t* accumulators) const override {
        engine_.multiply(layer, first, count, windows, accumulators);
        const auto l = static_cast<std::size_t>(layer);
        const auto channels = static_cast<std::size_t>(graph_.layers[l].out.channels);
        std::vector<std::int32_t> exact(static_cast<std::size_t>(count) * channels);
        exact_.multiply(layer, first, count, windows, exact.data());
        for (std::size_t i = 0; i < exact.size(); ++i) {
            const Correction& by = corrections_[l][i % channels];
            sums_[l].add(exact[i], by.gain * accumulators[i] + by.offset - exact[i]);
        }
    }

private:
    const WorkloadGraph& graph_;
    IntegerEngine exact_;
    const MatrixEngine& engine_;
    const std::vector<std::vector<Correction>>& corrections_;
    std::vector<Sums>& sums_;
};

LayerErrors errors_of(const std::string& name, const Sums& sums) {
    LayerErrors errors;
    errors.layer = name;
    const double mean = sums.exact / sums.count;
    errors.variance = std::max(0.0, sums.exact_squares / sums.count - mean * mean);
    errors.squared_error = sums.error_squares / sums.count;
    errors.non_ideality = sums.magnitude > 0.0 ? sums.shortfall / sums.magnitude : 0.0;
    return errors;
}

/// That the reads of one position of a layer take, none left out.
std::uint64_t conversions(const Chip& chip, int layer) {
    const LayerArrays& arrays = *chip.layer_arrays(layer);
    const HardwareConfig& hardware = chip.network().layer_hardware(layer);
    std::uint64_t sum = 0;
    for (int b = 0; b < arrays.blocks(); ++b)
        sum += static_cast<std::uint64_t>(hardware.reads(arrays.block(b).rows)) *
               static_cast<std::uint64_t>(hardware.conversions(arrays.block(b).outs));
    return sum;
}

}  // namespace

double LayerErrors::snr_db() const {
    return variance > 0.0 ? 10.0 * std::log10(variance / squared_error) : std::numeric_limits<double>::quiet_NaN();
}

double LayerErrors::clipped_share() const {
    return conversions > 0 ? static_cast<double>(clipped) / static_cast<double>(conversions)
                           : std::numeric_limits<double>::quiet_NaN();
}

std::vector<LayerErrors> layer_errors(const WorkloadGraph& exact, const WorkloadGraph& network,
                                      const MatrixEngine& engine, CalibrationImages images, int threads,
                                      const Watch& watch) {
    std::vector<std::vector<Correction>> by_layer(exact.layers.size());
    for (std::size_t l = 0; l < exact.layers.size(); ++l)
        if (exact.layers[l].on_crossbars())
            by_layer[l] = corrections(exact.layers[l], network.layers[l]);
    std::vector<Sums> total(exact.layers.size());
    // As many images at a time as there are threads; their sums are added in order, so that rounding is the same for any number.
    for (int first = 0; first < images.count; first += threads) {
        const int count = std::min(threads, images.count - first);
        std::vector<std::vector<Sums>> own(static_cast<std::size_t>(count), std::vector<Sums>(exact.layers.size()));
        parallel_for(count, threads, [&](int i) {
            run_graph(network, Comparison(exact, engine, by_layer, own[static_cast<std::size_t>(i)]),
                      images.pixels + static_cast<std::ptrdiff_t>(first + i) * exact.input.size(), first + i);
        });
        for (const std::vector<Sums>& image : own)
            for (std::size_t l = 0; l < total.size(); ++l)
                total[l] += image[l];
        if (watch)
            watch({static_cast<double>(first + count) / images.count});
    }
    std::vector<LayerErrors> errors;
    for (std::size_t l = 0; l < total.size(); ++l)
        if (exact.layers[l].on_crossbars())
            errors.push_back(errors_of(exact.layers[l].name, total[l]));
    return errors;
}

std::vector<LayerErrors> layer_errors(const WorkloadGraph& exact, const WorkloadGraph& network, const Chip& chip,
                                      CalibrationImages images, int threads, const Watch& watch) {
    const ClippingCounter counter(chip);
    std::vector<LayerErrors> errors =
        layer_errors(exact, network, static_cast<const MatrixEngine&>(counter), images, threads, watch);
    const std::vector<std::uint64_t> clipped = counter.counts();
    auto of_layer = errors.begin();
    for (std::size_t l = 0; l < exact.layers.size(); ++l) {
        const GraphLayer& layer = exact.layers[l];
        if (!layer.on_crossbars())
            continue;
        of_layer->clipped = clipped[l];
        of_layer->conversions = conversions(chip, static_cast<int>(l)) * static_cast<std::uint64_t>(layer.positions()) *
                                static_cast<std::uint64_t>(images.count);
        ++of_layer;
    }
    return errors;
}

}  // namespace xloop
