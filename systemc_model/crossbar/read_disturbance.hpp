#pragma once

#include "core/workload/read_address.hpp"
#include "systemc_model/crossbar/read_noise.hpp"
#include "systemc_model/crossbar/reads/noise_draws.hpp"
#include "systemc_model/crossbar/reads/read_plan.hpp"

#include <cstdint>
#include <vector>

namespace xloop {

/// What is added to the ADC inputs of one array, in fixed-point ADC steps: offsets of the converters, their noise, and the
/// cells' read noise referred to the columns, for one group of rows that are driven at once. Noise is one normal draw for each
/// conversion, addressed by (array, group; image, step, position, digit, conversion), of the ADC's variance plus the cells'.
class ReadDisturbance {
public:
    struct Setting {
        std::vector<std::int32_t> offsets;  ///< per conversion; empty: none
        double adc_sigma = 0.0;             ///< in ADC steps
        ReadNoise cells;
    };
    /// Nothing to add: no need for an object.
    static bool idle(const Setting& setting) {
        return setting.offsets.empty() && setting.adc_sigma == 0.0 && setting.cells.none();
    }

    ReadDisturbance(Setting setting, const ReadPlan& plan, std::uint64_t chip_seed, std::uint64_t array, int row_group);

    /// Adds to the group's reads of one vector: lines[digit * stride + conversion]. `inputs`: `rows` unsigned 8-bit values,
    /// those of the group.
    void add(const std::uint8_t* inputs, int rows, const ReadAddress& address, int stride, std::int32_t* lines) const;

    /// The offsets alone.
    void add_offsets(int stride, std::int32_t* lines) const;

    /// All that is added is `offsets` and `noise`, whatever the inputs.
    bool blind() const { return setting_.cells.none(); }
    /// Whole panels of offsets, or null.
    const std::int32_t* offsets() const { return setting_.offsets.empty() ? nullptr : setting_.offsets.data(); }
    /// The ADC's noise, or null.
    const NoiseDraws* noise() const { return setting_.adc_sigma > 0.0 ? &draws_ : nullptr; }
    static NoiseAddress address(const ReadAddress& read);

private:
    void add_cell_noise(const std::uint8_t* inputs, int rows, const NoiseAddress& address, int stride,
                        std::int32_t* lines) const;

    Setting setting_;
    ReadPlan plan_;
    NoiseDraws draws_;
};

}  // namespace xloop
