#include "apps/search/pipeline.hpp"

#include "core/error.hpp"
#include "core/files.hpp"
#include "core/interrupt.hpp"
#include "core/progress.hpp"
#include "jobs/runner.hpp"
#include "nas/hardware_estimator.hpp"
#include "nas/predictor.hpp"
#include "nas/search_store.hpp"
#include "xloop_version.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <functional>
#include <sstream>

namespace xloop {
namespace {

namespace fs = std::filesystem;

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
        baseline.network = baseline_name;
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
