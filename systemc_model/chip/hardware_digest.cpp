#include "systemc_model/chip/hardware_digest.hpp"

#include "core/config/flat_configuration.hpp"
#include "core/config/schema.hpp"
#include "core/digest.hpp"

#include <algorithm>
#include <string_view>
#include <vector>

namespace xloop {
namespace {

bool ends_with(std::string_view text, std::string_view end) {
    return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

/// `keys`: those besides the ones that decide effective weights, of the base, of types of tiles and of layers; switches that are
/// off leave no trace, so that files from before they existed still fit.
std::string digest(HardwareConfig& hardware, const std::vector<std::string_view>& keys) {
    config::Section schema;
    describe(schema, hardware);
    Digest digest;
    digest.add(config::values_that_affect(config::Affects::weights, schema));
    const Json values = config::flat_configuration(schema);
    for (const auto& [path, value] : values.items())
        for (std::string_view key : keys)
            if (ends_with(path, key) && value != false)
                digest.add(path).add(value.dump());
    return digest.hex();
}

}  // namespace

std::string ranges_digest(HardwareConfig hardware) {
    return digest(hardware, {"adc.range", "adc.percentile", "adc.calibration_images", "mapping.skip_zero_weights"});
}

std::string sums_digest(HardwareConfig hardware) {
    return digest(hardware, {"adc.range", "adc.percentile", "adc.calibration_images", "adc.bits", "adc.lsb_levels",
                             "adc.noise_sigma_lsb", "adc.offset_sigma_lsb", "adc.inl_sigma_lsb", "adc.bits_by_column",
                             "mapping.skip_zero_weights"});
}

}  // namespace xloop
