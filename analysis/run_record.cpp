#include "analysis/run_record.hpp"

#include "core/config/flat_configuration.hpp"
#include "core/error.hpp"
#include "core/files.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <filesystem>

namespace xloop {
namespace {

namespace fs = std::filesystem;

/// A JSON object in a file, for messages that say where something is missing.
class JsonPlace {
public:
    JsonPlace(const Json& json, std::string file, std::string path = {})
        : json_(json), file_(std::move(file)), path_(std::move(path)) {}

    bool has(const std::string& key) const { return json_.is_object() && json_.contains(key); }

    JsonPlace at(const std::string& key) const {
        const std::string path = path_.empty() ? key : path_ + "." + key;
        if (!has(key))
            throw InputError(
                fmt::format("{}: key `{}` is missing; expected what this version of xloop run, estimate --json, "
                            "simulate --json or validate --json writes",
                            file_, path));
        return {json_.at(key), file_, path};
    }

    double number() const {
        if (!json_.is_number())
            throw InputError(fmt::format("{}: key `{}`: expected a number, not {}", file_, path_, json_.dump()));
        return json_.get<double>();
    }

    std::string text() const {
        if (!json_.is_string())
            throw InputError(fmt::format("{}: key `{}`: expected a text, not {}", file_, path_, json_.dump()));
        return json_.get<std::string>();
    }

    const Json& json() const { return json_; }
    const std::string& file() const { return file_; }

private:
    const Json& json_;
    std::string file_, path_;
};

Json read_json(const std::string& file) {
    Json json = Json::parse(read_file(file), nullptr, false);
    if (!json.is_object())
        throw InputError(file +
                         ": is no JSON object; expected the output of estimate, simulate or validate with --json, or a "
                         "folder of xloop run");
    return json;
}

PerComponent by_class(const JsonPlace& classes, double scale) {
    PerComponent values{};
    for (std::size_t c = 0; c < component_count; ++c)
        values[c] = scale * classes.at(name_of(static_cast<Component>(c))).number();
    return values;
}

/// A report of `estimate` or `simulate`.
RunRecord read_report(const JsonPlace& report) {
    RunRecord run;
    run.method = report.at("method").text();
    run.network = report.at("network").text();
    run.images = static_cast<int>(report.at("images").number());
    const double per_image = 1.0 / std::max(run.images, 1);
    const JsonPlace energy = report.at("energy_j"), alone = report.at("alone"), stream = report.at("stream");
    run.dynamic_j = by_class(energy.at("dynamic_by_class"), per_image);
    run.static_j = by_class(energy.at("by_class"), per_image);
    for (std::size_t c = 0; c < component_count; ++c)
        run.static_j[c] -= run.dynamic_j[c];
    run.area_mm2 = by_class(report.at("area_mm2").at("by_class"), 1);
    const double total = per_image * energy.at("total").number(), dynamic = per_image * energy.at("dynamic").number();
    run.figures = {{"run", "cycles", report.at("cycles").number()},
                   {"latency", "s", alone.at("latency_s").number()},
                   {"interval", "s", stream.at("interval_s").number()},
                   {"energy", "J", total},
                   {"dynamic energy", "J", dynamic},
                   {"static energy", "J", total - dynamic},
                   {"area", "mm2", report.at("area_mm2").at("total").number()},
                   {"EDAP alone", "J s mm2", alone.at("edap_j_s_mm2").number()},
                   {"EDAP stream", "J s mm2", stream.at("edap_j_s_mm2").number()},
                   {"efficiency", "TOPS/W", stream.at("tops_per_watt").number()}};
    return run;
}

void add_accuracy(RunRecord& run, const JsonPlace& accuracy) {
    run.figures.push_back({"accuracy", "", accuracy.at("chip_clean").number()});
    run.figures.push_back({"accuracy under PGD", "", accuracy.at("chip_pgd").number()});
}

std::vector<RunRecord> read_folder(const std::string& folder, const std::string& name) {
    const std::string file = (fs::path(folder) / "report.json").string();
    const std::string config_file = (fs::path(folder) / "effective_config.yaml").string();
    for (const std::string& needed : {file, config_file})
        if (!fs::exists(needed))
            throw InputError(
                fmt::format("{}: is missing; {} is no results folder of a finished xloop run", needed, folder));
    const Json json = read_json(file);
    const Json configuration = flat_configuration(config::load_file(config_file));
    const JsonPlace subnets = JsonPlace(json, file).at("subnets");
    std::vector<RunRecord> runs;
    for (const Json& entry : subnets.json()) {
        const JsonPlace subnet(entry, file);
        if (!subnet.at("chosen").json().get<bool>())
            continue;
        const std::string path = subnet.at("path").text();
        RunRecord run = read_report(subnet.at(subnet.has("simulation") ? "simulation" : "estimate"));
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
    const JsonPlace file(json, path);
    RunRecord run = read_report(file.at("method").text() == "validation" ? file.at("simulation") : file);
    run.configuration = file.at("configuration").json();
    run.name = named;
    return {run};
}

}  // namespace xloop
