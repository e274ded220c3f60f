#include "analysis/hardware_figures.hpp"
#include "analysis/sweep/sweep_parameter.hpp"
#include "apps/command.hpp"
#include "apps/crew_options.hpp"
#include "apps/sweep/sweep_files.hpp"
#include "apps/sweep/sweep_study.hpp"
#include "core/error.hpp"
#include "core/files.hpp"
#include "core/interrupt.hpp"
#include "core/progress.hpp"
#include "core/words.hpp"
#include "jobs/runner.hpp"
#include "nas/run_folder.hpp"
#include "xloop_version.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <spdlog/spdlog.h>
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <functional>

namespace xloop {
namespace {

namespace fs = std::filesystem;

constexpr const char* examples = R"(
VALUES are separated by commas: 32,64,128. 4:8 are the whole numbers from 4 to 8, 0:0.2:0.05 goes in steps, 16:256:*2 in
factors. KEY,KEY=VALUES gives several keys the same value. Keys are those of the experiment (xloop config schema).

Designs (--sample): full: all combinations; one: the experiment, then one key at a time (which key matters?); latin:N: N points
that cover all keys' values evenly; random:N; or your own points: --points FILE.csv, a column for each key.

The results folder gets sweep.json, sweep.csv, sweep.sqlite (table points: a column for each key and figure), and front.svg,
effects.svg, tornado.svg where gnuplot is installed. Run again, it goes on where it stopped.

Examples:
  xloop sweep configs/experiments/hardware_study.yaml -s adc.bits=4:8 -s crossbar.rows,crossbar.cols=32,64,128
  xloop sweep FILE --sample one -s adc.bits=4:8 -s dac.bits=1,2,4 -s tile.pes=4:16:*2 --front edap
  xloop sweep FILE --set-together 'crossbar.rows=32,64,128;adc.bits=6,7,8' --do simulate --workers 2
  xloop sweep FILE -s adc.bits=4:8 --do eval --trained results/quickstart --front chip_clean,edap
  xloop sweep FILE -s adc.bits=4:10 -s tile.pes=2:32 -s buffer.bytes=16384:1048576:*2 --sample latin:1000 --csv > points.csv)";

struct SweepOptions : ExperimentOptions {
    std::string task = name_of(SweepTask::estimate), sample = name_of(SweepDesign::full);
    std::string points_file, out, store, trained;
    std::vector<std::string> together, front;
    bool fresh = false, csv = false;
    CrewOptions crew;
};

/// What is swept, and the experiment that stays.
struct SweepPlan {
    LoadedExperiment experiment;
    SweepTask task;
    SweepSample sample;
    std::vector<SweepParameter> parameters;
    std::vector<SweepLevels> points;  ///< empty: by the sample
};

SweepPlan plan_of(const SweepOptions& options) {
    SweepPlan plan;
    plan.task = *value_named<SweepTask>(options.task);
    plan.sample = parse_sweep_sample(options.sample);
    ExperimentOptions fixed = options;
    fixed.overrides = options.crew.overrides();
    for (const std::string& text : options.overrides)
        // One value is an override as of any other command.
        if (SweepParameter parameter = parse_sweep_parameter(text); parameter.levels.size() > 1)
            plan.parameters.push_back(std::move(parameter));
        else
            for (const std::string& assignment : parameter.levels.front().assignments)
                fixed.overrides.push_back(assignment);
    for (const std::string& text : options.together)
        plan.parameters.push_back(parse_joint_parameter(text));
    if (!options.points_file.empty()) {
        if (!plan.parameters.empty())
            throw InputError("--points gives all values; leave out --set with several values, and --set-together");
        ListedDesign listed = read_sweep_list(options.points_file);
        plan.parameters = std::move(listed.parameters);
        plan.points = std::move(listed.points);
        plan.sample.design = SweepDesign::list;
    }
    plan.experiment = fixed.load();
    return plan;
}

/// The experiment's own values of each parameter's keys, joined as levels are, and the level that they are.
void find_base(SweepResult& result) {
    for (const SweepParameter& parameter : result.parameters) {
        const auto text_of = [&](const std::string& key) {
            const auto found = result.configuration.find(key);
            return found == result.configuration.end() ? std::string("-")
                   : found->is_string()                ? found->get<std::string>()
                                                       : found->dump();
        };
        int base = as_given;
        for (std::size_t l = 0; l < parameter.levels.size() && base == as_given; ++l) {
            const auto& assignments = parameter.levels[l].assignments;
            if (std::all_of(assignments.begin(), assignments.end(), [&](const std::string& assignment) {
                    const std::size_t sign = assignment.find('=');
                    const std::string own = text_of(assignment.substr(0, sign)), value = assignment.substr(sign + 1);
                    const Json a = Json::parse(own, nullptr, false), b = Json::parse(value, nullptr, false);
                    return own == value || (a.is_number() && b.is_number() && a.get<double>() == b.get<double>());
                }))
                base = static_cast<int>(l);
        }
        // Keys that take the same value are told of once.
        std::vector<std::string> own;
        for (const std::string& assignment : parameter.levels.front().assignments)
            if (const std::string value = text_of(assignment.substr(0, assignment.find('=')));
                std::find(own.begin(), own.end(), value) == own.end())
                own.push_back(value);
        result.base.push_back(base);
        result.own_values.push_back(fmt::format("{}", fmt::join(own, " / ")));
    }
}

std::vector<std::string> assignments_of(const SweepResult& result, const SweepLevels& levels) {
    std::vector<std::string> all;
    for (std::size_t p = 0; p < levels.size(); ++p)
        if (levels[p] != as_given) {
            const auto& own = result.parameters[p].levels[static_cast<std::size_t>(levels[p])].assignments;
            all.insert(all.end(), own.begin(), own.end());
        }
    return all;
}

std::vector<std::string> default_objectives(SweepTask task, const std::vector<SweepMetric>& metrics) {
    if (!traits_of(task).accuracies)
        return {"latency_s", "energy_j", "area_mm2"};
    // Accuracies stand before the hardware's figures; the last is under attack where one is, and on the chip where one is.
    const std::size_t accuracies = metrics.size() - hardware_figures().size();
    return accuracies == 0 ? std::vector<std::string>{"edap"}
                           : std::vector<std::string>{metrics[accuracies - 1].name, "edap"};
}

void check_front(const SweepOptions& options, SweepTask task) {
    if (traits_of(task).accuracies)
        return;  // what accuracies there are, reports tell
    SweepResult names;
    names.metrics = sweep_metrics(Json::array());
    for (const std::string& name : options.front)
        names.metric(name);
}

void check_weights(const SweepOptions& options, const SweepPlan& plan) {
    if (plan.task == SweepTask::eval && options.trained.empty() &&
        plan.experiment.config.weights.from != WeightsSource::trained)
        throw InputError(
            "--do eval: weights come from --trained FOLDER, a results folder of `xloop run` or `search`, or from "
            "weights.from: trained; each point would train for itself otherwise");
    if (plan.task != SweepTask::eval && !options.trained.empty())
        throw InputError("--trained is for --do eval");
}

void write_results(const SweepResult& result, const SweepOptions& options, const std::string& folder) {
    write_file_atomically(folder + "/sweep.json", result.json().dump(1) + "\n");
    write_file_atomically(folder + "/sweep.csv", result.csv());
    write_sweep_store(result, options.store.empty() ? folder + "/sweep.sqlite" : options.store);
    plot_sweep(result, folder);
    if (options.json)
        fmt::print("{}\n", result.json().dump(2));
    else
        fmt::print("{}", options.csv
                             ? result.csv()
                             : sweep_text(result) + fmt::format("\nAll of it, with pictures, is in {}\n", folder));
}

SweepStudy study_in(const std::string& folder, int threads) {
    return SweepStudy(load_experiment(folder + "/effective_config.yaml", {}), folder, threads);
}

void run_sweep(const SweepOptions& options) {
    if (options.file.empty())
        throw InputError("sweep: expected an EXPERIMENT; `xloop sweep --help` says more");
    SweepPlan plan = plan_of(options);
    const ExperimentConfig& config = plan.experiment.config;
    const std::string out = options.out.empty() ? "results/" + config.name + "_sweep" : options.out;
    std::unique_ptr<SweepStudy> of_rank;
    if (work_as_rank(config.jobs, out, [&](const Job& job) {
            if (!of_rank)
                of_rank = std::make_unique<SweepStudy>(study_in(out, options.threads));
            return of_rank->carry_out(job);
        }))
        return;
    check_front(options, plan.task);
    check_weights(options, plan);

    SweepResult result;
    result.name = config.name;
    result.experiment = options.file;
    result.task = name_of(plan.task);
    result.version = version;
    result.design = plan.sample.design;
    result.seed = config.seed;
    result.parameters = std::move(plan.parameters);
    // Who works, and which points there are, does not change what is found of one.
    LoadedExperiment identity = plan.experiment;
    identity.config.jobs = JobsConfig();
    result.configuration = identity.flat();
    find_base(result);
    if (plan.points.empty())
        plan.points = sweep_design(result.parameters, result.base, plan.sample, config.seed);
    std::vector<std::vector<std::string>> points;
    for (const SweepLevels& levels : plan.points) {
        result.points.push_back({levels, {}, {}, false});
        points.push_back(assignments_of(result, levels));
    }

    const RunFolder folder(out, plan.experiment.yaml(false), inputs_digest(config), options.fresh,
                           identity.yaml(false));
    set_last_words(folder.last_words());
    SweepStudy study = study_in(folder.path(), options.threads);
    const std::string trained =
        options.trained.empty() ? "" : fs::absolute(options.trained).lexically_normal().string();
    const std::vector<std::string> worker = {fs::read_symlink("/proc/self/exe").string(),
                                             "sweep",
                                             "worker",
                                             folder.path(),
                                             "--threads",
                                             std::to_string(options.threads)};
    Runner runner(folder.path(), config.jobs, {[&](const Job& job) { return study.carry_out(job); }, worker});
    Json found = Json::array();
    try {
        Progress progress(fmt::format("sweeping {}", counted(static_cast<std::int64_t>(points.size()), "point")));
        for (const JobResult& of_job :
             runner.run(SweepStudy::jobs(plan.task, folder.digest(), trained, points), std::ref(progress)))
            for (const Json& point : of_job.get())
                found.push_back(point);
    } catch (const Interrupted&) {
        throw Interrupted(folder.last_words());
    }
    result.metrics = sweep_metrics(found);
    for (std::size_t i = 0; i < found.size(); ++i) {
        SweepPoint& point = result.points[i];
        if (found[i].contains("failure")) {
            point.failure = found[i].at("failure").get<std::string>();
            continue;
        }
        for (const auto& [name, value] : found[i].at("figures").items())
            point.figures[name] = value.get<double>();
        for (const Json& warning : found[i].at("warnings")) {
            const auto text = warning.get<std::string>();
            const auto known = std::find(result.warnings.begin(), result.warnings.end(), text);
            point.warnings.push_back(static_cast<int>(known - result.warnings.begin()));
            if (known == result.warnings.end())
                result.warnings.push_back(text);
        }
    }
    result.objectives = options.front.empty() ? default_objectives(plan.task, result.metrics) : options.front;
    result.mark_front();
    write_results(result, options, folder.path());
    if (std::all_of(result.points.begin(), result.points.end(), [](const SweepPoint& p) { return !p.failure.empty(); }))
        throw InputError("no point could be judged: " + result.points.front().failure);
}

void run_worker(const WorkerOptions& options) {
    std::unique_ptr<SweepStudy> study;
    work(options.folder, [&](const Job& job) {
        if (!study)
            study = std::make_unique<SweepStudy>(study_in(options.folder, options.threads));
        return study->carry_out(job);
    });
}

}  // namespace

