#include "apps/search/pipeline.hpp"

#include "analysis/json_fields.hpp"
#include "analysis/study.hpp"
#include "apps/child_process.hpp"
#include "core/config/tree.hpp"
#include "core/digest.hpp"
#include "core/error.hpp"
#include "core/files.hpp"
#include "core/interrupt.hpp"
#include "core/progress.hpp"
#include "jobs/runner.hpp"
#include "nas/choice_costs.hpp"
#include "nas/hardware_estimator.hpp"
#include "nas/predictor.hpp"
#include "systemc_model/chip/chip.hpp"
#include "xloop_version.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <functional>
#include <sstream>
#include <tuple>

namespace xloop {
namespace {

namespace fs = std::filesystem;

constexpr const char* accuracy_kind = "accuracy";
constexpr const char* cycles_kind = "cycles";
constexpr const char* fine_tune_kind = "fine_tune";
constexpr const char* baseline_text = "baseline";

/// Candidates as jobs for whoever is there.
class JobEvaluator : public Evaluator {
public:
    JobEvaluator(const SearchStudy& study, const std::string& run, Runner& runner)
        : study_(study), run_(run), runner_(runner), estimator_(study.space(), study.costs()) {}

    void estimate(Candidate& candidate) override { estimator_(candidate); }
    std::vector<AccuracyTable> judge(const Candidates& candidates, const Watch& watch) override {
        return accuracies(candidates, JudgedBy::validation, watch);
    }
    std::vector<AccuracyTable> test(const Candidates& candidates, const Watch& watch) override {
        return accuracies(candidates, JudgedBy::test, watch);
    }
    void fine_tune(const Candidates& candidates, const Watch& watch) override {
        std::vector<Job> jobs;
        for (const Candidate* candidate : candidates)
            jobs.push_back(study_.fine_tune_job(*candidate, run_));
        for (const JobResult& result : runner_.run(jobs, watch))
            result.get();
    }
    std::vector<Confirmation> confirm(const Candidates& candidates, const Watch& watch) override {
        std::vector<Job> jobs;
        for (const Candidate* candidate : candidates)
            jobs.push_back(study_.cycles_job(*candidate, run_));
        std::vector<Confirmation> all;
        for (const JobResult& result : runner_.run(jobs, watch)) {
            const Json& json = result.get();
            all.push_back({figures_from_json(json, "a result of the cycle model"), json.at("logits_equal").get<bool>(),
                           json.at("stall_share").get<double>()});
            if (!all.back().logits_equal)
                throw Error(
                    fmt::format("candidate {}: the cycle model's logits differ from the untimed chip's; the "
                                "results are not to be trusted",
                                candidates[all.size() - 1]->id));
        }
        return all;
    }

private:
    std::vector<AccuracyTable> accuracies(const Candidates& candidates, JudgedBy images, const Watch& watch) {
        std::vector<Job> jobs;
        for (const Candidate* candidate : candidates)
            jobs.push_back(study_.accuracy_job(*candidate, images, run_));
        std::vector<AccuracyTable> all;
        for (const JobResult& result : runner_.run(jobs, watch))
            all.push_back(AccuracyTable::from_cell_list(result.get(), "a result of a candidate"));
        return all;
    }

