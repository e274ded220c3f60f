#include "systemc_model/crossbar/gain_correction.hpp"

#include "core/random.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace xloop {
namespace {

double mean(const std::vector<double>& values) {
    return values.empty() ? 0.0
                          : std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

}  // namespace

std::vector<std::uint8_t> correction_inputs(const HardwareConfig& hardware, std::uint64_t array, int rows) {
    const KeyedRandom random(hardware.chip_seed, RandomUse::gain_correction);
    enum Draw : std::uint64_t { driven, value, draws };
    const auto vectors = static_cast<std::uint64_t>(hardware.adc.correction_vectors);
    const std::uint64_t values = std::uint64_t{1} << hardware.numerics.activation_bits;
    std::vector<std::uint8_t> inputs;
    for (std::uint64_t v = 0; v < vectors; ++v)
        for (int r = 0; r < rows; ++r) {
            const std::uint64_t i = array << 32 ^ v, j = static_cast<std::uint64_t>(r) * draws;
            inputs.push_back(random.below(vectors, i, j + driven) <= v
                                 ? static_cast<std::uint8_t>(random.below(values, i, j + value))
                                 : std::uint8_t{0});
        }
    return inputs;
}

GainCorrection::GainCorrection(const AdcConfig& adc, const std::vector<Samples>& outputs)
    : bits_(adc.correction_bits), half_(one() / 2) {
    const bool with_offset = adc.gain_correction == GainCorrectionKind::gain_offset;
    for (const Samples& output : outputs) {
        const double about = with_offset ? mean(output.measured) : 0.0, onto = with_offset ? mean(output.ideal) : 0.0;
        double products = 0.0, squares = 0.0;
        for (std::size_t v = 0; v < output.measured.size(); ++v) {
            products += (output.measured[v] - about) * (output.ideal[v] - onto);
            squares += (output.ideal[v] - onto) * (output.ideal[v] - onto);
        }
        // What is measured carries the errors: a fit of the ideal sums to it would come out too small by the share of the
        // rounding, and make up for that by an offset that sums of 0 do not have. Sums that never differ say nothing.
        const double fitted = products != 0.0 ? squares / products : 1.0;
        factors_.push_back(std::clamp<std::int64_t>(std::llround(std::ldexp(fitted, bits_)), 0, 2 * one() - 1));
        const double factor = static_cast<double>(factors_.back()) / static_cast<double>(one());
        offsets_.push_back(std::llround(onto - factor * about));
    }
}

}  // namespace xloop
