#include "apps/search/table_command.hpp"

#include "analysis/pareto.hpp"
#include "apps/experiment.hpp"
#include "core/config/node.hpp"
#include "core/config/tree.hpp"
#include "core/digest.hpp"
#include "core/error.hpp"
#include "core/files.hpp"
#include "core/interrupt.hpp"
#include "core/words.hpp"
#include "nas/cell_evaluator.hpp"
#include "nas/rank_correlation.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <iterator>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace xloop {
namespace {

constexpr const char* examples = R"(
Writes down what each of the 15625 architectures of NAS-Bench-201, or a sample of them, costs on some hardware, so that a search
can look it up (nas/query_table.hpp). Numbers are those of the benchmark. Training is not needed. docs/query_table.md lists the
columns. The same command goes on with a database that was left unfinished.

Examples:
  xloop search table configs/experiments/resnet18.yaml --csv table.csv --threads 2
  xloop search table --hardware configs/hw/reram_64x64.yaml --costs configs/tech/generic_32nm.yaml -s mapping.schedule=pipelined \
      --sqlite table.sqlite                        a hardware file; tiles hold windows, since whole maps do not fit
  xloop search table FILE --sample 500 --seed 3 --nonideality 4 --csv sample.csv          and how far sums on the chip are off
  xloop search table FILE --architecture '|nor_conv_3x3~0|+|none~0|skip_connect~1|+|none~0|none~1|avg_pool_3x3~2|'
  xloop search table FILE --architecture 123 --network net.yaml                           one, and its network file)";

/// Images of the benchmark.
enum class CellDataSet { cifar10, cifar100, imagenet16_120 };
constexpr auto names_of(CellDataSet) { return std::array{"cifar10", "cifar100", "imagenet16_120"}; }

struct TableOptions {
    std::string experiment, hardware, cost_table;
    std::vector<std::string> overrides;
    std::optional<std::int64_t> seed;
    int threads = 1;
    CellSkeleton skeleton;
    std::string data_set = name_of(CellDataSet::cifar10);
    std::optional<int> size, classes, sample;
    std::string architecture;
    int non_ideality_images = 0;
    std::string csv_file, sqlite_file, json_file, network_file;
};

CellSkeleton skeleton_of(const TableOptions& options) {
    CellSkeleton skeleton = options.skeleton;
    switch (*value_named<CellDataSet>(options.data_set)) {
    case CellDataSet::cifar10: break;
    case CellDataSet::cifar100: skeleton.classes = 100; break;
    case CellDataSet::imagenet16_120:
        skeleton.size = 16;
        skeleton.classes = 120;
        break;
    }
    skeleton.size = options.size.value_or(skeleton.size);
    skeleton.classes = options.classes.value_or(skeleton.classes);
    if (skeleton.size % 4 != 0)
        throw InputError(
            fmt::format("--size {}: expected a multiple of 4, since two blocks halve the map", skeleton.size));
    return skeleton;
}

/// The files that decide rows, by content.
std::string inputs_digest(const HardwareConfig& hardware, const std::string& cost_table) {
    Digest digest;
    config::add_to_digest(digest, config::load_file(cost_table));
    for (const std::string& file : {hardware.device.level_table, hardware.device.fault_map})
        digest.add(file.empty() ? std::string() : read_file(file));
    return digest.hex();
}

struct LoadedTask {
    QueryTask task;
    std::string inputs;
};

