#include "systemc_model/cost/adc/adc_kind.hpp"

#include "systemc_model/cost/adc/survey.hpp"

namespace xloop {

const std::array<AdcKind, names_of(AdcType{}).size()>& adc_kinds() {
    static const std::array kinds = {sar_kind(), flash_kind(), ramp_kind()};
    return kinds;
}

const AdcKind& adc_kind(const AdcConfig& adc) { return adc_kinds()[static_cast<std::size_t>(adc.type)]; }

std::vector<CostModel> adc_models() {
    static const std::string source = [] {
        std::string text = "by adc.type";
        for (const AdcKind& kind : adc_kinds())
            text += std::string("; ") + name_of(kind.type) + ": " + kind.cost_source;
        return text;
    }();
    const auto by_type = [](const ModelQuery& query) { return adc_kind(query.hardware.adc).cost(query); };
    std::vector<CostModel> models = {{"adc", {Component::adc}, by_type, comparator_parameters(), source.c_str()}};
    for (const AdcKind& kind : adc_kinds())
        models.insert(models.end(), kind.models.begin(), kind.models.end());
    models.push_back(adc_integrating_model());
    return models;
}

}  // namespace xloop
