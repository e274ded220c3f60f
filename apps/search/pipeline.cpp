#include "apps/search/pipeline.hpp"

#include "analysis/study.hpp"
#include "apps/child_process.hpp"
#include "core/config/tree.hpp"
#include "core/digest.hpp"
#include "core/error.hpp"
#include "core/files.hpp"
#include "core/interrupt.hpp"
#include "core/progress.hpp"
#include "nas/search.hpp"
#include "systemc_model/chip/chip.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <algorithm>
#include <filesystem>
#include <functional>

namespace xloop {
namespace {

namespace fs = std::filesystem;

/// Accuracy on the programmed chip, and the closed-form estimate.
class ChipEvaluator : public Evaluator {
public:
    ChipEvaluator(const TrainedSpace& trained, const HardwareConfig& hardware, const CostTable& costs, int threads)
        : trained_(trained), hardware_(hardware), costs_(costs), threads_(threads) {}

    EvaluatedSubnet evaluate(const SubnetPath& path) override {
        return trained_.evaluate(path, threads_, [](const StepState&) { check_interrupt(); });
    }
    HardwareReport estimate(const WorkloadGraph& workload) override {
        return estimate_hardware(map_network(workload, hardware_), costs_, 1, EstimateDetail::classes);
    }

private:
    const TrainedSpace& trained_;
    const HardwareConfig& hardware_;
    const CostTable& costs_;
    const int threads_;
};

class NothingKept : public CandidateStore {
public:
    std::optional<EvaluatedSubnet> find(const std::string&) const override { return std::nullopt; }
    void keep(const SubnetRecord&, const WorkloadGraph&) override {}
};

}  // namespace

void add_pipeline_options(CommandLine& command, PipelineOptions& options) {
    add_experiment_options(command, options, true);
    command.option("--out", &options.out, "results folder; default: results/NAME of the experiment");
    command.option("--fresh", &options.fresh, "remove earlier results in the folder instead of going on from them");
}

void add_trained_option(CommandLine& command, PipelineOptions& options) {
    command.option("--trained", &options.trained,
                   "take the supernet of this results folder instead of training: it may be of another experiment "
                   "whose training is the same, say of other converters");
}

Pipeline::Pipeline(const PipelineOptions& options) : options_(options), experiment_(options.load()) {
    check_files(config());
    space_ = load_network(config().network);
    costs_ = load_cost_table(config().cost_table);
    check_counts();
    const auto load = [&](DataPart part, int count) {
        return load_images(config().data, space_.input, part, count, config().seed);
    };
    images_.train = load(DataPart::training, config().data.train_images);
    if (config().data.validation_images > 0)
        images_.validation = load(DataPart::validation, config().data.validation_images);
    images_.test = load(DataPart::test, config().data.test_images);
    check_labels();
    if (!options.trained.empty() && options.out.empty() && !options.fresh)
        return;
    folder_ =
        std::make_unique<ResultsFolder>(options.out.empty() ? "results/" + config().name : options.out,
                                        experiment_.yaml(false), inputs_digest(), config().space(), options.fresh);
    set_last_words(folder_->last_words());
}

Pipeline::~Pipeline() = default;

std::string Pipeline::inputs_digest() const {
    Digest digest;
    config::add_to_digest(digest, config::load_file(config().network));
    config::add_to_digest(digest, config::load_file(config().cost_table));
    for (const std::string& file : {config().hardware.device.level_table, config().hardware.device.fault_map})
        digest.add(file.empty() ? std::string() : read_file(file));
    for (const ImageSet* images : {&images_.train, &images_.validation, &images_.test})
        add_to_digest(digest, *images);
    return digest.hex();
}

void Pipeline::check_labels() const {
    const int classes = build_graph(space_.resolve(space_.smallest_path())).logit_count();
    int largest = 0;
    for (const ImageSet* images : {&images_.train, &images_.validation, &images_.test})
        for (const int label : images->labels)
            largest = std::max(largest, label);
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
    const SpaceConfig space = config().space();
    trained_ = std::make_unique<TrainedSpace>(options_.trained.empty()
                                                  ? TrainedSpace::train(space_, space, images_, folder_->path(), watch)
                                                  : TrainedSpace::load(space_, space, images_, options_.trained));
    if (!last.empty())
        spdlog::info("trained: {}", last);
    if (!trained_->convolution_remedy().empty())
        spdlog::warn("{}", trained_->convolution_remedy());
}

SubnetRecord Pipeline::evaluate(const SubnetPath& path) {
    ChipEvaluator evaluator(*trained_, config().hardware, costs_, options_.threads);
    NothingKept nothing;
    return evaluate_candidate(space_, path, evaluator, folder_ ? *folder_ : static_cast<CandidateStore&>(nothing));
}

std::vector<SubnetRecord> Pipeline::search() {
    ChipEvaluator evaluator(*trained_, config().hardware, costs_, options_.threads);
    Progress progress("evaluating subnets");
    return xloop::search(space_, random_sampler(space_, config().search.subnets, config().seed), robustness_and_edap(),
                         config().search.chosen, evaluator, *folder_, std::ref(progress));
}

std::vector<std::string> Pipeline::simulate_arguments(const SubnetRecord& subnet) const {
    const std::string folder = folder_->subnet(subnet.path);
    std::vector<std::string> arguments = {"simulate",
                                          folder_->config_file(),
                                          "-s",
                                          "weights.from=workload",
                                          "-s",
                                          "weights.workload=" + folder + "/workload.yaml",
                                          "--json",
                                          "--logits",
                                          "--quiet",
                                          "--threads",
                                          std::to_string(options_.threads),
                                          "--activity",
                                          folder + "/activity.csv"};
    arguments.insert(arguments.end(), {"--trace-out", folder + "/wave"});
    return arguments;
}

void Pipeline::check_in_cycle_model(SubnetRecord& subnet) const {
    check_interrupt();
    const std::string folder = folder_->subnet(subnet.path), stored = folder + "/simulation.json";
    if (!fs::exists(stored))
        write_checked(stored, run_own_command(simulate_arguments(subnet)));
    const std::string text = read_checked(stored, ResultsFolder::advice);
    std::vector<std::vector<std::int32_t>> timed;
    try {
        subnet.simulation = Json::parse(text);
        timed = subnet.simulation.at("logits").get<std::vector<std::vector<std::int32_t>>>();
        for (const char* key : {"configuration", "trace"})  // the folder has both, and they hold paths of this machine
            subnet.simulation.erase(key);
    } catch (const Json::exception& e) {
        throw InputError(fmt::format("{}: is damaged ({}); {}", stored, e.what(), ResultsFolder::advice));
    }
    const Chip chip(map_network(load_workload(folder + "/workload.yaml"), config().hardware), options_.threads);
    const auto untimed = run_images(chip.network().graph, chip, images_.test.pixels.data(), 0,
                                    config().simulation.images, options_.threads);
    if (timed != untimed)
        throw Error(fmt::format(
            "{}: the cycle model's logits differ from the untimed chip's; results in {} are not to be trusted",
            subnet.path, folder));
}

std::string subnet_table(const std::vector<SubnetRecord>& subnets) {
    std::string text = fmt::format("{:<40} ", "subnet");
    for (const AccuracyCell& cell : subnets.front().accuracy.cells())
        text += fmt::format("{:>8}", cell.attacked() ? cell.attack_title() : cell.engine_title());
    text += fmt::format("{:>12}{:>11}{:>12}  {}\n", "latency us", "energy uJ", "EDAP Jsmm2", "");
    for (const SubnetRecord& s : subnets) {
        text += fmt::format("{:<40} ", s.path);
        for (const AccuracyCell& cell : s.accuracy.cells())
            text += fmt::format("{:>8}", fmt::format("{:.1f} %", 100.0 * cell.share()));
        text += fmt::format("{:>12.2f}{:>11.4f}{:>12.3e}  {}\n", 1e6 * s.estimate.latency_s(),
                            1e6 * s.estimate.energy_per_image_j(), s.estimate.edap(),
                            s.chosen     ? "chosen"
                            : s.on_front ? "front"
                                         : "");
    }
    return text;
}

}  // namespace xloop