LoadedTask load_task(const TableOptions& options) {
    if (options.experiment.empty() == options.hardware.empty())
        throw InputError("search table: expected either EXPERIMENT or --hardware FILE with --costs FILE");
    LoadedTask loaded;
    QueryTask& task = loaded.task;
    std::string cost_table = options.cost_table;
    if (!options.hardware.empty()) {
        if (cost_table.empty())
            throw InputError("search table: --hardware FILE needs --costs FILE, the cost table");
        task.hardware = load_hardware(options.hardware, options.overrides);
    } else {
        std::vector<std::string> overrides = options.overrides;
        if (!cost_table.empty())
            overrides.push_back("cost_table=" + cost_table);
        const ExperimentConfig config = load_experiment(options.experiment, overrides).config;
        task.hardware = config.hardware;
        task.seed = config.seed;
        cost_table = config.cost_table;
    }
    if (options.seed)
        task.seed = static_cast<std::uint64_t>(*options.seed);
    task.skeleton = skeleton_of(options);
    task.costs = load_cost_table(cost_table);
    task.non_ideality_images = options.non_ideality_images;
    loaded.inputs = inputs_digest(task.hardware, cost_table);
    return loaded;
}

/// In the order of their numbers.
std::vector<int> asked_cells(const TableOptions& options, std::uint64_t seed) {
    if (!options.architecture.empty() && options.sample)
        throw InputError("search table: either --architecture or --sample");
    if (!options.architecture.empty())
        return {Cell::named(options.architecture).index()};
    std::vector<int> cells = sample_cells(options.sample.value_or(Cell::count), seed);
    std::sort(cells.begin(), cells.end());
    return cells;
}

using Figure = std::function<double(const CellFigures&)>;

std::vector<double> values_of(const std::vector<QueryRow>& rows, const Figure& figure) {
    std::vector<double> values;
    for (const QueryRow& row : rows)
        values.push_back(figure(*row.figures));
    return values;
}

double energy(const CellFigures& f) { return f.energy_j; }
double latency(const CellFigures& f) { return f.latency_s; }
double area(const CellFigures& f) { return f.area_mm2; }
double edap(const CellFigures& f) { return f.edap; }
double macs(const CellFigures& f) { return static_cast<double>(f.macs); }

/// How each figure is spread.
std::string spread_text(const std::vector<QueryRow>& rows) {
    Table table{"spread",
                {{"figure", "figure", -14},
                 {"smallest", "smallest", 9, 2, "{:.3g}"},
                 {"p5", "5 %", 9, 2, "{:.3g}"},
                 {"p25", "25 %", 9, 2, "{:.3g}"},
                 {"median", "median", 9, 2, "{:.3g}"},
                 {"p75", "75 %", 9, 2, "{:.3g}"},
                 {"p95", "95 %", 9, 2, "{:.3g}"},
                 {"largest", "largest", 9, 2, "{:.3g}"},
                 {"tau_with_macs", "tau", 6, 2, "{:.3f}"}}};
    const std::vector<double> work = values_of(rows, macs);
    const auto add = [&](const char* name, const Figure& figure, double scale) {
        std::vector<double> values = values_of(rows, figure);
        const double tau = kendall_tau(values, work);
        std::sort(values.begin(), values.end());
        const auto at = [&](double share) {
            return scale * values[static_cast<std::size_t>(share * static_cast<double>(values.size() - 1) + 0.5)];
        };
        table.add(name, at(0), at(0.05), at(0.25), at(0.5), at(0.75), at(0.95), at(1), tau);
    };
    add("M MACs", macs, 1e-6);
    add(
        "arrays", [](const CellFigures& f) { return f.arrays; }, 1);
    add("energy, uJ", energy, 1e6);
    add("latency, ms", latency, 1e3);
    add("area, mm2", area, 1);
    add("EDAP, uJ ms mm2", edap, 1e9);
    return table.text();
}

std::string rows_text(const std::vector<QueryRow>& rows) {
    Table table{"architectures",
                {{"arch_index", "number", 6},
                 {"macs", "M MACs", 7, 2, "{:.1f}", 1e-6},
                 {"energy", "energy, uJ", 10, 2, "{:.1f}", 1e6},
                 {"latency", "latency, ms", 11, 2, "{:.4f}", 1e3},
                 {"area", "area, mm2", 9, 2, "{:.2f}"},
                 {"edap", "EDAP", 10, 2, "{:.3g}", 1e9},
                 {"architecture", "architecture", -1, 2}}};
    for (const QueryRow& row : rows)
        table.add(row.index, row.figures->macs, row.figures->energy_j, row.figures->latency_s, row.figures->area_mm2,
                  row.figures->edap, row.cell.text());
    return table.text();
}

