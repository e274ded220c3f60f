#include "apps/page/accuracy_charts.hpp"
#include "apps/page/charts.hpp"
#include "apps/page/sections.hpp"
#include "core/error.hpp"
#include "core/files.hpp"
#include "core/words.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <filesystem>
#include <map>

namespace xloop::page {
namespace {

std::size_t place_in(std::vector<std::string>& names, const std::string& name) {
    const auto found = std::find(names.begin(), names.end(), name);
    if (found != names.end())
        return static_cast<std::size_t>(found - names.begin());
    names.push_back(name);
    return names.size() - 1;
}

/// The cells of an evaluation, from the rows of its table.
AccuracyTable accuracy_of(const Json& rows, const std::string& file) {
    AccuracyTable table;
    for (const Json& row : rows) {
        Json cell = row;
        cell["total"] = row.at("images");
        if (cell.at("chip_seed").is_null())
            cell["chip_seed"] = 0;
        AccuracyCell read = AccuracyTable::from_cell_list(Json::array({cell}), file).cells().front();
        if (const Json& top5 = field(row, "correct_top5"); top5.is_number())
            read.correct_top5 = top5.get<std::int64_t>();
        table.add(read);
    }
    return table;
}

std::string accuracy_words(const AccuracyTable& accuracy) {
    std::string words;
    for (const bool attacked : {false, true}) {
        std::map<std::string, std::pair<double, int>> sums;
        std::vector<std::string> order;
        for (const AccuracyCell& cell : accuracy.cells())
            if (cell.attacked() == attacked) {
                const std::string name =
                    std::string(name_of(cell.engine)) + (cell.recalibrated ? ", recalibrated" : "");
                place_in(order, name);
                sums[name].first += cell.share();
                ++sums[name].second;
            }
        for (const std::string& name : order) {
            const auto& [sum, count] = sums[name];
            words += fmt::format("{}{} {:.2f} %",
                                 words.empty()           ? ""
                                 : name == order.front() ? "; attacked: "
                                                         : ", ",
                                 count > 1 ? fmt::format("{} chips on average", count) : name, 100 * sum / count);
        }
    }
    return words;
}

Section layer_error_part(const Json& layers) {
    Section part{"Errors of each layer's sums on the chip",
                 {"Signal-to-noise ratio of the sums that a layer's arrays give, against exact ones."}};
    std::map<std::string, std::vector<double>> by_chip;
    std::vector<std::string> names, chips;
    for (const Json& layer : layers) {
        place_in(names, text(layer, "layer"));
        const std::string chip =
            "chip " + text(layer, "chip_seed") + (field(layer, "recalibrated") == Json(true) ? ", recalibrated" : "");
        place_in(chips, chip);
        by_chip[chip].push_back(number(layer, "snr_db"));
    }
    Figure chart = bar_chart("Signal-to-noise ratio by layer", "dB", names, Bars::lying);
    for (const std::string& chip : chips)
        add_bars(chart, chip, by_chip[chip]);
    part.figures = {chart};
    part.tables = {
        table_of("layers", layers,
                 {Column("layer", "layer", -1), Column("chip_seed", "chip"), Column("recalibrated", "recalibrated", -1),
                  Column("snr_db", "SNR dB", 0, 0, "{:.2f}"), Column("non_ideality", "non-ideality", 0, 0, "{:.4f}"),
                  Column("clipped_share", "clipped", 0, 0, "{:.4f} %", 100)})};
    return part;
}

}  // namespace

Figure accuracy_chart(std::string title, const std::vector<AccuracyBar>& bars, std::string words) {
    std::vector<std::string> labels, series;
    for (const AccuracyBar& bar : bars) {
        place_in(labels, bar.label);
        place_in(series, bar.series);
    }
    Figure chart = bar_chart(std::move(title), "right, %", labels, Bars::lying, std::move(words));
    chart.data["least"] = 0;
    for (const std::string& name : series) {
        std::vector<double> share(labels.size(), NAN), low = share, high = share;
        for (const AccuracyBar& bar : bars)
            if (bar.series == name) {
                const std::size_t i = place_in(labels, bar.label);
                share[i] = 100 * bar.share;
                low[i] = 100 * bar.low;
                high[i] = 100 * bar.high;
            }
        add_bars(chart, name, share, low, high);
    }
    return chart;
}

AccuracyBar bar_of(const AccuracyCell& cell, std::string label, std::string series) {
    const auto [low, high] = confidence(cell.correct, cell.total);
    return {std::move(label), std::move(series), cell.share(), low, high};
}

std::string engine_label(const AccuracyCell& cell) {
    std::string label = name_of(cell.engine);
    if (cell.engine == AccuracyCell::Engine::chip)
        label += fmt::format(" {}", cell.chip_seed);
    return label + (cell.recalibrated ? ", recalibrated" : "");
}

Section confusion_part(const Json& confusion) {
    Section part{"Which classes are taken for which"};
    part.figures = {
        {"matrix",
         fmt::format("{}{}", counted(confusion.at("chips").get<int>(), "chip"),
                     confusion.at("recalibrated").get<bool>() ? ", recalibrated" : ""),
         "A row has the images of one class; the darker, the larger the share of them that a column's class is "
         "predicted for. On the diagonal they are right.",
         {{"counts", confusion.at("counts")}, {"rows", "class"}, {"columns", "predicted"}}}};
    return part;
}

Section evaluation_section(const Result& result) {
    const AccuracyTable accuracy = accuracy_of(result.json.at("accuracy"), result.file);
    const std::string network = text(result.json, "network");
    Section section{
        result.name,
        {fmt::format("Accuracy of {} on {}: {}.", network, counted(result.json.at("images").get<int>(), "test image"),
                     accuracy_words(accuracy))}};
    std::vector<AccuracyBar> bars;
    for (const AccuracyCell& cell : accuracy.cells())
        bars.push_back(
            bar_of(cell, engine_label(cell),
                   cell.attacked() ? fmt::format("{}, epsilon {:.4g}", cell.attack_title(), cell.epsilon) : "clean"));
    Section part{"Accuracy"};
    part.figures = {accuracy_chart("Test images that are classified rightly", bars, interval_words)};
    part.tables = {accuracy.table()};
    if (!accuracy.chips().rows.empty()) {
        part.tables.push_back(accuracy.chips());
        part.tables.back().name = "from chip to chip";
    }
    section.parts = {part};
    if (const Json& confusion = field(result.json, "confusion"); !confusion.empty())
        section.parts.push_back(confusion_part(confusion));
    if (const Json& layers = field(result.json, "layers"); !layers.empty())
        section.parts.push_back(layer_error_part(layers));
    section.parts.push_back(folder_provenance(result, {{"file", result.file}}, "xloop eval"));
    return section;
}

Section subnet_section(const Result& result) {
    AccuracyCell common;
    common.total = 1;
    std::vector<AccuracyBar> bars;
    Table table{"accuracy",
                {Column("", "engine", -1), Column("", "attack", -1), Column("", "right", 1, 0, "{:.2f} %", 100)}};
    for (const auto& [key, share] : result.json.at("accuracy").items()) {
        const auto cell = AccuracyTable::cell_of_key(key, common);
        if (!cell)
            throw InputError(
                fmt::format("{}: accuracy: `{}` is no key of an accuracy, such as chip_clean", result.file, key));
        bars.push_back({engine_label(*cell), cell->attack_title(), share.get<double>()});
        table.add(engine_label(*cell), cell->attack_title(), share.get<double>());
    }
    const Json& estimate = result.json.at("estimate");
    Section section{
        result.name,
        {"Accuracy of the subnet " + text(result.json, "path") + ". " + hardware_words(estimate, result.file)}};
    Section part{"Accuracy", {"The file has no counts of images, hence no intervals."}};
    part.figures = {accuracy_chart("Test images that are classified rightly", bars)};
    part.tables = {table};
    section.parts = {part};
    for (Section& more : hardware_parts(estimate, result.file))
        section.parts.push_back(std::move(more));
    section.parts.push_back(provenance(Json(), {{"file", result.file}}));
    return section;
}

}  // namespace xloop::page
