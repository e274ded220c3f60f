#include "nas/cell_evaluator.hpp"

#include "analysis/statistics.hpp"
#include "core/config/flat_configuration.hpp"
#include "core/config/schema.hpp"
#include "core/error.hpp"
#include "core/parallel.hpp"
#include "core/random.hpp"
#include "dnn/data/image_set.hpp"
#include "systemc_model/chip/chip.hpp"
#include "systemc_model/chip/layer_errors.hpp"
#include "systemc_model/device/device_model.hpp"
#include "systemc_model/estimate/quick_estimate.hpp"
#include "systemc_model/mapping/map_network.hpp"
#include "xloop_version.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <set>

namespace xloop {
namespace {

/// Without, shapes are enough.
bool uses_weights(const QueryTask& task) { return task.non_ideality_images > 0 || looks_at_weights(task.hardware); }

class CellEvaluator {
public:
    explicit CellEvaluator(const QueryTask& task)
        : task_(task), types_(type_costs(task.costs, HardwareKinds(task.hardware), CostDetail::figures)) {
        DeviceModel{task.hardware};  // reads the level table and the fault map
    }

    /// Safe to call from several threads.
    QueryRow operator()(int index) const {
        QueryRow row;
        row.index = index;
        row.cell = Cell::from_index(index);
        row.benchmark = benchmark_counts(task_.skeleton, row.cell);
        if (!row.cell.connected()) {
            row.problem = "the output does not depend on the input";
            return row;
        }
        try {
            WorkloadGraph graph = build_graph(cell_network(task_.skeleton, row.cell));
            if (uses_weights(task_))
                randomise_weights(graph, task_.seed);
            row.figures = figures(graph);
            if (task_.non_ideality_images > 0)
                row.errors = errors(graph);
        } catch (const InputError& error) {
            row.problem = error.what();
            std::replace(row.problem.begin(), row.problem.end(), '\n', ' ');  // a line of CSV
        }
        return row;
    }

private:
    CellFigures figures(const WorkloadGraph& graph) const {
        MappedNetwork network = map_network(graph, task_.hardware);
        const DataAverages averages = assume_data(network, "", 1);
        const FlowGeometry geometry(graph);
        const QuickFigures quick = quick_figures(estimate_run(geometry, network, 1), network, types_, 1, averages,
                                                 static_cast<double>(graph.macs()));
        CellFigures figures;
        figures.macs = graph.macs();
        for (const GraphLayer& layer : graph.layers)
            if (layer.on_crossbars())
                figures.weights += std::int64_t{layer.out.channels} * layer.rows();
        figures.arrays = network.mapping.used_arrays;
        figures.tiles = network.mapping.tiles();
        figures.energy_j = quick.figures.energy_alone_j();
        figures.latency_s = quick.figures.latency_s;
        figures.interval_s = quick.figures.interval_s;
        figures.area_mm2 = quick.figures.area_mm2;
        figures.edap = quick.figures.edap_alone();
        figures.contended = quick.contended;
        return figures;
    }

    CellErrors errors(const WorkloadGraph& graph) const {
        const ImageSet images = random_images(graph.input, task_.non_ideality_images, task_.seed);
        const CalibrationImages pixels{images.pixels.data(), images.count()};
        const std::unique_ptr<const Chip> chip = program(map_network(graph, task_.hardware), pixels);
        const WorkloadGraph& programmed = chip->network().graph;
        CellErrors errors;
        double logarithms = 0.0, layers = 0.0, clipped = 0.0, conversions = 0.0;
        for (const LayerErrors& layer : layer_errors(programmed, programmed, *chip, pixels)) {
            clipped += static_cast<double>(layer.clipped);
            conversions += static_cast<double>(layer.conversions);
            if (layer.variance <= 0.0)
                continue;
            ++layers;
            errors.non_ideality += layer.non_ideality;
            logarithms += std::log(layer.squared_error / layer.variance);
        }
        errors.non_ideality /= layers;
        errors.sum_error = std::exp(0.5 * logarithms / layers);
        errors.clipped_share = conversions > 0.0 ? clipped / conversions : 0.0;
        return errors;
    }