/// Of the architectures that no other beats in multiply-accumulates, to be many, and EDAP, to be small.
std::vector<QueryRow> front_of(const std::vector<QueryRow>& rows, int count) {
    std::vector<std::vector<double>> objectives;
    for (const QueryRow& row : rows)
        objectives.push_back({edap(*row.figures), macs(*row.figures)});
    std::vector<QueryRow> front;
    for (const int i : spread_choice(pareto_front({Direction::minimise, Direction::maximise}, objectives), count))
        front.push_back(rows[static_cast<std::size_t>(i)]);
    return front;
}

/// One, the first, of those that cost the same: equal networks, most of them.
std::vector<QueryRow> different_rows(const std::vector<QueryRow>& rows) {
    std::set<std::array<double, 4>> seen;
    std::vector<QueryRow> different;
    for (const QueryRow& row : rows)
        if (const CellFigures& f = *row.figures; seen.insert({macs(f), f.energy_j, f.latency_s, f.area_mm2}).second)
            different.push_back(row);
    return different;
}

std::string table_text(const std::vector<QueryRow>& all, const QueryTask& task) {
    std::vector<QueryRow> rows;
    std::copy_if(all.begin(), all.end(), std::back_inserter(rows), [](const QueryRow& row) { return row.figures; });
    const auto loose = std::count_if(all.begin(), all.end(), [](const QueryRow& row) { return !row.cell.connected(); });
    const auto contended =
        std::count_if(rows.begin(), rows.end(), [](const QueryRow& row) { return row.figures->contended; });
    std::string text = fmt::format(
        "NAS-Bench-201, {} a stage, {} channels, {} x {} x 3, {}: {}; {} with figures ({} contended), {} whose output "
        "does "
        "not depend on the input, {} that do not fit\n",
        counted(task.skeleton.cells, "cell"), task.skeleton.channels, task.skeleton.size, task.skeleton.size,
        task.skeleton.classes == 1 ? "1 class" : fmt::format("{} classes", task.skeleton.classes),
        counted(static_cast<std::int64_t>(all.size()), "architecture"), rows.size(), contended, loose,
        all.size() - rows.size() - static_cast<std::size_t>(loose));
    if (rows.empty())
        return text;
    text += "\nHow figures are spread, and Kendall's tau of each with the multiply-accumulates\n" + spread_text(rows);
    std::stable_sort(rows.begin(), rows.end(),
                     [](const QueryRow& a, const QueryRow& b) { return a.figures->edap < b.figures->edap; });
    const std::vector<QueryRow> different = different_rows(rows);
    const auto most = std::min<std::ptrdiff_t>(5, static_cast<std::ptrdiff_t>(different.size()));
    text += "\nSmallest EDAP (in uJ ms mm2); of those that cost the same, one\n" +
            rows_text({different.begin(), different.begin() + most});
    text += "\nLargest EDAP\n" + rows_text({different.end() - most, different.end()});
    text += "\nOf those that no other beats in both, more multiply-accumulates and less EDAP\n" +
            rows_text(front_of(rows, 8));
    return text;
}

std::string row_text(const QueryRow& row) {
    const Table table = query_rows_table({row});
    std::string text;
    for (std::size_t c = 0; c < table.columns.size(); ++c)
        if (const Json& cell = table.rows.front()[c]; !cell.is_null())
            text += fmt::format("{:<21} {}\n", table.columns[c].key,
                                cell.is_string() ? cell.get<std::string>() : cell.dump());
    return text;
}

