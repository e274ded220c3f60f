#include "apps/page/charts.hpp"
#include "apps/page/sections.hpp"
#include "core/error.hpp"
#include "core/files.hpp"
#include "core/words.hpp"

#include <fmt/format.h>
#include <cmath>
#include <filesystem>
#include <sstream>

namespace xloop::page {
namespace {

std::string share_words(const Json& share) {
    return fmt::format("{:.1f} % ({:.1f} to {:.1f}) of {}", 100 * share.at("share").get<double>(),
                       100 * share.at("low").get<double>(), 100 * share.at("high").get<double>(),
                       counted(share.at("images").get<int>(), "test image"));
}

/// By epoch; not a number where an epoch has none.
std::vector<std::pair<double, double>> curve(const Json& epochs, const char* path, double scale) {
    std::vector<std::pair<double, double>> points;
    for (const Json& epoch : epochs)
        points.emplace_back(number(epoch, "epoch"), scale * number(epoch, path));
    return points;
}

}  // namespace

Json read_lines(const std::string& file) {
    std::istringstream lines(read_file(file));
    Json list = Json::array();
    int number = 0;
    for (std::string line; std::getline(lines, line);) {
        ++number;
        Json value = Json::parse(line, nullptr, false);
        if (!value.is_object() && !lines.eof())
            throw InputError(
                fmt::format("{}: line {}: is no JSON object; expected one for each epoch, as xloop train writes them",
                            file, number));
        if (value.is_object())
            list.push_back(std::move(value));
    }
    return list;
}

Section learning_part(const Json& epochs) {
    Section part{"Learning curves"};
    Figure accuracy =
        line_chart("Accuracy by epoch", "epoch", "right, %",
                   "Training images are those of the epoch's steps, attacked where there is an adversary.");
    for (const auto& [path, name] :
         {std::pair("accuracy", "training images"), std::pair("validation.clean", "validation, clean"),
          std::pair("validation.attacked", "validation, attacked")}) {
        add_line(accuracy, name, curve(epochs, path, 100));
        Json& series = accuracy.data["series"];
        if (series.back()["points"].empty())
            series.erase(series.end() - 1);
    }
    Figure loss = line_chart("Loss by epoch", "epoch", "loss");
    add_line(loss, "loss", curve(epochs, "loss", 1));
    Figure rate = line_chart("Learning rate at the end of each epoch", "epoch", "learning rate");
    add_line(rate, "learning rate", curve(epochs, "learning_rate", 1));
    part.figures = {accuracy, loss, rate};
    part.tables = {
        table_of("epochs", epochs,
                 {Column("epoch", "epoch"), Column("steps", "steps"), Column("adversary", "adversary", -1),
                  Column("learning_rate", "learning rate", 0, 0, "{:.3g}"), Column("loss", "loss", 0, 0, "{:.4f}"),
                  Column("accuracy", "training", 0, 0, "{:.1f} %", 100),
                  Column("validation.clean", "validation", 0, 0, "{:.1f} %", 100),
                  Column("validation.attacked", "attacked", 0, 0, "{:.1f} %", 100)})};
    return part;
}

Section training_section(const Result& result) {
    const bool finished = result.json.is_object();
    const Json& epochs = finished ? result.json.at("epochs") : result.json;
    std::string words = finished ? "Training of " + text(result.json, "network") + ", " : "Training, ";
    words += counted(static_cast<int>(epochs.size()), "epoch");
    if (!epochs.empty())
        words += fmt::format(", loss {:.4g} at the last", number(epochs.back(), "loss"));
    Section section{result.name};
    if (finished) {
        const Json& test = result.json.at("test");
        words += fmt::format("; clean {}", share_words(test.at("clean")));
        if (test.contains("attacked"))
            words += fmt::format("; under PGD of {} steps, epsilon {:.4g}, {}", text(test, "attack.steps"),
                                 number(test, "attack.epsilon"), share_words(test.at("attacked")));
    }
    section.words = {words + "."};
    if (finished) {
        if (const int best = result.json.at("best_epoch").get<int>(); best > 0)
            section.words.push_back(fmt::format("Weights are those of epoch {}, the best on validation images.", best));
        if (text(result.json, "end") != "epochs")
            section.words.push_back("It ended before all epochs: " + text(result.json, "end") + ".");
        if (result.json.at("collapsed").get<bool>())
            section.words.push_back("It collapsed: the network has learnt to fool its adversary.");
    }
    section.parts = {learning_part(epochs)};
    std::vector<std::pair<std::string, std::string>> facts = {{"file", result.file}};
    if (finished)
        facts.emplace_back("arithmetic", text(result.json, "arithmetic"));
    section.parts.push_back(folder_provenance(result, facts, "xloop train"));
    return section;
}

Section sensitivity_section(const Result& result) {
    const Json& layers = result.json.at("layers");
    std::vector<std::string> names;
    for (const Json& layer : layers)
        names.push_back(text(layer, "layer"));
    const auto values = [&](const char* key, double scale) {
        std::vector<double> list;
        for (const Json& layer : layers)
            list.push_back(scale * number(layer, key));
        return list;
    };
    Section section{
        result.name,
        {fmt::format("Sensitivity of the layers of {}, measured on {}; bits by layer are written by the rule: {}.",
                     text(result.json, "network"), counted(result.json.at("images").get<int>(), "training image"),
                     text(result.json, "rule"))}};
    Section part{
        "Layers",
        {"Relative change: how far an attack changes the layer's map, of its size. SNR: of its sums on the chip, "
         "against exact ones. Components: principal components of its map."}};
    const auto add = [&](const char* title, const char* axis, std::vector<std::pair<const char*, const char*>> series,
                         double scale) {
        Figure chart = bar_chart(title, axis, names, Bars::lying);
        for (const auto& [key, name] : series)
            add_bars(chart, name, values(key, scale));
        part.figures.push_back(chart);
    };
    add("Relative change under attack", "% of the map", {{"relative_change", "change"}}, 100);
    add("Signal-to-noise ratio on the chip", "dB", {{"snr_db", "SNR"}}, 1);
    add("Principal components", "components", {{"components", "components"}, {"channels", "channels"}}, 1);
    add("Bits by layer and rule", "bits",
        {{"bits_noise", "noise"}, {"bits_snr", "snr"}, {"bits_components", "components"}, {"bits", "written"}}, 1);
    part.tables = {table_of(
        "layers", layers,
        {Column("layer", "layer", -1), Column("kind", "kind", -1), Column("change", "change", 0, 0, "{:.4f}"),
         Column("magnitude", "magnitude", 0, 0, "{:.4f}"), Column("relative_change", "relative", 0, 0, "{:.2f} %", 100),
         Column("snr_db", "SNR dB", 0, 0, "{:.2f}"), Column("components", "components"),
         Column("components_read", "read"), Column("channels", "channels"), Column("bits_noise", "bits: noise"),
         Column("bits_snr", "snr"), Column("bits_components", "components"), Column("bits", "written")})};
    section.parts = {part, folder_provenance(result, {{"file", result.file}}, "xloop analyse")};
    return section;
}

}  // namespace xloop::page
