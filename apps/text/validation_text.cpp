#include "apps/text/validation_text.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <algorithm>
#include <cmath>

namespace xloop {
namespace {

using Verdict = Validation::Verdict;

constexpr std::size_t listed_places = 8, listed_names = 6;

const char* name_of(Verdict::Outcome outcome) {
    switch (outcome) {
    case Verdict::Outcome::passed: return "passed";
    case Verdict::Outcome::warning: return "warning";
    case Verdict::Outcome::failed: return "FAILED";
    }
    return "";
}

std::string percent(double error) {
    if (error == 0)
        return "0";
    if (!std::isfinite(error))
        return "-";
    return std::abs(error) < 0.0005 ? "<0.001 %" : fmt::format("{:+.3f} %", error);
}

std::string header(const char* title, std::size_t width, const char* unit) {
    return fmt::format("\n  {:<{}}{:>16}{:>16}{:>12}", title, width, fmt::format("{} estimated", unit), "simulated",
                       "error");
}

std::string numbers(const Comparison& c, double scale, int digits) {
    return fmt::format("{:>16.{}f}{:>16.{}f}{:>12}", scale * c.estimated, digits, scale * c.simulated, digits,
                       percent(c.error_percent()));
}

std::size_t name_width(const Validation& v) {
    std::size_t width = 17;
    for (const Validation::Layer& layer : v.layers)
        width = std::max(width, layer.name.size() + 2);
    return width;
}

std::string layer_lines(const Validation& v) {
    const std::size_t width = name_width(v);
    std::string text = header("layer", width, "cycles") +
                       fmt::format("{:>16}{:>16}{:>12}  most of its time\n", "nJ estimated", "simulated", "error");
    for (const Validation::Layer& layer : v.layers)
        text += fmt::format("  {:<{}}{}{}  {}\n", layer.name + (layer.contended.empty() ? "" : " *"), width,
                            numbers(layer.cycles, 1, 0), numbers(layer.energy_j, 1e9, 3), layer.stall);
    if (!v.contended.empty())
        text += fmt::format("  * contended, as the estimate says itself; its times may be too short{}:\n",
                            v.pipelined ? " there, and, as a pipeline's layers hold each other up, everywhere" : "");
    for (std::size_t i = 0; i < std::min(v.contended.size(), listed_places); ++i)
        text += fmt::format("    {}, {}: {}\n", v.contended[i].where, v.contended[i].what, v.contended[i].reason);
    if (v.contended.size() > listed_places)
        text += fmt::format("    and {} more places\n", v.contended.size() - listed_places);
    return text;
}

std::string class_lines(const Validation& v) {
    const std::size_t width = name_width(v);
    std::string text = header("class", width, "nJ") +
                       fmt::format("{:>14}{}\n", "area mm2", v.data_from_values ? "   nJ with its data" : "");
    for (const Validation::Class& c : v.classes)
        if (c.energy_j.simulated != 0 || c.energy_j.estimated != 0 || c.area_mm2.simulated != 0)
            text += fmt::format("  {:<{}}{}{:>14.5f}{}\n", xloop::name_of(c.component), width,
                                numbers(c.energy_j, 1e9, 3), c.area_mm2.simulated,
                                v.data_from_values && c.energy_with_data_j != c.energy_j.simulated
                                    ? fmt::format("{:>19.3f}", 1e9 * c.energy_with_data_j)
                                    : "");
    return text;
}

std::string busy_lines(const Validation& v) {
    const std::size_t width = name_width(v);
    std::string text = header("busy cycles of all", width, "") + "\n";
    for (const Validation::Busy& busy : v.busy)
        text += fmt::format("  {:<{}}{}\n", busy.kind, width, numbers(busy.cycles, 1, 0));
    return text;
}

std::string total_lines(const Validation& v) {
    const std::size_t width = name_width(v);
    std::string text = header("total", width, "") + "\n";
    for (const Validation::Total& total : v.totals) {
        const bool cycles = total.unit == "cycles", joules = total.unit == "J";
        text += cycles || joules
                    ? fmt::format("  {:<{}}{} {}\n", total.name, width,
                                  numbers(total.value, joules ? 1e9 : 1, joules ? 3 : 1), joules ? "nJ" : total.unit)
                    : fmt::format("  {:<{}}{:>16.5g}{:>16.5g}{:>12} {}\n", total.name, width, total.value.estimated,
                                  total.value.simulated, percent(total.value.error_percent()), total.unit);
    }
    if (!v.no_interval.empty())
        text += fmt::format("  interval and stream are not compared: {}\n", v.no_interval);
    const auto energy =
        std::find_if(v.totals.begin(), v.totals.end(), [](const auto& t) { return t.name == "energy"; });
    if (v.data_from_values && v.energy_with_data_j != energy->value.simulated)
        text += fmt::format(
            "  With the data that was counted an image takes {:.3f} nJ in the cycle model, {:+.2f} % against "
            "averages;\n  that is the data's doing, so errors are those with averages on both sides.\n",
            1e9 * v.energy_with_data_j, 100 * (v.energy_with_data_j / energy->value.simulated - 1));
    return text;
}

std::string against_lines(const Validation& v) {
    if (v.against.empty())
        return "";
    std::string text = fmt::format("\n  {:<44}{:>13}{:>13}{:>11}{:>8}{:>13}{:>11}{:>8}  unit\n", "reported", "value",
                                   "estimated", "differs", "ratio", "simulated", "differs", "ratio");
    for (const FigureAgainst& a : v.against)
        text += fmt::format("  {:<44}{:>13.5g}{:>13.5g}{:>9.2f} %{:>8.3f}{:>13.5g}{:>9.2f} %{:>8.3f}  {}\n",
                            a.figure.name(), a.figure.value, a.estimated, a.estimated_percent(),
                            a.estimated / a.figure.value, a.simulated, a.simulated_percent(),
                            a.simulated / a.figure.value, a.figure.unit->name);
    return text;
}

std::string difference_lines(const Validation& v) {
    std::string text;
    for (const Validation::CountDifference& d : v.first_differences)
        text += fmt::format("           {} {}: estimated {}, simulated {}\n", d.instance, d.event, d.estimated,
                            d.simulated);
    return text;
}

std::string verdict_line(const Validation& v, const Verdict& verdict) {
    if (verdict.worst_at.empty())
        return fmt::format("  {:<9}{}: {}\n", name_of(verdict.outcome), verdict.name,
                           v.counts_equal() ? "equal in every event of every instance and layer"
                                            : fmt::format("{} differ, the first:", v.count_differences)) +
               difference_lines(v);
    std::string text = fmt::format(
        "  {:<9}{} within {:g} %: {}{}", name_of(verdict.outcome), verdict.name, verdict.tolerance_percent,
        percent(verdict.worst_percent),
        verdict.worst_at == verdict.name || verdict.worst_percent == 0 ? "" : " at worst, " + verdict.worst_at);
    if (const std::size_t beyond = verdict.broken.size(); beyond > 1) {
        const auto named = verdict.broken.begin() + static_cast<std::ptrdiff_t>(std::min(beyond, listed_names));
        text += fmt::format("; beyond: {}", fmt::join(verdict.broken.begin(), named, ", "));
        if (beyond > listed_names)
            text += fmt::format(" and {} more", beyond - listed_names);
    }
    if (verdict.outcome == Verdict::Outcome::warning)
        text += " (contended)";
    return text + "\n";
}

Json finite(double value) { return std::isfinite(value) ? Json(value) : Json(); }

Json pair(const Comparison& c) { return {{"estimated", c.estimated}, {"simulated", c.simulated}}; }

Json with_error(const Comparison& c) {
    Json json = pair(c);
    json["error_percent"] = finite(c.error_percent());
    return json;
}

Json layers_json(const Validation& v) {
    Json list = Json::array();
    for (const Validation::Layer& layer : v.layers)
        list.push_back(
            {{"name", layer.name},
             {"cycles", pair(layer.cycles)},
             {"energy_j", pair(layer.energy_j)},
             {"error_percent",
              {{"cycles", finite(layer.cycles.error_percent())}, {"energy", finite(layer.energy_j.error_percent())}}},
             {"energy_with_data_j", layer.energy_with_data_j},
             {"stall", layer.stall},
             {"contended", layer.contended}});
    return list;
}

Json classes_json(const Validation& v) {
    Json list = Json::array();
    for (const Validation::Class& c : v.classes)
        list.push_back({{"name", xloop::name_of(c.component)},
                        {"energy_j", with_error(c.energy_j)},
                        {"dynamic_j", with_error(c.dynamic_j)},
                        {"static_j", with_error(c.static_j())},
                        {"energy_with_data_j", c.energy_with_data_j},
                        {"area_mm2", with_error(c.area_mm2)}});
    return list;
}

Json against_json(const Validation& v) {
    Json list = Json::array();
    for (const FigureAgainst& a : v.against) {
        list.push_back(
            {{"tool", a.figure.tool},
             {"scope", a.figure.scope_text},
             {"metric", a.figure.metric->name},
             {"unit", a.figure.unit->name},
             {"value", a.figure.value},
             {"estimated", a.estimated},
             {"simulated", a.simulated},
             {"difference_percent", {{"estimated", a.estimated_percent()}, {"simulated", a.simulated_percent()}}},
             {"ratio", {{"estimated", a.estimated / a.figure.value}, {"simulated", a.simulated / a.figure.value}}}});
        list.back()["tolerance_percent"] = a.figure.tolerance_percent ? Json(*a.figure.tolerance_percent) : Json();
    }
    return list;
}

Json verdicts_json(const Validation& v) {
    Json list = Json::array();
    for (const Verdict& verdict : v.verdicts) {
        list.push_back({{"name", verdict.name},
                        {"passed", verdict.passed()},
                        {"warning", verdict.outcome == Verdict::Outcome::warning}});
        if (!verdict.worst_at.empty())
            list.back().update({{"tolerance_percent", verdict.tolerance_percent},
                                {"worst_percent", finite(verdict.worst_percent)},
                                {"worst_at", verdict.worst_at}});
        list.back()["broken"] = verdict.broken;
    }
    return list;
}

/// "run" -> "run_cycles", "EDAP alone" -> "edap_alone_j_s_mm2": the key of a total holds its unit.
std::string key_of(const std::string& name, const std::string& unit) {
    std::string key = name + "_" + unit;
    std::replace(key.begin(), key.end(), ' ', '_');
    std::transform(key.begin(), key.end(), key.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return key;
}

class CsvLines {
public:
    void add(const std::string& scope, const std::string& metric, const std::string& unit, const Comparison& c,
             const std::string& tolerance = "", const std::string& contended = "") {
        text_ += fmt::format("xloop,{},{},{},,{:.10g},{:.10g},{:.6g},,{},{}\n", scope, metric, unit, c.estimated,
                             c.simulated, c.error_percent(), tolerance, contended);
    }

    void add(const FigureAgainst& a) {
        text_ += fmt::format("{},{},{},{},{:.10g},{:.10g},{:.10g},{:.6g},{:.6g},{},\n", a.figure.tool,
                             a.figure.scope_text, a.figure.metric->name, a.figure.unit->name, a.figure.value,
                             a.estimated, a.simulated, a.estimated_percent(), a.simulated_percent(),
                             a.figure.tolerance_percent ? fmt::format("{:g}", *a.figure.tolerance_percent) : "");
    }

    const std::string& text() const { return text_; }

private:
    std::string text_ =
        "tool,scope,metric,unit,reported,estimated,simulated,estimated_percent,simulated_percent,"
        "tolerance_percent,contended\n";
};

}  // namespace

std::string validation_table(const Validation& v) {
    std::string text = fmt::format(
        "estimate against cycle model: {}, {} image{}; cycles of a layer are those of the first "
        "image, energies those of an image\n",
        v.network, v.images, v.images == 1 ? "" : "s");
    text += layer_lines(v) + class_lines(v) + busy_lines(v) + total_lines(v) + against_lines(v) + "\n  verdicts\n";
    for (const Verdict& verdict : v.verdicts)
        text += verdict_line(v, verdict);
    return text;
}

Json validation_json(const Validation& v) {
    Json json;
    json["method"] = "validation";
    json["network"] = v.network;
    json["images"] = v.images;
    json["passed"] = v.passed();
    json["layers"] = layers_json(v);
    json["classes"] = classes_json(v);
    for (const Validation::Busy& busy : v.busy)
        json["busy_cycles"][busy.kind] = with_error(busy.cycles);
    for (const Validation::Total& total : v.totals)
        json["totals"][key_of(total.name, total.unit)] = with_error(total.value);
    json["energy_with_data_j"] = v.energy_with_data_j;
    json["data"] = v.data_from_values ? "values" : "averages";
    json["counts_equal"] = v.counts_equal();
    json["count_differences"] = Json::array();
    for (const Validation::CountDifference& d : v.first_differences)
        json["count_differences"].push_back(
            {{"instance", d.instance}, {"event", d.event}, {"estimated", d.estimated}, {"simulated", d.simulated}});
    json["contended"] = Json::array();
    for (const Estimate::Contended& place : v.contended)
        json["contended"].push_back(
            {{"where", place.where}, {"what", place.what}, {"load", place.load}, {"reason", place.reason}});
    json["against"] = against_json(v);
    json["verdicts"] = verdicts_json(v);
    return json;
}

std::string validation_csv(const Validation& v) {
    CsvLines lines;
    const auto tolerance = [](double percent) { return fmt::format("{:g}", percent); };
    for (const Validation::Layer& layer : v.layers) {
        const std::string contended = v.excused(layer) ? "yes" : "no";
        lines.add("layer:" + layer.name, "cycles", "cycles", layer.cycles, tolerance(v.tolerances.layer_percent),
                  contended);
        lines.add("layer:" + layer.name, "energy", "J", layer.energy_j, tolerance(v.tolerances.layer_percent),
                  contended);
    }
    for (const Validation::Class& c : v.classes) {
        const std::string scope = std::string("class:") + xloop::name_of(c.component);
        lines.add(scope, "energy", "J", c.energy_j);
        lines.add(scope, "dynamic_energy", "J", c.dynamic_j);
        lines.add(scope, "static_energy", "J", c.static_j());
        lines.add(scope, "area", "mm2", c.area_mm2);
    }
    for (const Validation::Busy& busy : v.busy)
        lines.add("part:" + busy.kind, "busy", "cycles", busy.cycles);
    for (const Validation::Total& total : v.totals)
        lines.add("total", total.name, total.unit, total.value, tolerance(v.tolerance_of(total)),
                  v.contended.empty() ? "no" : "yes");
    for (const FigureAgainst& against : v.against)
        lines.add(against);
    return lines.text();
}

}  // namespace xloop