/// Where nothing fits, that is what is wrong with the input; where something does, it is news.
void report_problems(const std::vector<QueryRow>& rows) {
    const auto failed = std::find_if(rows.begin(), rows.end(),
                                     [](const QueryRow& row) { return row.cell.connected() && !row.problem.empty(); });
    if (failed == rows.end())
        return;
    const bool none = std::none_of(rows.begin(), rows.end(), [](const QueryRow& row) { return row.figures; });
    const std::string what = fmt::format("architecture {}: {}", failed->index, failed->problem);
    if (none)
        throw InputError(what);
    spdlog::warn("not all networks fit the hardware, or can be computed on it; the first is {}", what);
}

void write_files(const TableOptions& options, const std::vector<QueryRow>& rows, const Json& settings) {
    const Table table = query_rows_table(rows);
    if (!options.csv_file.empty())
        write_file_atomically(options.csv_file, table.csv());
    if (!options.json_file.empty())
        write_file_atomically(options.json_file,
                              Json{{"settings", settings}, {"architectures", table.json()}}.dump(1) + "\n");
}

void run_table(const TableOptions& options) {
    const auto [task, inputs] = load_task(options);
    const std::vector<int> cells = asked_cells(options, task.seed);
    if (!options.network_file.empty())
        write_file_atomically(options.network_file,
                              network_yaml(cell_network(task.skeleton, Cell::from_index(cells.front()))));
    const Json settings = settings_of(task, inputs);
    std::optional<QueryStore> store;
    if (!options.sqlite_file.empty()) {
        store.emplace(options.sqlite_file, settings);
        set_last_words("interrupted; what was finished is in " + options.sqlite_file +
                       ", the same command goes on from there");
    }
    Progress progress("architectures");
    const std::vector<QueryRow> rows =
        make_rows(task, cells, options.threads, store ? &*store : nullptr, std::ref(progress));
    write_files(options, rows, settings);
    report_problems(rows);
    fmt::print("{}", options.architecture.empty() ? table_text(rows, task) : row_text(rows.front()));
}

}  // namespace

void add_search_table_command(CommandLine& search) {
    CommandLine command =
        search.command("table", "costs of the architectures of NAS-Bench-201 on some hardware, to look up");
    command.footer(examples);
    TableOptions& o = command.runs(run_table);
    command.option("EXPERIMENT", &o.experiment, "experiment file (YAML): its hardware, cost table and seed");
    command.option("--hardware", &o.hardware, "hardware file instead of an experiment").type("FILE");
    command.option("--costs", &o.cost_table, "cost table; with an experiment: instead of its own").type("FILE");
    command.option("-s,--set", &o.overrides, "override one key, e.g. -s crossbar.rows=128 (repeatable)")
        .type("KEY=VALUE")
        .repeatable();
    command.option("--seed", &o.seed, "of the sample, of random weights and pixels").type("N").not_negative();
    command.option("--threads", &o.threads, "no result depends on it").range(1, 256);
    command.option("--data-set", &o.data_set, "sets size and classes").one_of(all_names<CellDataSet>());
    command.option("--size", &o.size, "height and width of the images").range(4, 4096);
    command.option("--classes", &o.classes, "classes").range(1, 65536);
    command.option("--cells", &o.skeleton.cells, "cells in each of the three stages").range(1, 100);
    command.option("--channels", &o.skeleton.channels, "of the first stage").range(1, 4096);
    command.option("--sample", &o.sample, "as many architectures, drawn by seed; default: all")
        .type("N")
        .range(1, Cell::count);
    command
        .option("--architecture", &o.architecture, "this one alone: |op~0|+|op~0|op~1|+|op~0|op~1|op~2|, or its number")
        .type("TEXT|N");
    command
        .option("--nonideality", &o.non_ideality_images, "measure errors of the chip's sums, on as many random images")
        .type("IMAGES")
        .range(1, 100000)
        .without_default();
    command.output("--csv", &o.csv_file, "write the table to this CSV file");
    command.output("--sqlite", &o.sqlite_file, "keep it in this database, which an interrupted run goes on with");
    command.output("--json", &o.json_file, "write it to this JSON file");
    command.output("--network", &o.network_file, "write the network of --architecture to this file")
        .needs("--architecture");
}

}  // namespace xloop
