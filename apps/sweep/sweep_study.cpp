#include "apps/sweep/sweep_study.hpp"

#include "analysis/hardware_figures.hpp"
#include "analysis/hardware_report.hpp"
#include "apps/child_process.hpp"
#include "core/config/tree.hpp"
#include "core/digest.hpp"
#include "core/error.hpp"
#include "core/files.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <set>

namespace xloop {
namespace {

namespace fs = std::filesystem;

/// The content of a file, or of the files right in a folder; of anything else its name.
void add_content(Digest& digest, const std::string& path) {
    digest.add(path);
    std::vector<fs::path> files;
    std::error_code none;
    if (fs::is_regular_file(path, none))
        files.emplace_back(path);
    else if (fs::is_directory(path, none))
        for (const auto& entry : fs::directory_iterator(path))
            if (entry.is_regular_file())
                files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    for (const fs::path& file : files)
        digest.add(file.filename().string()).add(read_file(file.string()));
}

/// The content of files that assignments name.
std::string content_of(const std::vector<std::string>& assignments) {
    Digest digest;
    for (const std::string& assignment : assignments)
        if (const std::string value = assignment.substr(assignment.find('=') + 1); fs::exists(value))
            add_content(digest, value);
    return digest.hex();
}

/// Mean shares over chips, by a name for each row of a report's table of accuracies.
class Accuracies {
public:
    void add(const std::string& name, double share) {
        if (shares_.find(name) == shares_.end())
            order_.push_back(name);
        shares_[name].push_back(share);
    }
    void add_to(Json& figures) const {
        for (const std::string& name : order_) {
            double sum = 0;
            for (const double share : shares_.at(name))
                sum += share;
            figures[name] = sum / static_cast<double>(shares_.at(name).size());
        }
    }

private:
    std::vector<std::string> order_;
    std::map<std::string, std::vector<double>> shares_;
};

std::string engine_of(const Json& row) {
    return row.at("engine").get<std::string>() + (row.at("recalibrated").get<bool>() ? "_recalibrated" : "");
}

void add_eval_accuracies(const Json& report, Accuracies& all) {
    const Json& accuracy = report.at("accuracy");
    if (accuracy.is_object())  // of a subnet
        for (const auto& [name, share] : accuracy.items())
            all.add(name, share.get<double>());
    else
        for (const Json& row : accuracy)
            all.add(engine_of(row) + "_" + row.at("attack").get<std::string>(), row.at("top1").get<double>());
}

void add_attack_accuracies(const Json& report, Accuracies& all) {
    std::set<double> epsilons;
    for (const Json& row : report.at("cells"))
        epsilons.insert(row.at("epsilon").get<double>());
    std::set<std::string> clean;
    for (const Json& row : report.at("cells")) {
        const std::string faults = row.at("faults").is_string() ? row.at("faults").get<std::string>() : "";
        const std::string suffix = faults.empty() || faults == "none" ? "" : "_" + faults;
        // Of each chip once, whatever it was attacked by.
        if (clean.insert(engine_of(row) + suffix + row.at("chip_seed").dump()).second)
            all.add(engine_of(row) + "_clean" + suffix, row.at("clean_share").get<double>());
        all.add(row.at("threat").get<std::string>() + "_" + row.at("attack").get<std::string>() +
                    (row.at("recalibrated").get<bool>() ? "_recalibrated" : "") +
                    (epsilons.size() > 1 ? fmt::format("_eps{:.4g}", row.at("epsilon").get<double>()) : "") + suffix,
                row.at("robust_share").get<double>());
    }
}

void add_hardware(const FiguresOfMerit& merit, Json& figures) {
    for (const HardwareFigure& figure : hardware_figures())
        if (const double value = figure.of(merit); std::isfinite(value))
            figures[figure.name] = value;
}

}  // namespace

const SweepTaskTraits& traits_of(SweepTask task) {
    static const std::array<SweepTaskTraits, names_of(SweepTask{}).size()> traits = {{
        {"cycles, energy, area and EDAP in closed form", false, false, 50},
        {"the same by the SystemC model, cycle by cycle", false, false, 1},
        {"accuracy in software and on chips, as `xloop eval`, with the hardware's figures in closed form", true, true,
         1},
        {"accuracy under attack, as `xloop attack`, with the hardware's figures in closed form", true, true, 1},
    }};
    return traits[static_cast<std::size_t>(task)];
}

SweepStudy::SweepStudy(LoadedExperiment experiment, std::string folder, int threads)
    : experiment_(std::move(experiment)), folder_(std::move(folder)), threads_(threads), estimator_(experiment_) {}

std::vector<Job> SweepStudy::jobs(SweepTask task, const std::string& run, const std::string& trained,
                                  const std::vector<std::vector<std::string>>& points) {
    std::vector<Job> all;
    const std::size_t block = traits_of(task).job_points;
    for (std::size_t first = 0; first < points.size(); first += block) {
        Json some = Json::array();
        std::vector<std::string> assignments;
        for (std::size_t i = first; i < std::min(first + block, points.size()); ++i) {
            some.push_back(points[i]);
            assignments.insert(assignments.end(), points[i].begin(), points[i].end());
        }
        all.push_back({"sweep",
                       {{"run", run},
                        {"do", name_of(task)},
                        {"trained", trained},
                        {"files", content_of(assignments)},
                        {"points", std::move(some)}}});
    }
    return all;
}

Json SweepStudy::carry_out(const Job& job) {
    const auto task = value_named<SweepTask>(job.task.at("do").get<std::string>());
    if (!task)
        throw Error("a job of a sweep that this version does not know");
    Json results = Json::array();
    for (const Json& point : job.task.at("points")) {
        // What does not fit or is not valid is a result: the sweep goes on.
        try {
            results.push_back(judge(*task, point.get<std::vector<std::string>>(), job.task));
        } catch (const InputError& e) {
            results.push_back({{"failure", e.what()}});
        }
    }
    return results;
}

Json SweepStudy::report_of(SweepTask task, const std::vector<std::string>& assignments, const Json& of_job) {
    std::vector<std::string> words = {
        name_of(task), folder_ + "/effective_config.yaml", "--json", "--quiet", "--threads", std::to_string(threads_)};
    for (const std::string& assignment : assignments)
        words.insert(words.end(), {"-s", assignment});
    if (const auto trained = of_job.at("trained").get<std::string>(); !trained.empty())
        words.insert(words.end(), {"--trained", trained});
    std::string own;
    if (traits_of(task).own_folder && of_job.at("trained").get<std::string>().empty()) {
        own = folder_ + "/points/" + Job{"sweep", of_job}.digest();
        make_folder(folder_ + "/points");
        words.insert(words.end(), {"--out", own});
    }
    const Json report = Json::parse(run_own_command(words), nullptr, false);
    if (!report.is_object())
        throw Error(fmt::format("`xloop {}` printed no JSON", name_of(task)));
    // What is wanted of it is in the job's result.
    if (!own.empty())
        fs::remove_all(own);
    return report;
}

Json SweepStudy::judge(SweepTask task, const std::vector<std::string>& assignments, const Json& of_job) {
    Json figures = Json::object();
    if (task == SweepTask::simulate) {
        const Json json = report_of(task, assignments, of_job);
        const HardwareReport report = HardwareReport::from_json({json, "xloop simulate"});
        add_hardware(report.figures, figures);
        return {{"figures", figures}, {"warnings", report.cost_warnings}};
    }
    const PointEstimator::Figures estimate = estimator_(assignments);
    if (traits_of(task).accuracies) {
        const Json report = report_of(task, assignments, of_job);
        Accuracies accuracies;
        (task == SweepTask::eval ? add_eval_accuracies : add_attack_accuracies)(report, accuracies);
        accuracies.add_to(figures);
    }
    add_hardware(estimate.merit, figures);
    return {{"figures", figures}, {"warnings", estimate.warnings}};
}

std::vector<SweepMetric> sweep_metrics(const Json& results) {
    std::vector<SweepMetric> metrics;
    std::set<std::string> there;
    for (const HardwareFigure& figure : hardware_figures())
        there.insert(figure.name);
    for (const Json& result : results)
        if (result.contains("figures"))
            for (const auto& [name, value] : result.at("figures").items())
                if (there.insert(name).second)
                    metrics.push_back({name, name + " %", 100, "{:.2f}", Direction::maximise});
    for (const HardwareFigure& figure : hardware_figures())
        metrics.push_back({figure.name, figure.heading, figure.scale, figure.format, figure.direction});
    return metrics;
}

std::string inputs_digest(const StudyConfig& c) {
    Digest digest;
    for (const std::string& file : {c.network, c.cost_table})
        if (!file.empty())
            config::add_to_digest(digest, config::load_file(file));
    for (const std::string& path : {c.hardware.device.level_table, c.hardware.device.fault_map, c.weights.trained,
                                    c.simulation.recorded_statistics()})
        if (!path.empty())
            add_content(digest, path);
    if (!c.weights.workload.empty())
        add_content(digest, fs::path(c.weights.workload).parent_path().string());
    // Of images, which may be many, names and sizes.
    if (fs::is_directory(c.data.directory))
        for (const auto& entry : fs::directory_iterator(c.data.directory))
            if (entry.is_regular_file())
                digest.add(fmt::format("{} {}", entry.path().filename().string(), entry.file_size()));
    return digest.hex();
}

}  // namespace xloop
