#include "analysis/run_record.hpp"

#include "analysis/accuracy_table.hpp"
#include "analysis/json_fields.hpp"
#include "core/config/flat_configuration.hpp"
#include "core/error.hpp"
#include "core/files.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <filesystem>

namespace xloop {
namespace {

namespace fs = std::filesystem;

Json read_json(const std::string& file) {
    Json json = Json::parse(read_file(file), nullptr, false);
    if (!json.is_object())
        throw InputError(file +
                         ": is no JSON object; expected the output of estimate, simulate or validate with --json, or a "
                         "folder of xloop run");
    return json;
}

RunRecord record_of(const JsonReader& json) {
    RunRecord run;
    run.report = HardwareReport::from_json(json);
    const HardwareReport& report = run.report;
    const double per_image = 1.0 / report.images;
    for (std::size_t c = 0; c < component_count; ++c) {
        run.dynamic_j[c] = per_image * report.ledger.dynamic_j[c];
        run.static_j[c] = per_image * report.ledger.energy_j[c] - run.dynamic_j[c];
    }
    const double total = per_image * report.ledger.energy_total_j, dynamic = per_image * report.ledger.dynamic_total_j;
    run.figures = {{"run", "cycles", static_cast<double>(report.cycles)},
                   {"latency", "s", report.figures.latency_s},
                   {"interval", "s", report.figures.interval_s},
                   {"energy", "J", total},
                   {"dynamic energy", "J", dynamic},
                   {"static energy", "J", total - dynamic},
                   {"area", "mm2", report.ledger.area_total_mm2},
                   {"EDAP alone", "J s mm2", report.figures.edap_alone()},
                   {"EDAP stream", "J s mm2", report.figures.edap_stream()},
                   {"efficiency", "TOPS/W", report.figures.tops_per_watt()}};
    return run;
}

void add_accuracy(RunRecord& run, const AccuracyTable& accuracy) {
    for (const AccuracyCell& cell : accuracy.cells())
        if (cell.engine == AccuracyCell::Engine::chip)
            run.figures.push_back(
                {cell.attacked() ? "accuracy under " + cell.attack_title() : "accuracy", "", cell.share()});
}

std::vector<RunRecord> read_folder(const std::string& folder, const std::string& name) {
    const std::string file = (fs::path(folder) / "report.json").string();
    const std::string config_file = (fs::path(folder) / "effective_config.yaml").string();
    for (const std::string& needed : {file, config_file})
        if (!fs::exists(needed))
            throw InputError(
                fmt::format("{}: is missing; {} is no results folder of a finished xloop run", needed, folder));
    const Json json = read_json(file);
    const Json configuration = config::flat_configuration(config::load_file(config_file));
    std::vector<RunRecord> runs;
    for (const JsonReader& candidate : JsonReader(json, file).at("candidates").items()) {
        if (!candidate.at("chosen").as<bool>())
            continue;
        RunRecord run = record_of(candidate.at("simulation"));
        add_accuracy(run, AccuracyTable::from_cell_list(candidate.at("test").json(), file));
        run.name = fmt::format("{}:{}", name, candidate.at("id").as<int>());
        run.configuration = configuration;
        run.configuration["path"] = candidate.at("network").as<std::string>();
        for (const JsonReader& assignment : candidate.at("assignments").items()) {
            const auto text = assignment.as<std::string>();
            const std::size_t sign = text.find('=');
            const std::string value = text.substr(sign + 1);
            const Json number = Json::parse(value, nullptr, false);
            run.configuration[text.substr(0, sign)] = number.is_discarded() ? Json(value) : number;
        }
        runs.push_back(std::move(run));
    }
    if (runs.empty())
        throw InputError(file + ": has no chosen candidate");
    return runs;
}

std::string default_name(const std::string& path) {
    const fs::path full = fs::absolute(path).lexically_normal();
    return full.has_filename() ? full.stem().string() : full.parent_path().filename().string();
}

}  // namespace

const RunRecord::Figure* RunRecord::find(const std::string& figure) const {
    const auto found = std::find_if(figures.begin(), figures.end(), [&](const Figure& f) { return f.name == figure; });
    return found == figures.end() ? nullptr : &*found;
}

std::vector<RunRecord> read_runs(const std::string& path, const std::string& name) {
    const std::string named = name.empty() ? default_name(path) : name;
    if (fs::is_directory(path))
        return read_folder(path, named);
    const Json json = read_json(path);
    const JsonReader file(json, path);
    RunRecord run = record_of(file.at("method").as<std::string>() == "validation" ? file.at("simulation") : file);
    run.configuration = file.at("configuration").json();
    run.name = named;
    return {run};
}

}  // namespace xloop
