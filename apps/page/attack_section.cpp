#include "apps/page/accuracy_charts.hpp"
#include "apps/page/charts.hpp"
#include "apps/page/sections.hpp"
#include "core/files.hpp"
#include "core/words.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <set>

namespace xloop::page {
namespace {

std::string tested(const Json& cell) {
    const std::string seed = text(cell, "chip_seed"), faults = text(cell, "faults");
    return text(cell, "engine") + (seed.empty() ? "" : " " + seed) +
           (field(cell, "recalibrated") == Json(true) ? ", recalibrated" : "") + (faults.empty() ? "" : ", " + faults);
}

std::string attack_name(const Json& cell) {
    const std::string steps = text(cell, "steps"), restarts = text(cell, "restarts");
    return text(cell, "attack") + (steps.empty() ? "" : "-" + steps) +
           (restarts == "1" || restarts.empty() ? "" : "x" + restarts);
}

std::string of_epsilon(const Json& cell) { return fmt::format("epsilon {:.4g}", number(cell, "epsilon")); }

AccuracyBar bar(const Json& cell, const char* which, const std::string& label, const std::string& series) {
    const std::string key = which;
    return {label, series, number(cell, key + "_share"), number(cell, key + "_low"), number(cell, key + "_high")};
}

/// Bars of one threat model: who was tested, clean and under each attack of the largest bound.
Figure bars_of_threat(const Json& cells, const std::string& threat) {
    std::map<std::string, double> largest;  // by norm
    for (const Json& cell : cells)
        if (text(cell, "threat") == threat)
            largest[text(cell, "norm")] = std::max(largest[text(cell, "norm")], number(cell, "epsilon"));
    std::vector<AccuracyBar> bars;
    std::set<std::string> clean;
    for (const Json& cell : cells) {
        if (text(cell, "threat") != threat || number(cell, "epsilon") < largest[text(cell, "norm")])
            continue;
        if (clean.insert(tested(cell)).second)
            bars.push_back(bar(cell, "clean", tested(cell), "clean"));
        bars.push_back(bar(cell, "robust", tested(cell), fmt::format("{}, {}", attack_name(cell), of_epsilon(cell))));
    }
    return accuracy_chart("Threat model " + threat + ": clean and under the largest attack", bars, interval_words);
}

/// Robust accuracy over the bound; of several chips their mean.
std::vector<Figure> curves(const Json& cells) {
    std::map<std::string, std::map<double, std::pair<double, int>>> sums;
    std::vector<std::string> order;
    std::set<double> epsilons;
    for (const Json& cell : cells) {
        const std::string name = fmt::format("{} on {}: {} ({})", text(cell, "threat"), text(cell, "engine"),
                                             attack_name(cell), text(cell, "norm"));
        if (sums.find(name) == sums.end())
            order.push_back(name);
        epsilons.insert(number(cell, "epsilon"));
        auto& [sum, count] = sums[name][number(cell, "epsilon")];
        sum += number(cell, "robust_share");
        ++count;
    }
    if (epsilons.size() < 2)
        return {};
    Figure chart = line_chart("Accuracy over the attack's bound", "epsilon", "right under attack, %",
                              "Of several chips their mean. Click a name to hide its line.");
    for (const std::string& name : order) {
        std::vector<std::pair<double, double>> points;
        for (const auto& [epsilon, sum] : sums[name])
            points.emplace_back(epsilon, 100 * sum.first / sum.second);
        add_line(chart, name, points);
    }
    return {chart};
}

Table cell_table(const Json& cells) {
    Table table = table_of(
        "attacks", cells,
        {Column("threat", "threat", -1), Column("engine", "tested", -1), Column("attack", "attack", -1),
         Column("norm", "norm", -1), Column("epsilon", "epsilon", 0, 0, "{:.4g}"), Column("total", "images"),
         Column("clean_share", "clean", 0, 0, "{:.1f} %", 100), Column("robust_share", "robust", 0, 0, "{:.1f} %", 100),
         Column("robust_low", "95 % from", 0, 0, "{:.1f} %", 100), Column("robust_high", "to", 0, 0, "{:.1f} %", 100),
         Column("adversarial_loss", "loss", 0, 0, "{:.1f} %", 100), Column("perturbation", "change", 0, 0, "{:.4g}"),
         Column("queries", "queries", 0, 0, "{:.0f}")});
    for (std::size_t i = 0; i < table.rows.size(); ++i) {
        table.rows[i][1] = tested(cells[i]);
        table.rows[i][2] = attack_name(cells[i]);
    }
    return table;
}

std::string attack_words(const Json& json, const Json& cells) {
    const auto weakest = std::min_element(cells.begin(), cells.end(), [](const Json& a, const Json& b) {
        return number(a, "robust_share") < number(b, "robust_share");
    });
    std::string words =
        fmt::format("Attacks on {}, {}", text(json, "network"), counted(json.at("images").get<int>(), "test image"));
    if (weakest == cells.end())
        return words + ".";
    return words + fmt::format(
                       ": the strongest is {} of threat model {} on {}, {}, which leaves {:.1f} % right of {:.1f} % "
                       "that are as "
                       "they are.",
                       attack_name(*weakest), text(*weakest, "threat"), tested(*weakest), of_epsilon(*weakest),
                       100 * number(*weakest, "robust_share"), 100 * number(*weakest, "clean_share"));
}

}  // namespace

Section attack_section(const Result& result) {
    const Json& cells = result.json.at("cells");
    Section section{result.name, {attack_words(result.json, cells)}};
    Section part{"Accuracy under attack",
                 {"Threat models: ss, made on the software network and tested on it; sh, made on the software network "
                  "and tested on "
                  "hardware; hh, made on the tested hardware itself; others as docs/threat_models.md has them."}};
    std::vector<std::string> threats;
    for (const Json& cell : cells)
        if (std::find(threats.begin(), threats.end(), text(cell, "threat")) == threats.end())
            threats.push_back(text(cell, "threat"));
    for (const std::string& threat : threats)
        part.figures.push_back(bars_of_threat(cells, threat));
    for (Figure& figure : curves(cells))
        part.figures.push_back(std::move(figure));
    for (const Json& warning : field(result.json, "warnings"))
        part.notes.push_back("A sign that robust figures are too good to be believed: " + warning.get<std::string>());
    const char* percent = "{:.2f} %";
    part.tables = {
        cell_table(cells),
        table_of(
            "from chip to chip", field(result.json, "chips"),
            {Column("threat", "threat", -1), Column("recalibrated", "recalibrated", -1), Column("faults", "faults", -1),
             Column("attack", "attack", -1), Column("norm", "norm", -1), Column("epsilon", "epsilon", 0, 0, "{:.4g}"),
             Column("chips", "chips"), Column("clean_mean", "clean", 0, 0, percent, 100),
             Column("clean_deviation", "+-", 0, 0, "{:.2f}", 100), Column("robust_mean", "robust", 0, 0, percent, 100),
             Column("robust_deviation", "+-", 0, 0, "{:.2f}", 100),
             Column("robust_worst", "worst", 0, 0, percent, 100)})};
    section.parts = {part};
    if (const std::string file = result.folder + "/images.png";
        !result.folder.empty() && std::filesystem::exists(file)) {
        Section images{"Adversarial images",
                       {"Of each attack some images that are right as they are and wrong when attacked: as they are, "
                        "attacked, and "
                        "the change. Below: label, and what the attacked image is taken for."}};
        images.figures = {{"picture", "Images before and after the attack", "", {{"png", base64(read_file(file))}}}};
        section.parts.push_back(images);
    } else if (result.folder.empty()) {
        section.parts.front().words.push_back("The file has no images; the results folder of xloop attack does.");
    }
    section.parts.push_back(folder_provenance(result, {{"file", result.file}}, "xloop attack"));
    return section;
}

}  // namespace xloop::page
