#include "apps/search/search_study.hpp"

#include "analysis/json_fields.hpp"
#include "analysis/study.hpp"
#include "apps/child_process.hpp"
#include "core/config/tree.hpp"
#include "core/digest.hpp"
#include "core/error.hpp"
#include "core/files.hpp"
#include "core/interrupt.hpp"
#include "core/progress.hpp"
#include "nas/choice_costs.hpp"
#include "nas/hardware_estimator.hpp"
#include "nas/search_metrics.hpp"
#include "systemc_model/chip/chip.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <algorithm>
#include <functional>
#include <tuple>

namespace xloop {
namespace {

constexpr const char* accuracy_kind = "accuracy";
constexpr const char* cycles_kind = "cycles";
constexpr const char* fine_tune_kind = "fine_tune";

/// Of the time in which layers are at work, the part in which their tasks wait for input or for room at their output.
double stall_share(const Json& simulation) {
    double stalled = 0.0, active = 0.0;
    for (const Json& layer : simulation.at("layers")) {
        const Json& states = layer.at("state_cycles");
        const auto cycles = [&](const char* state) { return states.at(state).get<double>(); };
        stalled += cycles("waiting") + cycles("blocked");
        active += cycles("busy") + cycles("waiting") + cycles("blocked");
    }
    return active > 0.0 ? stalled / active : 0.0;
}

std::vector<std::string> hardware_of(const Json& task) { return task.at("hardware").get<std::vector<std::string>>(); }

}  // namespace

std::string candidate_folder(int id) {
    return id == baseline_id ? std::string("subnets/baseline") : fmt::format("subnets/c{}", id);
}

SearchStudy::SearchStudy(LoadedExperiment experiment, int threads)
    : experiment_(std::move(experiment)), threads_(threads) {
    check_files(config());
    network_ = load_network(config().network);
    costs_ = load_cost_table(config().cost_table);
    check_counts();
    if (looks_at_weights(config().hardware))
        throw KeyError(config().hardware.mapping.skip_zero_weights ? "mapping.skip_zero_weights" : "adc.bits_by_column",
                       "false: a search estimates candidates by their shapes, before they have weights");
    space_ = std::make_unique<SearchSpace>(
        network_,
        config().search.hardware_space.empty() ? HardwareSpace{} : load_hardware_space(config().search.hardware_space),
        config().hardware);
    const auto load = [&](DataPart part, int count) {
        return load_images(config().data, network_.input, part, count, config().seed);
    };
    images_.train = load(DataPart::training, config().data.train_images);
    if (config().data.validation_images > 0)
        images_.validation = load(DataPart::validation, config().data.validation_images);
    images_.test = load(DataPart::test, config().data.test_images);
    check_labels(network_, config().network);
    if (config().search.baseline.empty())
        return;
    baseline_ = load_network(config().search.baseline);
    if (baseline_.searchable() || baseline_.input != network_.input)
        throw KeyError("search.baseline",
                       fmt::format("a network without choices that reads {} as the space does", network_.input.str()));
    check_labels(baseline_, config().search.baseline);
}

std::string SearchStudy::inputs_digest() const {
    Digest digest;
    for (const std::string& file :
         {config().network, config().cost_table, config().search.hardware_space, config().search.baseline})
        if (!file.empty())
            config::add_to_digest(digest, config::load_file(file));
    for (const std::string& file : {config().hardware.device.level_table, config().hardware.device.fault_map})
        digest.add(file.empty() ? std::string() : read_file(file));
    for (const ImageSet* images : {&images_.train, &images_.validation, &images_.test})
        add_to_digest(digest, *images);
    return digest.hex();
}

std::string SearchStudy::identity() const {
    LoadedExperiment kept = experiment_;
    const SearchConfig& own = config().search;
    SearchConfig& search = kept.config.search = SearchConfig();
    search.phase1 = own.phase1;
    search.gates = own.gates;
    search.threat = own.threat;
    search.judged_images = own.judged_images;
    search.test_images = own.test_images;
    search.calibration_images = own.calibration_images;
    search.baseline = own.baseline;
    kept.config.jobs = JobsConfig();
    return kept.yaml(false);
}

void SearchStudy::check_labels(const NetworkSpec& network, const std::string& file) const {
    const int classes = build_graph(network.resolve(network.smallest_path())).logit_count();
    int largest = 0;
    for (const ImageSet* images : {&images_.train, &images_.validation, &images_.test})
        for (const int label : images->labels)
            largest = std::max(largest, label);
    if (largest >= classes)
        throw InputError(
            fmt::format("{}: the network has {} outputs, the images have labels up to {}; give its last layer "
                        "out_channels of at least {}",
                        file, classes, largest, largest + 1));
}

void SearchStudy::check_counts() const {
    const auto demand = [&](bool good, const char* key, const std::string& expected) {
        if (!good)
            config::fail_check(experiment_.origins, key, expected);
    };
    const auto& data = config().data;
    const auto& search = config().search;
    const auto& simulation = config().simulation;
    demand(search.test_images <= data.test_images, "search.test_images",
           fmt::format("at most data.test_images = {}", data.test_images));
    demand(data.validation_images == 0 || search.judged_images <= data.validation_images, "search.judged_images",
           fmt::format("at most data.validation_images = {}", data.validation_images));
    demand(simulation.images <= data.test_images, "simulation.images",
           fmt::format("at most data.test_images = {}", data.test_images));
    demand(simulation.computes(), "simulation.values", "compute: the run checks logits");
    demand(search.calibration_images <= data.train_images, "search.calibration_images",
           fmt::format("at most data.train_images = {}", data.train_images));
    demand(search.chosen <= search.candidates, "search.chosen",
           fmt::format("at most search.candidates = {}", search.candidates));
}

SpaceConfig SearchStudy::space_config() const {
    SpaceConfig how = config().space();
    if (how.search.phase1 == Phase1::gates) {
        const SearchSpace networks(network_, {}, config().hardware);
        HardwareEstimator estimator(networks, costs_);
        how.choice_costs = choice_costs(networks, estimator, metric_named(how.search.gates.metric), config().seed);
    }
    return how;
}

void SearchStudy::train(const std::string& folder, const std::string& trained) {
    const auto watched = [&](const char* what, auto make) {
        Progress progress(what);
        std::string last;
        const Watch watch = [&](const StepState& state) {
            progress(state);
            last = state.detail;
        };
        auto made = std::make_unique<TrainedSpace>(make(watch));
        if (!last.empty())
            spdlog::info("{}: {}", what, last);
        return made;
    };
    const SpaceConfig how = space_config();
    if (trained.empty()) {
        trained_ = watched(
            "training", [&](const Watch& watch) { return TrainedSpace::train(network_, how, images_, folder, watch); });
        if (!config().search.baseline.empty()) {
            make_folder(folder + "/baseline");
            trained_baseline_ = watched("training the baseline", [&](const Watch& watch) {
                return TrainedSpace::train(baseline_, how, images_, folder + "/baseline", watch);
            });
        }
    } else {
        load(folder, trained);
    }
    if (!trained_->convolution_remedy().empty())
        spdlog::warn("{}", trained_->convolution_remedy());
}

void SearchStudy::load(const std::string& folder, const std::string& trained) {
    const std::string& from = trained.empty() ? folder : trained;
    trained_ = std::make_unique<TrainedSpace>(TrainedSpace::load(network_, space_config(), images_, from));
    if (!config().search.baseline.empty())
        trained_baseline_ =
            std::make_unique<TrainedSpace>(TrainedSpace::load(baseline_, space_config(), images_, from + "/baseline"));
}

bool SearchStudy::judges() const {
    const auto is_accuracy = [](const SearchMetric& metric) { return metric.source == MetricSource::accuracy; };
    const auto& [objectives, constraints] = std::tie(config().search.objectives, config().search.constraints);
    return std::any_of(objectives.begin(), objectives.end(),
                       [&](const std::string& name) { return is_accuracy(metric_named(name)); }) ||
           std::any_of(constraints.begin(), constraints.end(),
                       [&](const std::string& text) { return is_accuracy(*parse_constraint(text).metric); });
}

Json SearchStudy::task_of(const Candidate& candidate, const std::string& run) const {
    Json task = {{"run", run}, {"network", candidate.network}, {"hardware", candidate.assignments}};
    // Weights of its own are in its folder, and follow from these.
    if (candidate.tuned)
        task["tuned"] = {{"id", candidate.id},
                         {"epochs", config().search.fine_tune_epochs},
                         {"rate", config().search.fine_tune_rate}};
    return task;
}

Job SearchStudy::accuracy_job(const Candidate& candidate, JudgedBy images, const std::string& run) const {
    Json task = task_of(candidate, run);
    task["images"] = images == JudgedBy::test ? "test" : "validation";
    return {accuracy_kind, std::move(task)};
}

Job SearchStudy::cycles_job(const Candidate& candidate, const std::string& run) const {
    Json task = task_of(candidate, run);
    task["id"] = candidate.id;
    return {cycles_kind, std::move(task)};
}

Job SearchStudy::fine_tune_job(const Candidate& candidate, const std::string& run) const {
    Candidate tuned = candidate;
    tuned.tuned = true;
    return {fine_tune_kind, task_of(tuned, run)};
}

const TrainedSpace& SearchStudy::space_of(const Json& task) const {
    return task.at("network") == baseline_name ? *trained_baseline_ : *trained_;
}

SubnetPath SearchStudy::path_of(const Json& task) const {
    return task.at("network") == baseline_name ? baseline_.largest_path()
                                               : network_.parse_path(task.at("network").get<std::string>());
}

const TrainedSpace& SearchStudy::trained(const Candidate& candidate) const {
    return candidate.id == baseline_id ? *trained_baseline_ : *trained_;
}

Subnet SearchStudy::subnet(const Candidate& candidate, const std::string& folder) const {
    return {candidate.id == baseline_id ? baseline_.largest_path() : network_.parse_path(candidate.network),
            candidate.tuned ? folder + "/" + candidate_folder(candidate.id) + "/network" : std::string()};
}

Subnet SearchStudy::subnet_of(const Json& task, const std::string& folder) const {
    return {path_of(task), task.contains("tuned")
                               ? folder + "/" + candidate_folder(task.at("tuned").at("id").get<int>()) + "/network"
                               : std::string()};
}

Json SearchStudy::carry_out(const Job& job, const std::string& folder) const {
    if (job.kind == accuracy_kind)
        return accuracy(job.task, folder);
    if (job.kind == fine_tune_kind)
        return fine_tune(job.task, folder);
    if (job.kind == cycles_kind)
        return cycles(job.task, folder);
    throw Error("`" + job.kind + "` is no job of a search");
}

Json SearchStudy::fine_tune(const Json& task, const std::string& folder) const {
    const std::string own = folder + "/" + candidate_folder(task.at("tuned").at("id").get<int>());
    space_of(task).fine_tune(path_of(task), space_->hardware(hardware_of(task)), own,
                             [](const StepState&) { check_interrupt(); });
    return task.at("tuned");
}

Json SearchStudy::accuracy(const Json& task, const std::string& folder) const {
    const JudgedBy images = task.at("images") == "test" ? JudgedBy::test : JudgedBy::validation;
    const EvaluatedSubnet subnet =
        space_of(task).evaluate(subnet_of(task, folder), space_->hardware(hardware_of(task)), images, threads_,
                                [](const StepState&) { check_interrupt(); });
    return subnet.accuracy.cell_list();
}

/// With random weights where the search has no use for others.
WorkloadGraph SearchStudy::workload_of(const Json& task, const HardwareConfig& hardware,
                                       const std::string& folder) const {
    if (is_trained())
        return space_of(task).prepare(subnet_of(task, folder), hardware, threads_);
    const NetworkSpec& network = task.at("network") == baseline_name ? baseline_ : network_;
    WorkloadGraph graph = build_graph(network.resolve(path_of(task)));
    randomise_weights(graph, config().seed);
    return map_network(std::move(graph), hardware).graph;
}

Json SearchStudy::cycles(const Json& task, const std::string& folder) const {
    const std::string own = folder + "/" + candidate_folder(task.at("id").get<int>());
    const HardwareConfig& hardware = space_->hardware(hardware_of(task));
    make_folder(own);
    save_workload(workload_of(task, hardware, folder), own);
    std::vector<std::string> arguments = {"simulate", folder + "/effective_config.yaml"};
    const auto set = [&](const std::string& assignment) { arguments.insert(arguments.end(), {"-s", assignment}); };
    set("weights.from=workload");
    set("weights.workload=" + own + "/workload.yaml");
    for (const std::string& assignment : hardware_of(task))
        set(assignment);
    arguments.insert(arguments.end(), {"--json", "--logits", "--quiet", "--threads", std::to_string(threads_),
                                       "--activity", own + "/activity.csv", "--trace-out", own + "/wave"});
    Json simulation = Json::parse(run_own_command(arguments));
    const auto timed = simulation.at("logits").get<std::vector<std::vector<std::int32_t>>>();
    for (const char* key : {"configuration", "trace"})  // the folder has both, and they hold paths of this machine
        simulation.erase(key);
    write_checked(own + "/simulation.json", simulation.dump(2) + "\n");
    const HardwareReport report = HardwareReport::from_json(JsonReader(simulation, own + "/simulation.json"));
    const Chip chip(map_network(load_workload(own + "/workload.yaml"), hardware), threads_);
    const auto untimed =
        run_images(chip.network().graph, chip, images_.test.pixels.data(), 0, config().simulation.images, threads_);
    Json result = figures_json({report.figures, report.latency_cycles, false});
    result["logits_equal"] = timed == untimed;
    result["stall_share"] = stall_share(simulation);
    return result;
}

}  // namespace xloop