    const SearchStudy& study_;
    const std::string& run_;
    Runner& runner_;
    HardwareEstimator estimator_;
};

class EnsemblePredictor : public MetricPredictor {
public:
    EnsemblePredictor(const std::vector<Gene>& genes, std::uint64_t seed) : ensemble_(genes, seed) {}
    void fit(const std::vector<Genome>& genomes, const std::vector<std::vector<double>>& values) override {
        ensemble_.fit(genomes, values);
    }
    std::vector<std::vector<double>> predict(const std::vector<Genome>& genomes) override {
        std::vector<std::vector<double>> means;
        for (Prediction& prediction : ensemble_.predict(genomes))
            means.push_back(std::move(prediction.mean));
        return means;
    }

private:
    GenomePredictor ensemble_;
};

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

/// What workers noted of the jobs that they did, one after the other.
std::vector<Json> provenance_in(const std::string& folder) {
    std::vector<fs::path> files;
    for (const auto& entry : fs::directory_iterator(folder))
        files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    std::vector<Json> all;
    for (const fs::path& file : files) {
        std::istringstream lines(read_file(file.string()));
        // A worker that was killed may have left half a line.
        for (std::string line; std::getline(lines, line);)
            if (Json job = Json::parse(line, nullptr, false); job.is_object())
                all.push_back(std::move(job));
    }
    return all;
}

std::vector<std::string> hardware_of(const Json& task) { return task.at("hardware").get<std::vector<std::string>>(); }

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

void add_crew_options(CommandLine& command, CrewOptions& options) {
    command.option("--workers", &options.workers, "judge candidates in so many processes of this machine")
        .range(1, 1024)
        .without_default();
    command.option("--slurm", &options.slurm, "judge them in a job array of so many tasks, which sbatch gets")
        .range(1, 100000)
        .without_default();
    command.option("--mpi", &options.mpi, "judge them in all ranks: `mpirun -n 4 xloop search FILE --mpi`");
}

std::vector<std::string> overrides_of(const CrewOptions& options) {
    const auto crew = [](const char* runner, int workers) {
        return std::vector<std::string>{fmt::format("jobs.runner={}", runner), fmt::format("jobs.workers={}", workers)};
    };
    if (options.workers > 0)
        return crew("workers", options.workers);
    if (options.slurm > 0)
        return crew("slurm", options.slurm);
    return options.mpi ? std::vector<std::string>{"jobs.runner=mpi"} : std::vector<std::string>{};
}

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
    return task.at("network") == baseline_text ? *trained_baseline_ : *trained_;
}

SubnetPath SearchStudy::path_of(const Json& task) const {
    return task.at("network") == baseline_text ? baseline_.largest_path()
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
    const NetworkSpec& network = task.at("network") == baseline_text ? baseline_ : network_;
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

Pipeline::Pipeline(const PipelineOptions& options) : options_(options), study_(options.load(), options.threads) {
    if (!options.trained.empty() && options.out.empty() && !options.fresh)
        return;
    folder_ = std::make_unique<RunFolder>(options.out.empty() ? "results/" + config().name : options.out,
                                          study_.experiment().yaml(false), study_.inputs_digest(), options.fresh,
                                          study_.identity());
    set_last_words(folder_->last_words());
}

void Pipeline::train() { study_.train(folder_ ? folder_->path() : std::string(), options_.trained); }

EvaluatedSubnet Pipeline::evaluate(const SubnetPath& path) const {
    return study_.trained().evaluate({path}, config().hardware, JudgedBy::test, options_.threads,
                                     [](const StepState&) { check_interrupt(); });
}

SearchResult Pipeline::search() {
    const auto began = std::chrono::steady_clock::now();
    SearchStore store(folder_->file("search.sqlite"));
    const std::string earlier = store.get("seconds");
    const auto elapsed_s = [&] {
        const std::chrono::duration<double> own = std::chrono::steady_clock::now() - began;
        return own.count() + (earlier.empty() ? 0.0 : std::stod(earlier));
    };
    store.set("experiment", config().name);
    store.set("version", version);
    store.set("digest", folder_->digest());
    store.set("configuration", study_.experiment().yaml(false));
    store.set("trained", options_.trained.empty() ? "" : fs::absolute(options_.trained).string());
    store.set("space", study_.space().description());
    store.set("size", study_.space().size_text());
    store.set("state", "searching");
    const std::vector<std::string> worker = {fs::read_symlink("/proc/self/exe").string(),
                                             "search",
                                             "worker",
                                             folder_->path(),
                                             "--threads",
                                             std::to_string(options_.threads)};
    Runner runner(folder_->path(), config().jobs,
                  {[&](const Job& job) { return study_.carry_out(job, folder_->path()); }, worker});
    JobEvaluator evaluator(study_, folder_->digest(), runner);
    std::unique_ptr<MetricPredictor> predictor;
    if (config().search.predictor == PredictorKind::ensemble)
        predictor = std::make_unique<EnsemblePredictor>(study_.space().genes(), config().seed);
    const std::uint64_t seed = config().search.seed > 0 ? config().search.seed : config().seed;
    SearchTask task{study_.space(), config().search, seed, predictor.get()};
    if (config().search.phase1 == Phase1::gates)
        task.probabilities = TrainedSpace::probabilities(options_.trained.empty() ? folder_->path() : options_.trained);
    task.elapsed_s = elapsed_s;
    task.keep = [&](const std::vector<Candidate>& candidates, std::size_t first) {
        store.keep(candidates, first);
        store.set("seconds", fmt::format("{:.1f}", elapsed_s()));
    };
    SearchResult result;
    {
        Progress progress("searching");
        result.candidates = xloop::search(task, evaluator, std::ref(progress));
    }
    task.keep(result.candidates, 0);
    spdlog::info("3/3 checking the chosen in the cycle model and on the test images");
    Progress progress("checking the chosen");
    if (!study_.baseline().layers.empty()) {
        Candidate baseline;
        baseline.id = baseline_id;
        baseline.network = baseline_text;
        baseline.hardware = "-";
        baseline.origin = "baseline";
        const SearchSpace own(study_.baseline(), {}, config().hardware);
        HardwareEstimator(own, study_.costs())(baseline);
        if (study_.judges()) {
            if (config().search.fine_tune_epochs > 0) {
                evaluator.fine_tune({&baseline}, {});
                baseline.tuned = true;
            }
            baseline.accuracy = evaluator.judge({&baseline}, {}).front();
            baseline.test = evaluator.test({&baseline}, {}).front();
        }
        baseline.confirmed = evaluator.confirm({&baseline}, {}).front();
        store.set("baseline", baseline.json().dump());
        result.baseline = std::move(baseline);
    }
    confirm(task, evaluator, result.candidates, std::ref(progress));
    task.keep(result.candidates, 0);
    store.keep_jobs(provenance_in(JobFolder(folder_->path()).workers_folder()));
    store.set("state", "finished");
    return result;
}

}  // namespace xloop