    const QueryTask& task_;
    const std::vector<UnitCosts> types_;
};

/// Architectures that are the same but for their numbers, which are listed, and for what their outputs do not depend on.
using Alike = std::vector<int>;

/// In the order of the first of each.
std::vector<Alike> alike_cells(const std::vector<int>& indices) {
    std::vector<Alike> groups;
    std::map<std::array<CellOperation, Cell::edges>, std::size_t> group_of;
    for (const int index : indices) {
        const auto [found, is_new] = group_of.emplace(Cell::from_index(index).live().operations, groups.size());
        if (is_new)
            groups.emplace_back();
        groups[found->second].push_back(index);
    }
    return groups;
}

/// The row of a cell that is like that of `row`.
QueryRow relabelled(QueryRow row, int index, const CellSkeleton& skeleton) {
    row.index = index;
    row.cell = Cell::from_index(index);
    row.benchmark = benchmark_counts(skeleton, row.cell);
    return row;
}

/// Networks between two commits: some seconds' work.
int block_size(const QueryTask& task, int threads) { return threads * (task.non_ideality_images > 0 ? 1 : 64); }

}  // namespace

Json settings_of(const QueryTask& task, const std::string& inputs) {
    Json settings = {{"space", "nas_bench_201"},
                     {"xloop", fmt::format("{} ({})", version, commit)},
                     {"cells", task.skeleton.cells},
                     {"channels", task.skeleton.channels},
                     {"size", task.skeleton.size},
                     {"classes", task.skeleton.classes},
                     {"cost_table", task.costs.name},
                     {"inputs", inputs},
                     {"seed", uses_weights(task) ? Json(task.seed) : Json()},
                     {"non_ideality_images", task.non_ideality_images}};
    HardwareConfig hardware = task.hardware;
    config::Section schema;
    describe(schema, hardware);
    settings.update(config::flat_configuration(schema));
    return settings;
}

std::vector<QueryRow> make_rows(const QueryTask& task, const std::vector<int>& indices, int threads, QueryStore* store,
                                const Watch& watch) {
    std::map<int, QueryRow> known;
    if (store)
        for (QueryRow& row : store->rows())
            known.emplace(row.index, std::move(row));
    std::vector<int> missing;
    std::copy_if(indices.begin(), indices.end(), std::back_inserter(missing),
                 [&](int index) { return known.count(index) == 0; });
    const CellEvaluator evaluate(task);
    const std::vector<Alike> groups = alike_cells(missing);
    const auto all = static_cast<int>(groups.size());
    for (int first = 0; first < all; first += block_size(task, threads)) {
        const int count = std::min(block_size(task, threads), all - first);
        std::vector<QueryRow> evaluated(static_cast<std::size_t>(count));
        const auto group = [&](int i) -> const Alike& { return groups[static_cast<std::size_t>(first + i)]; };
        parallel_for(count, threads,
                     [&](int i) { evaluated[static_cast<std::size_t>(i)] = evaluate(group(i).front()); });
        std::vector<QueryRow> block;
        for (int i = 0; i < count; ++i)
            for (const int index : group(i))
                block.push_back(relabelled(evaluated[static_cast<std::size_t>(i)], index, task.skeleton));
        if (store)
            store->add(block);
        for (QueryRow& row : block)
            known.emplace(row.index, std::move(row));
        if (watch)
            watch({static_cast<double>(first + count) / all});
    }
    std::vector<QueryRow> rows;
    for (const int index : indices)
        rows.push_back(known.at(index));
    return rows;
}

std::vector<int> sample_cells(int count, std::uint64_t seed) {
    const int wanted = std::min(count, Cell::count);
    const KeyedRandom random(seed, RandomUse::subnet_search);
    std::set<int> drawn;
    std::vector<int> sample;
    for (std::uint64_t draw = 0; static_cast<int>(sample.size()) < wanted; ++draw)
        if (const auto index = static_cast<int>(random.below(Cell::count, draw)); drawn.insert(index).second)
            sample.push_back(index);
    return sample;
}

}  // namespace xloop
