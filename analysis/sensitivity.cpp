#include "analysis/sensitivity.hpp"

#include "core/config/emit.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cmath>
#include <limits>

namespace xloop {
namespace {

int bits_of_snr(double snr_db, int otherwise) {
    const double db_of_a_bit = 20.0 * std::log10(2.0);
    return std::isfinite(snr_db) ? static_cast<int>(std::ceil(snr_db / db_of_a_bit)) : otherwise;
}

/// As a pattern of section `layers` that matches this name alone.
std::string pattern_of(const std::string& name) {
    std::string pattern;
    for (char c : name)
        pattern += std::string("*?[\\").find(c) != std::string::npos ? std::string{'\\', c} : std::string(1, c);
    return pattern;
}

}  // namespace

double LayerMeasure::relative_change() const { return reference > 0.0 ? value / reference : 0.0; }

double LayerMeasure::snr_db() const {
    return value > 0.0 ? 10.0 * std::log10(value / reference) : std::numeric_limits<double>::quiet_NaN();
}

Json json_of(const std::vector<LayerMeasure>& measures) {
    Json json = Json::array();
    for (const LayerMeasure& m : measures)
        json.push_back({m.value, m.reference});
    return json;
}

std::vector<LayerMeasure> measures_from(const Json& json) {
    std::vector<LayerMeasure> measures;
    for (const Json& pair : json)
        measures.push_back({pair.at(0).get<double>(), pair.at(1).get<double>()});
    return measures;
}

std::vector<SensitiveLayer> sensitive_layers(const WorkloadGraph& graph) {
    std::vector<SensitiveLayer> layers;
    for (const GraphLayer& layer : graph.layers)
        if (layer.on_crossbars())
            layers.push_back(
                {layer.name, name_of(layer.kind), layer.out.channels, layer.is_output || layer.inputs.front() < 0});
    return layers;
}

std::vector<int> Sensitivity::bits(SensitivityMeasure measure) const {
    const std::vector<LayerMeasure>& of_layer = measured.at(measure);
    const auto is_kept = [&](std::size_t l) { return config.keep_ends && layers[l].is_end; };
    double largest = 0.0;
    for (std::size_t l = 0; l < layers.size(); ++l)
        if (!is_kept(l))
            largest = std::max(largest, of_layer[l].relative_change());
    const auto wanted = [&](const LayerMeasure& m) {
        switch (measure) {
        case SensitivityMeasure::noise:
            return largest > 0.0 ? static_cast<int>(std::lround(config.bits_max * m.relative_change() / largest))
                                 : config.bits_max;
        case SensitivityMeasure::snr: return bits_of_snr(m.snr_db(), config.bits_max);
        case SensitivityMeasure::components: break;
        }
        return m.growth() > 0 ? config.bits_max : config.bits_min;
    };
    std::vector<int> bits;
    for (std::size_t l = 0; l < layers.size(); ++l)
        bits.push_back(is_kept(l) ? config.bits_max
                                  : std::clamp(wanted(of_layer[l]), config.bits_min, config.bits_max));
    return bits;
}

Table Sensitivity::table() const {
    Table table{"sensitivity",
                {{"layer", "layer", -24},
                 {"kind", "kind", -6, 2},
                 {"change", "change", 8, 2, "{:.4f}"},
                 {"magnitude", "magnitude", 10, 2, "{:.4f}"},
                 {"relative_change", "relative", 9, 2, "{:.2f} %", 100},
                 {"snr_db", "SNR dB", 8, 2, "{:.2f}"},
                 {"components", "components", 10, 2},
                 {"components_read", "read", 5, 2},
                 {"channels", "channels", 9, 2},
                 {"bits_noise", "bits: noise", 11, 2},
                 {"bits_snr", "snr", 4, 2},
                 {"bits_components", "components", 11, 2},
                 {"bits", "written", 8, 2}}};
    for (std::size_t l = 0; l < layers.size(); ++l) {
        const auto cell = [&](SensitivityMeasure measure, auto value) {
            const auto found = measured.find(measure);
            return found == measured.end() ? Json() : Json(value(found->second[l]));
        };
        const auto suggested = [&](SensitivityMeasure measure) {
            return measured.count(measure) > 0 ? Json(bits(measure)[l]) : Json();
        };
        const auto value = [](const LayerMeasure& m) { return m.value; };
        const auto reference = [](const LayerMeasure& m) { return m.reference; };
        const auto whole = [](double number) { return static_cast<int>(number); };
        table.add(layers[l].name, layers[l].kind, cell(SensitivityMeasure::noise, value),
                  cell(SensitivityMeasure::noise, reference),
                  cell(SensitivityMeasure::noise, [](const LayerMeasure& m) { return m.relative_change(); }),
                  cell(SensitivityMeasure::snr, [](const LayerMeasure& m) { return m.snr_db(); }),
                  cell(SensitivityMeasure::components, [&](const LayerMeasure& m) { return whole(m.value); }),
                  cell(SensitivityMeasure::components, [&](const LayerMeasure& m) { return whole(m.reference); }),
                  layers[l].channels, suggested(SensitivityMeasure::noise), suggested(SensitivityMeasure::snr),
                  suggested(SensitivityMeasure::components), bits(config.rule)[l]);
    }
    return table;
}

std::string Sensitivity::bits_yaml(const std::vector<std::string>& head) const {
    std::string text;
    for (const std::string& line : head)
        text += "# " + config::one_line(line) + "\n";
    text += "layers:\n";
    const std::vector<int> chosen = bits(config.rule);
    for (std::size_t l = 0; l < layers.size(); ++l)
        text += fmt::format("  {}: {{weight_bits: {}, activation_bits: {}}}\n",
                            config::scalar_text(pattern_of(layers[l].name)), chosen[l], chosen[l]);
    return text;
}

}  // namespace xloop
