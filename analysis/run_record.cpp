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

void add_accuracy(RunRecord& run, const JsonReader& accuracy) {
    for (const auto& [key, ignored] : accuracy.json().items()) {
        const auto cell = AccuracyTable::cell_of_key(key, {});
        if (cell && cell->engine == AccuracyCell::Engine::chip)
            run.figures.push_back({cell->attacked() ? "accuracy under " + cell->attack_title() : "accuracy", "",
                                   accuracy.at(key).as<double>()});
    }
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
    for (const JsonReader& subnet : JsonReader(json, file).at("subnets").items()) {
        if (!subnet.at("chosen").as<bool>())
            continue;
        const auto path = subnet.at("path").as<std::string>();
        RunRecord run = record_of(subnet.at(subnet.has("simulation") ? "simulation" : "estimate"));
        add_accuracy(run, subnet.at("accuracy"));
        run.name = name + ":" + path;
        run.configuration = configuration;
        run.configuration["path"] = path;
        runs.push_back(std::move(run));
    }
    if (runs.empty())
        throw InputError(file + ": has no chosen subnet");
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
