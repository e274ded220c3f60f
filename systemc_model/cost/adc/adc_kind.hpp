#pragma once

#include "core/hardware_config.hpp"
#include "systemc_model/cost/models/cost_model.hpp"

#include <array>
#include <vector>

namespace xloop {

/// What a value of adc.type means: all that any room knows of that kind of converter. Each kind is a file of this folder;
/// another one takes an enumerator of AdcType, a file, and a line in adc_kind.cpp.
struct AdcKind {
    AdcType type = {};
    double AdcConfig::*clock_ghz = nullptr;  ///< clocks of a converter in a ns
    const char* clock_key = nullptr;         ///< that key's name
    int (*conversion_clocks)(const AdcConfig& adc) = [](const AdcConfig&) { return 1; };
    /// Clocks from the end of a conversion, when the next one starts, to its code.
    int (*latency_clocks)(const AdcConfig& adc) = [](const AdcConfig&) { return 0; };
    /// What a conversion to AdcConfig::code_bits() takes of the energy of one to all bits; where conversions are made in turn,
    /// of their time too. A flash converter decides all bits at once.
    double (*used_share)(const AdcConfig& adc) = [](const AdcConfig&) { return 1.0; };
    /// adc.columns_per_adc neighbours are converted one after the other; else all columns at once, by a comparator each.
    bool in_turn = true;
    /// Period of the strobe that traces show with a code; null: a clock.
    double (*strobe_ns)(const AdcConfig& adc) = nullptr;
    Figures (*cost)(const ModelQuery& query) = nullptr;  ///< of the cost model `adc`
    const char* cost_source = nullptr;
    std::vector<CostModel> models;  ///< by name, for cost tables that choose one

    double ns(const AdcConfig& adc, int clocks) const { return clocks / (adc.*clock_ghz); }
    /// Of `count` conversions one after the other.
    double conversions_ns(const AdcConfig& adc, int count) const {
        return ns(adc, count * conversion_clocks(adc)) * (in_turn ? used_share(adc) : 1.0);
    }
    /// From the start of these to the code of the last.
    double code_ns(const AdcConfig& adc, int count) const {
        return ns(adc, count * conversion_clocks(adc) + latency_clocks(adc)) * (in_turn ? used_share(adc) : 1.0);
    }
    /// Conversions that one converter or comparator makes one after the other.
    int conversions_in_turn(const AdcConfig& adc) const { return in_turn ? adc.columns_per_adc : 1; }
};

/// All kinds, in the order of AdcType.
const std::array<AdcKind, names_of(AdcType{}).size()>& adc_kinds();
const AdcKind& adc_kind(const AdcConfig& adc);

AdcKind sar_kind();
AdcKind flash_kind();
AdcKind ramp_kind();

}  // namespace xloop