void add_sweep_command(CommandLine& line) {
    CommandLine command = line.command(
        "sweep", "many values of many keys: figures of each combination, Pareto front, which key matters how much");
    SweepOptions& o = command.runs(run_sweep);
    std::string tasks;
    for (const std::string& name : all_names<SweepTask>())
        tasks += fmt::format("  {:<10} {}\n", name, traits_of(*value_named<SweepTask>(name)).purpose);
    std::string metrics;
    for (const SweepMetric& metric : sweep_metrics(Json::array()))
        metrics += (metrics.empty() ? "" : ", ") + metric.name;
    command.footer("What is done at each point (--do):\n" + tasks + "\nFigures (--front): " + metrics +
                   "\nand accuracies as reports name them: chip_clean, chip_pgd, hh_pgd\n" + examples);
    command.option("EXPERIMENT", &o.file, "experiment file (YAML), e.g. configs/experiments/hardware_study.yaml");
    command
        .option("-s,--set", &o.overrides,
                "sweep one key over several values, or set it to one, e.g. -s adc.bits=4:8 (repeatable)")
        .type("KEY=VALUES")
        .repeatable();
    command
        .option("--set-together", &o.together,
                "keys that move together, value by value: 'crossbar.rows=32,64;adc.bits=6,7' (repeatable)")
        .type("KEY=VALUES;...")
        .repeatable();
    command.option("--points", &o.points_file, "CSV file with a column for each key and a row for each point")
        .type("FILE");
    command.option("--do", &o.task, "what is done at each point").one_of(all_names<SweepTask>());
    command.option("--sample", &o.sample, "which combinations: full, one, latin:N, random:N").type("DESIGN");
    command.option("--front", &o.front, "figures that the Pareto front is of, the first two of its picture")
        .type("A,B")
        .commas();
    command.option("--trained", &o.trained, "of --do eval: results folder whose supernet is judged").type("DIR");
    command.option("--seed", &o.seed, "seed of sampled designs and of all else but the chip; same as -s seed=N")
        .type("N");
    command.option("--threads", &o.threads, "threads of each point's untimed chip; results do not depend on it")
        .range(1, 256);
    command.option("--out", &o.out, "results folder; default: results/NAME_sweep").type("DIR");
    command.option("--fresh", &o.fresh, "remove earlier results in the folder instead of going on from them");
    command.option("--store", &o.store, "SQLite file for the points; default: sweep.sqlite in the results folder")
        .type("FILE");
    command.option("--json", &o.json, "print one JSON object instead of tables");
    command.option("--csv", &o.csv, "print all points as CSV instead of tables");
    add_crew_options(command, o.crew, "judge points", "sweep FILE");
    add_worker_command(command, "sweep", run_worker);
    command.subcommands_optional();
}

}  // namespace xloop
