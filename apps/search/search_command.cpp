#include "apps/crew_options.hpp"
#include "apps/search/run_search.hpp"
#include "apps/search/search_tables.hpp"
#include "apps/search/table_command.hpp"
#include "core/error.hpp"
#include "core/files.hpp"
#include "core/hardware_variants.hpp"
#include "jobs/job_folder.hpp"
#include "nas/optimisers/search_methods.hpp"
#include "nas/search_metrics.hpp"
#include "nas/search_store.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <set>

namespace xloop {
namespace {

namespace fs = std::filesystem;

struct SearchOptions : PipelineOptions {
    CrewOptions crew;
};

/// A folder of results and what is asked of it.
struct FolderOptions {
    std::string folder;
    bool json = false, csv = false;
};

SearchStore store_of(const std::string& folder) {
    const std::string file = folder + "/search.sqlite";
    if (!fs::exists(file))
        throw InputError(file + ": is not there; name the results folder of `xloop search` or `xloop run`");
    return SearchStore(file, sqlite::Access::read_only);
}

/// The experiment that the results are of, as it stands in their folder.
LoadedExperiment experiment_of(const std::string& folder, const std::vector<std::string>& overrides = {}) {
    return load_experiment(folder + "/effective_config.yaml", overrides);
}

std::optional<Candidate> baseline_of(const SearchStore& store) {
    const std::string text = store.get("baseline");
    return text.empty() ? std::nullopt : std::optional(Candidate::from_json(Json::parse(text), "the baseline"));
}

Candidate candidate_of(const SearchStore& store, int id) {
    if (id == baseline_id)
        if (const std::optional<Candidate> baseline = baseline_of(store))
            return *baseline;
    std::vector<Candidate> all = store.candidates();
    if (id < 1 || id > static_cast<int>(all.size()))
        throw InputError(fmt::format("there is no candidate {}; there are 1 to {}{}", id, all.size(),
                                     baseline_of(store) ? ", and 0, the baseline" : ""));
    return all[static_cast<std::size_t>(id) - 1];
}

void search_or_work(const SearchOptions& options) {
    if (options.file.empty())
        throw InputError(
            "search: expected an EXPERIMENT, or one of status, front, show, export, compare, space, table; "
            "`xloop search --help` says more");
    PipelineOptions crewed = options;
    for (const std::string& assignment : options.crew.overrides())
        crewed.overrides.push_back(assignment);
    const ExperimentConfig config = crewed.load().config;
    const std::string folder = options.out.empty() ? "results/" + config.name : options.out;
    std::unique_ptr<SearchStudy> study;
    const bool helped = work_as_rank(config.jobs, folder, [&](const Job& job) {
        if (!study) {
            study = std::make_unique<SearchStudy>(crewed.load(), options.threads);
            study->load(folder, options.trained);
        }
        return study->carry_out(job, folder);
    });
    if (!helped)
        run_search(crewed);
}

// ---- worker

void run_worker(const WorkerOptions& options) {
    std::unique_ptr<SearchStudy> study;
    work(options.folder, [&](const Job& job) {
        if (!study) {
            study = std::make_unique<SearchStudy>(experiment_of(options.folder), options.threads);
            if (study->judges())
                study->load(options.folder, store_of(options.folder).get("trained"));
        }
        return study->carry_out(job, options.folder);
    });
}

// ---- status

void run_status(const FolderOptions& options) {
    const SearchStore store = store_of(options.folder);
    const SearchConfig config = experiment_of(options.folder).config.search;
    std::vector<Candidate> candidates = store.candidates();
    if (store.get("state") != "finished")
        mark_front(config, candidates, 0);
    const auto judged =
        std::count_if(candidates.begin(), candidates.end(), [](const Candidate& c) { return c.judged(); });
    const auto refused =
        std::count_if(candidates.begin(), candidates.end(), [](const Candidate& c) { return !c.refused.empty(); });
    const std::size_t open = JobFolder(options.folder).open_jobs().size();
    const double seconds = store.get("seconds").empty() ? 0.0 : std::stod(store.get("seconds"));
    const std::vector<Candidate> front = front_of(candidates, config);
    const std::vector<double> volumes = hypervolume_of_first(config, candidates, candidates);
    const int generation = candidates.empty() ? 0 : candidates.back().generation;
    if (options.json) {
        Json json = {{"experiment", store.get("experiment")},
                     {"state", store.get("state")},
                     {"space", store.get("size")},
                     {"candidates", candidates.size()},
                     {"budget", config.candidates},
                     {"judged", judged},
                     {"refused", refused},
                     {"generation", generation},
                     {"front", front.size()},
                     {"hypervolume", volumes.empty() ? 0.0 : volumes.back()},
                     {"open_jobs", open},
                     {"seconds", seconds}};
        for (const SearchStore::Share& share : store.workers())
            json["workers"].push_back({{"worker", share.worker}, {"jobs", share.jobs}, {"seconds", share.seconds}});
        fmt::print("{}\n", json.dump(2));
        return;
    }
    fmt::print("{}: {}; {} of {} candidates of {}, {} judged, {} do not fit, generation {}\n", store.get("experiment"),
               store.get("state"), candidates.size(), config.candidates, store.get("size"), judged, refused,
               generation);
    fmt::print("front: {} candidates, hypervolume {:.4f}; {} jobs open; {} so far\n\n", front.size(),
               volumes.empty() ? 0.0 : volumes.back(), open, duration_text(seconds));
    if (!front.empty())
        fmt::print("{}\n", short_table(config, front).text());
    for (const SearchStore::Share& share : store.workers())
        fmt::print("{}: {} jobs, {}\n", share.worker, share.jobs, duration_text(share.seconds));
}

// ---- front, show

void run_front(const FolderOptions& options) {
    const SearchStore store = store_of(options.folder);
    const SearchConfig config = experiment_of(options.folder).config.search;
    std::vector<Candidate> candidates = store.candidates();
    if (store.get("state") != "finished")
        mark_front(config, candidates, 0);
    const std::vector<Candidate> front = front_of(candidates, config);
    if (options.json)
        fmt::print("{}\n", front_json(front).dump(2));
    else if (options.csv)
        fmt::print("{}", candidate_table(front).csv());
    else
        fmt::print("{}{}{}", short_table(config, front).text(), prediction_text(config, candidates),
                   baseline_of(store) ? baseline_text(candidates, *baseline_of(store)) : "");
}

struct ShowOptions : FolderOptions {
    int id = 0;
};

void run_show(const ShowOptions& options) {
    const SearchStore store = store_of(options.folder);
    const Candidate c = candidate_of(store, options.id);
    if (options.json) {
        fmt::print("{}\n", c.json().dump(2));
        return;
    }
    fmt::print("candidate {}, generation {}, {}{}\nnetwork:  {}\nhardware: {}\n", c.id, c.generation, c.origin,
               c.parent > 0 ? fmt::format(" of {}", c.parent) : "", c.network, c.hardware);
    if (!c.refused.empty()) {
        fmt::print("does not fit: {}\n", c.refused);
        return;
    }
    Table table{"metrics", {Column("", "metric", -20), Column("", "value", 12), Column("", "", -40, 2)}};
    for (const SearchMetric& metric : all_metrics())
        if (const double value = metric.value(c); !std::isnan(value))
            table.add(metric.heading, fmt::format(fmt::runtime(metric.format), metric.scale * value), metric.doc);
    fmt::print("{}", table.text());
    if (c.confirmed)
        fmt::print(
            "figures of the hardware by the cycle model: {} cycles, layers waiting or blocked {:.1f} % of their time, "
            "logits {} the untimed chip's\n",
            c.confirmed->hardware.cycles, 100 * c.confirmed->stall_share,
            c.confirmed->logits_equal ? "equal" : "differ from");
    else
        fmt::print("figures of the hardware by the estimate{}\n",
                   c.estimate.contended ? "; parts of the chip hold each other up more than it follows" : "");
    for (const auto& [images, accuracy] : {std::pair("validation", &c.accuracy), std::pair("test", &c.test)})
        if (!accuracy->cells().empty())
            fmt::print("\n{} images\n{}", images, accuracy->table().text());
}

// ---- export

struct ExportOptions {
    std::string folder, out;
    int id = 0, threads = 1;
};

void run_export(const ExportOptions& options) {
    const SearchStore store = store_of(options.folder);
    const Candidate candidate = candidate_of(store, options.id);
    if (!candidate.refused.empty())
        throw InputError(fmt::format("candidate {} does not fit its hardware: {}", candidate.id, candidate.refused));
    SearchStudy study(experiment_of(options.folder), options.threads);
    if (!study.judges())
        throw InputError(options.folder +
                         ": its candidates have no weights: no accuracy is an objective or a constraint");
    study.load(options.folder, store.get("trained"));
    const std::string out = fs::absolute(options.out).lexically_normal().string();
    const HardwareConfig& hardware = study.space().hardware(candidate.assignments);
    const TrainedSpace& trained = study.trained(candidate);
    const Subnet subnet = study.subnet(candidate, options.folder);
    make_folder(out + "/workload");
    save_float_network(trained.network(subnet), out);
    save_workload(trained.prepare(subnet, hardware, options.threads), out + "/workload");
    write_file_atomically(out + "/hardware.yaml", hardware_yaml(hardware));
    std::vector<std::string> overrides = candidate.assignments;
    for (const std::string& assignment :
         {fmt::format("name={}_c{}", study.config().name, candidate.id), "network=" + float_network_file(out),
          std::string("weights.from=workload"), "weights.workload=" + out + "/workload/workload.yaml",
          std::string("search.hardware_space="), std::string("search.baseline=")})
        overrides.push_back(assignment);
    write_file_atomically(out + "/experiment.yaml", experiment_of(options.folder, overrides).yaml(false));
    fmt::print(
        "{0}\n  network.yaml, weights.safetensors   real weights: xloop eval EXPERIMENT -s weights.from=trained -s "
        "weights.trained={0}\n"
        "  workload/                           the integers that the chip runs\n"
        "  hardware.yaml                       its hardware: `base:` of an experiment\n"
        "  experiment.yaml                     xloop simulate|estimate|validate|map {0}/experiment.yaml\n",
        out);
}

// ---- compare

/// As mark_front, and what equals a member of the front in all objectives as well: the same candidate may be in several searches.
void mark_joint_front(const SearchConfig& config, std::vector<Candidate>& candidates) {
    mark_front(config, candidates, 0);
    const auto values = [&](const Candidate& c) {
        std::vector<double> all;
        for (const std::string& name : config.objectives)
            all.push_back(metric_named(name).value(c));
        return all;
    };
    std::set<std::vector<double>> front;
    for (const Candidate& c : candidates)
        if (c.on_front)
            front.insert(values(c));
    for (Candidate& c : candidates)
        c.on_front = c.on_front || (c.refused.empty() && c.violation == 0.0 && front.count(values(c)) > 0);
}

struct CompareOptions {
    std::vector<std::string> folders;
    bool json = false, csv = false;
};

void run_compare(const CompareOptions& options) {
    if (options.folders.size() < 2)
        throw InputError("search compare: expected two results folders or more");
    const SearchConfig config = experiment_of(options.folders.front()).config.search;
    std::vector<std::vector<Candidate>> runs;
    std::vector<Candidate> all;
    for (const std::string& folder : options.folders) {
        const SearchConfig other = experiment_of(folder).config.search;
        if (other.objectives != config.objectives)
            throw InputError(
                fmt::format("{}: its objectives are {}, those of {} are {}; only searches with the same are "
                            "compared",
                            folder, fmt::join(other.objectives, ", "), options.folders.front(),
                            fmt::join(config.objectives, ", ")));
        runs.push_back(store_of(folder).candidates());
        // Some were confirmed and others not: the estimate has all.
        for (Candidate& c : runs.back())
            c.confirmed.reset();
        all.insert(all.end(), runs.back().begin(), runs.back().end());
    }
    std::vector<Candidate> joint = all;
    mark_joint_front(config, joint);
    Table table{"searches",
                {Column("results", "results", -20), Column("method", "method", -14, 1),
                 Column("candidates", "candidates", 10, 1), Column("front", "front", 6, 1),
                 Column("of_joint_front", "of the joint front", 6, 1), Column("last_of_it", "last of it at", 6, 1),
                 Column("hypervolume", "hypervolume", 11, 1, "{:.4f}"), Column("seconds", "seconds", 9, 1, "{:.0f}")}};
    for (const std::string& name : config.objectives)
        table.columns.emplace_back("best_" + name, "best " + std::string(metric_named(name).heading), 12, 1);
    std::size_t place = 0;
    for (std::size_t r = 0; r < runs.size(); ++r) {
        const std::vector<Candidate>& run = runs[r];
        const auto front = std::count_if(run.begin(), run.end(), [](const Candidate& c) { return c.on_front; });
        int joint_front = 0, last = 0;
        for (std::size_t i = place; i < place + run.size(); ++i)
            if (joint[i].on_front) {
                ++joint_front;
                last = joint[i].id;
            }
        place += run.size();
        const SearchStore store = store_of(options.folders[r]);
        const std::vector<double> volumes = hypervolume_of_first(config, run, all);
        std::vector<Json> row = {options.folders[r],
                                 name_of(experiment_of(options.folders[r]).config.search.optimiser.method),
                                 run.size(),
                                 front,
                                 joint_front,
                                 joint_front > 0 ? Json(last) : Json(),
                                 volumes.empty() ? 0.0 : volumes.back(),
                                 store.get("seconds").empty() ? Json() : Json(std::stod(store.get("seconds")))};
        for (const std::string& name : config.objectives) {
            const SearchMetric& metric = metric_named(name);
            std::optional<double> best;
            for (const Candidate& c : run)
                if (const double value = c.refused.empty() && c.violation == 0.0 ? metric.value(c) : std::nan("");
                    !std::isnan(value) && (!best || minimised(metric, value) < minimised(metric, *best)))
                    best = value;
            row.push_back(!best ? Json()
                          : options.json || options.csv
                              ? Json(*best)
                              : Json(fmt::format(fmt::runtime(metric.format), metric.scale * *best)));
        }
        table.rows.push_back(std::move(row));
    }
    if (options.json)
        fmt::print("{}\n", table.json().dump(2));
    else
        fmt::print("{}", options.csv ? table.csv()
                                     : table.text() +
                                           "hypervolume: between the best and the worst values that all of them "
                                           "met, logarithms of hardware's figures\n");
}

// ---- space

void run_space(const ExperimentOptions& options) {
    const ExperimentConfig config = options.load().config;
    const SearchConfig& search = config.search;
    const SearchSpace space(
        load_network(config.network),
        search.hardware_space.empty() ? HardwareSpace{} : load_hardware_space(search.hardware_space), config.hardware);
    if (options.json) {
        Json json = {{"network", space.network().name},
                     {"log10_size", space.log10_size()},
                     {"objectives", search.objectives},
                     {"constraints", search.constraints}};
        for (std::size_t g = 0; g < space.genes().size(); ++g)
            json["choices"].push_back({{"name", space.genes()[g].name}, {"values", space.values(g)}});
        fmt::print("{}\n", json.dump(2));
        return;
    }
    fmt::print("{}objectives: {}\nconstraints: {}\nsmallest: {}; {}\nlargest:  {}; {}\n", space.description(),
               fmt::join(search.objectives, ", "),
               search.constraints.empty() ? "none" : fmt::to_string(fmt::join(search.constraints, ", ")),
               space.network_text(space.smallest()), space.hardware_text(space.smallest()),
               space.network_text(space.largest()), space.hardware_text(space.largest()));
}

std::string metric_list() {
    Table table{"metrics", {Column("", "metric", -18, 2), Column("", "", -40, 2)}};
    for (const SearchMetric& metric : all_metrics())
        table.add(metric.name, metric.doc);
    return table.text();
}

FolderOptions& add_folder(CommandLine& command, FolderOptions& options) {
    command.option("FOLDER", &options.folder, "results folder of a search").required();
    command.option("--json", &options.json, "print JSON instead of text");
    return options;
}

}  // namespace

void add_search_command(CommandLine& line) {
    CommandLine search = line.command(
        "search", "train if needed, then search networks and hardware that are robust on the chip and cheap");
    SearchOptions& o = search.runs(search_or_work);
    search.option("EXPERIMENT", &o.file, "experiment file (YAML), e.g. configs/experiments/quickstart.yaml");
    add_override_options(search, o, true);
    search.option("--out", &o.out, "results folder; default: results/NAME of the experiment");
    search.option("--fresh", &o.fresh, "remove earlier results in the folder instead of going on from them");
    add_trained_option(search, o);
    add_crew_options(search, o.crew, "judge candidates", "search FILE");
    search.footer(
        "Settings: the section `search` (`xloop config schema`); docs/search.md explains. Run again, it goes on where "
        "it\n"
        "stopped, with a larger budget too (-s search.candidates=N).\n\nMethods (search.optimiser.method):\n" +
        search_method_list() + "\nMetrics (search.objectives, search.constraints):\n" + metric_list() +
        "\nExamples:\n"
        "  xloop search configs/experiments/quickstart.yaml --workers 2\n"
        "  xloop search space FILE                                       what there is to choose\n"
        "  xloop search FILE -s search.candidates=200 -s search.optimiser.method=random --out results/random\n"
        "  xloop search status results/quickstart                        while it runs, too\n"
        "  xloop search front results/quickstart --json\n"
        "  xloop search export results/quickstart 12 --out best\n"
        "  mpirun -n 4 xloop search FILE --mpi\n"
        "  xloop search FILE --slurm 8");
    CommandLine status = search.command("status", "how far a search is, its front and who works");
    add_folder(status, status.runs(run_status));
    CommandLine front = search.command("front", "the Pareto front, confirmed candidates first");
    FolderOptions& f = add_folder(front, front.runs(run_front));
    front.option("--csv", &f.csv, "print CSV");
    CommandLine show = search.command("show", "all that is known of a candidate");
    ShowOptions& s = show.runs(run_show);
    add_folder(show, s);
    show.option("ID", &s.id, "number of the candidate; 0: the baseline").required();
    CommandLine exported =
        search.command("export", "network, weights, hardware and experiment of a candidate as files");
    ExportOptions& e = exported.runs(run_export);
    exported.option("FOLDER", &e.folder, "results folder of a search").required();
    exported.option("ID", &e.id, "number of the candidate; 0: the baseline").required();
    exported.option("--out", &e.out, "folder for the files").required();
    exported.option("--threads", &e.threads, "threads for programming the chip").range(1, 256);
    CommandLine compare =
        search.command("compare", "searches against one another: hypervolume, joint front, best values");
    CompareOptions& c = compare.runs(run_compare);
    compare.option("FOLDER", &c.folders, "results folders of searches with the same objectives").required();
    compare.option("--json", &c.json, "print JSON instead of text");
    compare.option("--csv", &c.csv, "print CSV");
    CommandLine space = search.command("space", "what there is to choose, how much, and under which constraints");
    add_experiment_options(space, space.runs(run_space), true);
    add_search_table_command(search);
    add_worker_command(search, "search", run_worker);
    search.subcommands_optional();
}

}  // namespace xloop
