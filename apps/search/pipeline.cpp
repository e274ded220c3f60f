#include "apps/search/pipeline.hpp"

#include "analysis/study.hpp"
#include "apps/child_process.hpp"
#include "core/digest.hpp"
#include "core/error.hpp"
#include "core/files.hpp"
#include "core/interrupt.hpp"
#include "core/progress.hpp"
#include "nas/search.hpp"
#include "systemc_model/chip/chip.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>

namespace xloop {
namespace {

namespace fs = std::filesystem;

Json accuracy_json(const SubnetAccuracy& a) {
    return {{"software_clean", a.software_clean},
            {"software_pgd", a.software_pgd},
            {"integer_clean", a.integer_clean},
            {"chip_clean", a.chip_clean},
            {"chip_pgd", a.chip_pgd}};
}

std::string percent(double share) { return fmt::format("{:.1f} %", 100.0 * share); }

}  // namespace

void add_pipeline_options(CLI::App& command, PipelineOptions& options) {
    add_experiment_options(command, options, true);
    command.add_option("--out", options.out, "results folder; default: results/NAME of the experiment");
    command.add_flag("--fresh", options.fresh, "remove earlier results in the folder instead of going on from them");
}

Pipeline::Pipeline(const PipelineOptions& options) : options_(options), experiment_(options.load()) {
    check_files(config());
    space_ = load_network(config().network);
    costs_ = load_cost_table(config().cost_table);
    check_counts();
    train_images_ = load_images(config().data, space_.input, true, config().data.train_images, config().seed);
    test_images_ = load_images(config().data, space_.input, false, config().data.test_images, config().seed);
    check_labels();
    folder_ = std::make_unique<ResultsFolder>(experiment_, inputs_digest(), options.out, options.fresh);
}

Pipeline::~Pipeline() = default;

std::string Pipeline::inputs_digest() const {
    Digest digest;
    config::add_to_digest(digest, config::load_file(config().network));
    config::add_to_digest(digest, config::load_file(config().cost_table));
    for (const std::string& file : {config().hardware.device.level_table, config().hardware.device.fault_map})
        digest.add(file.empty() ? std::string() : read_file(file));
    for (const ImageSet* images : {&train_images_, &test_images_})
        digest.add(images->pixels.data(), images->pixels.size()).add(images->labels.data(), images->labels.size());
    return digest.hex();
}

void Pipeline::check_labels() const {
    const int classes = build_graph(space_.resolve(space_.smallest_path())).logit_count();
    int largest = 0;
    for (const ImageSet* images : {&train_images_, &test_images_})
        for (std::uint8_t label : images->labels)
            largest = std::max<int>(largest, label);
    if (largest >= classes)
        throw InputError(
            fmt::format("{}: the network has {} outputs, the images have labels up to {}; give its last layer "
                        "out_channels of at least {}",
                        config().network, classes, largest, largest + 1));
}

void Pipeline::check_counts() const {
    const auto demand = [&](bool good, const char* key, const std::string& expected) {
        if (!good)
            config::fail_check(experiment_.origins, key, expected);
    };
    demand(config().search.test_images <= config().data.test_images, "search.test_images",
           fmt::format("at most data.test_images = {}", config().data.test_images));
    demand(config().simulation.images <= config().data.test_images, "simulation.images",
           fmt::format("at most data.test_images = {}", config().data.test_images));
    demand(config().simulation.computes(), "simulation.values", "compute: the run checks logits");
    demand(config().search.calibration_images <= config().data.train_images, "search.calibration_images",
           fmt::format("at most data.train_images = {}", config().data.train_images));
    demand(config().search.chosen <= config().search.subnets, "search.chosen",
           fmt::format("at most search.subnets = {}", config().search.subnets));
}

void Pipeline::train() {
    Progress progress("training");
    std::string last;
    const Watch watch = [&](const StepState& state) {
        progress(state);
        last = state.detail;
    };
    trained_ = std::make_unique<TrainedSpace>(
        train_space(space_, config(), train_images_, test_images_, folder_->path(), watch));
    if (!last.empty())
        spdlog::info("trained: {}", last);
}

std::optional<SubnetAccuracy> Pipeline::stored_accuracy(const std::string& folder) const {
    const std::string file = folder + "/evaluation.json";
    if (!fs::exists(file))
        return std::nullopt;
    try {
        const Json a = Json::parse(read_file(file)).at("accuracy");
        return SubnetAccuracy{a.at("software_clean"), a.at("software_pgd"), a.at("integer_clean"), a.at("chip_clean"),
                              a.at("chip_pgd")};
    } catch (const Json::exception& e) {
        throw InputError(file + ": is damaged (" + e.what() + "); remove it, or run with --fresh");
    }
}

SubnetRecord Pipeline::evaluate(const SubnetPath& path) {
    SubnetRecord record;
    record.path = space_.path_text(path);
    record.folder = folder_->subnet(record.path);
    WorkloadGraph workload;
    if (const auto stored = stored_accuracy(record.folder)) {
        record.accuracy = *stored;
        workload = load_workload(record.folder + "/workload.yaml");
    } else {
        EvaluatedSubnet evaluated =
            trained_->evaluate(path, options_.threads, [](const StepState&) { check_interrupt(); });
        record.accuracy = evaluated.accuracy;
        workload = std::move(evaluated.workload);
        save_workload(workload, record.folder);
    }
    record.estimate = estimate_hardware(map_network(workload, config().hardware), costs_, 1, EstimateDetail::classes);
    Json json = subnet_json(record);
    json.erase("on_front");  // not known yet
    json.erase("chosen");
    write_file_atomically(record.folder + "/evaluation.json", json.dump(2) + "\n");
    return record;
}

std::vector<SubnetRecord> Pipeline::search() {
    const auto paths = sample_paths(space_, config().search.subnets, config().seed);
    std::vector<SubnetRecord> subnets;
    std::vector<Objectives> objectives;
    Progress progress("evaluating subnets");
    for (const SubnetPath& path : paths) {
        subnets.push_back(evaluate(path));
        const SubnetRecord& s = subnets.back();
        objectives.push_back({s.accuracy.chip_pgd, s.estimate.edap()});
        progress({static_cast<double>(subnets.size()) / static_cast<double>(paths.size())});
        spdlog::debug("{}: chip {} clean, {} PGD, EDAP {:.3e}", s.path, percent(s.accuracy.chip_clean),
                      percent(s.accuracy.chip_pgd), s.estimate.edap());
    }
    const auto front = pareto_front(objectives);
    for (int i : front)
        subnets[i].on_front = true;
    for (int i : spread_choice(front, config().search.chosen))
        subnets[i].chosen = true;
    return subnets;
}

std::vector<std::string> Pipeline::simulate_arguments(const SubnetRecord& subnet) const {
    std::vector<std::string> arguments = {"simulate",
                                          folder_->config_file(),
                                          "-s",
                                          "weights.from=workload",
                                          "-s",
                                          "weights.workload=" + subnet.folder + "/workload.yaml",
                                          "--json",
                                          "--logits",
                                          "--quiet",
                                          "--threads",
                                          std::to_string(options_.threads),
                                          "--activity",
                                          subnet.folder + "/activity.csv"};
    arguments.insert(arguments.end(), {"--trace-out", subnet.folder + "/wave"});
    return arguments;
}

void Pipeline::check_in_cycle_model(SubnetRecord& subnet) const {
    check_interrupt();
    const std::string stored = subnet.folder + "/simulation.json";
    if (!fs::exists(stored))
        write_file_atomically(stored, run_own_command(simulate_arguments(subnet)));
    std::vector<std::vector<std::int32_t>> timed;
    try {
        subnet.simulation = Json::parse(read_file(stored));
        timed = subnet.simulation.at("logits").get<std::vector<std::vector<std::int32_t>>>();
        for (const char* key : {"configuration", "trace"})  // the folder has both, and they hold paths of this machine
            subnet.simulation.erase(key);
    } catch (const Json::exception& e) {
        throw InputError(stored + ": is damaged (" + e.what() + "); remove it, or run with --fresh");
    }
    const Chip chip(map_network(load_workload(subnet.folder + "/workload.yaml"), config().hardware), options_.threads);
    const auto untimed = run_images(chip.network().graph, chip, test_images_.pixels.data(), 0,
                                    config().simulation.images, options_.threads);
    if (timed != untimed)
        throw Error(
            fmt::format("{}: the cycle model's logits differ from the untimed chip's; results in {} are not to be "
                        "trusted",
                        subnet.path, subnet.folder));
}

Json subnet_json(const SubnetRecord& s) {
    Json json;
    json["path"] = s.path;
    json["accuracy"] = accuracy_json(s.accuracy);
    json["on_front"] = s.on_front;
    json["chosen"] = s.chosen;
    json["estimate"] = s.estimate.json();
    if (!s.simulation.is_null())
        json["simulation"] = s.simulation;
    return json;
}

std::string subnet_table(const std::vector<SubnetRecord>& subnets) {
    std::string text = fmt::format("{:<40}{:>9}{:>8}{:>8}{:>8}{:>8}{:>12}{:>11}{:>12}  {}\n", "subnet", "software",
                                   "PGD", "int8", "chip", "PGD", "latency us", "energy uJ", "EDAP Jsmm2", "");
    for (const SubnetRecord& s : subnets)
        text +=
            fmt::format("{:<40}{:>9}{:>8}{:>8}{:>8}{:>8}{:>12.2f}{:>11.4f}{:>12.3e}  {}\n", s.path,
                        percent(s.accuracy.software_clean), percent(s.accuracy.software_pgd),
                        percent(s.accuracy.integer_clean), percent(s.accuracy.chip_clean), percent(s.accuracy.chip_pgd),
                        1e6 * s.estimate.latency_s(), 1e6 * s.estimate.energy_per_image_j(), s.estimate.edap(),
                        s.chosen     ? "chosen"
                        : s.on_front ? "front"
                                     : "");
    return text;
}

}  // namespace xloop
