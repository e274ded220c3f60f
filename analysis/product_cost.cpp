#include "analysis/product_cost.hpp"

#include "core/error.hpp"
#include "systemc_model/cost/expected_data.hpp"
#include "systemc_model/cost/ledger.hpp"
#include "systemc_model/estimate/run_estimate.hpp"
#include "systemc_model/mapping/flow_geometry.hpp"
#include "systemc_model/mapping/map_network.hpp"
#include "systemc_model/mapping/network_load.hpp"

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>

namespace xloop {
namespace {

/// Positions that are estimated one by one; beyond, each costs what the last half of them does.
constexpr int most_positions = 32;
/// Larger pieces are not looked at: the estimate would take seconds, and sums of one home would hold the product up.
constexpr std::int64_t most_arrays = 4096;

std::int64_t ceil_div(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

/// The product as a layer whose outputs stay in its home tile: a pool over all positions reads them there, so that they neither
/// cross the network nor leave the chip as logits of four bytes.
WorkloadGraph graph_of(int k, int n, int groups, int positions) {
    if (std::int64_t{std::max(k, n)} * groups * positions > std::numeric_limits<int>::max())
        throw InputError("more inputs or outputs than can be counted");
    // Sizes of a file have bounds that suit networks.
    NetworkSpec spec = parse_network(
        "name: product\ninput: {channels: 1, height: 1, width: 1}\nlayers:\n"
        "  - {name: product, type: conv, out_channels: 1, kernel: 1, bias: false}\n"
        "  - {name: reader, type: max_pool, kernel: 0}\n",
        "a product");
    spec.input = {k * groups, positions, 1};
    spec.layers.front().out_channels = {n * groups};
    spec.layers.front().groups = groups;
    return build_graph(spec.resolve({}));
}

double joules(const Counters& counts, const UnitCosts& costs) {
    double sum = 0;
    for (std::size_t e = 0; e < event_count; ++e)
        sum += 1e-12 * static_cast<double>(counts.events[e]) * costs.events[e].energy_pj;
    return sum;
}

std::int64_t weight_bytes(const HardwareConfig& hardware, double weights) {
    return static_cast<std::int64_t>(weights) * bytes_of(hardware.numerics.weight_bits);
}

/// One byte of weights from a buffer over the bus to the arrays.
double from_buffer_pj(const UnitCosts& costs) {
    return costs[Event::buffer_read_byte].energy_pj + costs[Event::bus_byte].energy_pj;
}

/// Whole arrays, used or not, as between two rounds of layers.
double write_all_j(const HardwareConfig& hardware, const UnitCosts& costs, std::int64_t arrays) {
    const double each = hardware.is_digital()
                            ? hardware.digital.weight_sets * double{costs[Event::weight_write_byte].energy_pj} *
                                  hardware.digital.set_bytes()
                            : costs[Event::cell_write].energy_pj * hardware.crossbar.rows * hardware.crossbar.cols;
    return 1e-12 * static_cast<double>(arrays) * each;
}

/// `bytes` from the border to the buffers of the tiles, the same to each.
double from_border_j(const MappedNetwork& network, const UnitCosts& costs, std::int64_t bytes) {
    const std::vector<int>& tiles = network.mapping.layers.front().copies.front().tiles;
    NetworkLoad load(network.mapping, network.hardware);
    Counters counts;
    const DataAverages averages;
    for (const int tile : tiles) {
        const NetworkLoad::Passed passed =
            load.send(network.mapping.io_node(), {tile}, ceil_div(bytes, static_cast<std::int64_t>(tiles.size())), 1);
        const auto toggles = [&](std::int64_t flits) {
            return static_cast<std::uint64_t>(averages.toggles * network.hardware.noc.flit_bits *
                                              static_cast<double>(flits));
        };
        counts[Event::router_flit] += static_cast<std::uint64_t>(passed.routers);
        counts[Event::router_toggle] += toggles(passed.routers);
        counts[Event::link_flit] += static_cast<std::uint64_t>(passed.links);
        counts[Event::link_toggle] += toggles(passed.links);
    }
    counts[Event::io_byte] = counts[Event::buffer_write_byte] = static_cast<std::uint64_t>(bytes);
    return joules(counts, costs);
}

HardwareConfig for_one_product(HardwareConfig hardware) {
    hardware.tile_types.clear();
    hardware.layers.clear();
    hardware.noc.mesh_cols = hardware.noc.mesh_rows = 0;
    hardware.mapping.schedule = Schedule::layer_by_layer;
    hardware.mapping.replication = Replication::none;
    hardware.mapping.oversubscribed = Oversubscribed::error;
    if (looks_at_weights(hardware))
        throw InputError(
            "adc.bits_by_column and mapping.skip_zero_weights depend on weights, and a product has none; "
            "set them to false");
    return hardware;
}

}  // namespace

/// What is estimated at once: some groups, or some outputs of the only one.
struct ProductEstimator::Piece {
    int k, n, groups;
};

/// Of pieces side by side.
struct ProductEstimator::Sum {
    int pieces = 1;
    std::int64_t arrays = 0, tiles = 0;
    double area_mm2 = 0, dynamic_j = 0, static_w = 0, seconds = 0;
    double write_j = 0, on_chip_j = 0, off_chip_j = 0, write_s = 0, bus_s = 0;

    double energy_j() const { return dynamic_j + static_w * seconds; }
    void add(const Sum& o, int times) {
        pieces += times * o.pieces;
        arrays += times * o.arrays;
        tiles += times * o.tiles;
        area_mm2 += times * o.area_mm2;
        dynamic_j += times * o.dynamic_j;
        static_w += times * o.static_w;
        write_j += times * o.write_j;
        on_chip_j += times * o.on_chip_j;
        off_chip_j += times * o.off_chip_j;
        seconds = std::max(seconds, o.seconds);
        write_s = std::max(write_s, o.write_s);
        bus_s = std::max(bus_s, o.bus_s);
    }
};

ProductEstimator::ProductEstimator(HardwareConfig hardware, const CostTable& table)
    : hardware_(for_one_product(std::move(hardware))), costs_(type_costs(table, HardwareKinds(hardware_))) {}

ProductEstimator::Sum ProductEstimator::estimate_piece(const Piece& piece, int positions) const {
    const WorkloadGraph graph = graph_of(piece.k, piece.n, piece.groups, positions);
    const MappedNetwork network = map_network(graph, hardware_);
    const RunEstimate run = estimate_run(FlowGeometry(graph), network, 1);
    ActivityRecord record = class_activity(run, network.kinds);
    expect_data(record, network.kinds);
    const auto seconds = [&](double cycles) { return cycles / (1e9 * hardware_.clock.frequency_ghz); };

    Sum sum;
    // The layer itself, and the way of its inputs into the buffers of its tiles; they come from the chip, not over its border.
    Counters counts = record.layers.front();
    counts += record.layers.back();
    counts[Event::io_byte] = 0;
    sum.dynamic_j = joules(counts, costs_.front());
    sum.seconds = seconds(static_cast<double>(run.layers.front().end_cycle - run.layers.front().start_cycle));

    record.layers.clear();
    for (ActivityRecord& kind : record.kinds)
        kind.layers.clear();
    const Ledger ledger =
        make_ledger(record, seconds(static_cast<double>(run.cycles)), network.kinds, network.mapping.chip(), costs_);
    const double used = static_cast<double>(network.mapping.used_tiles) / network.mapping.tiles();
    for (std::size_t c = 0; c < component_count; ++c)
        if (static_cast<Component>(c) != Component::io_link) {
            sum.static_w += used * (ledger.energy_j[c] - ledger.dynamic_j[c]) / ledger.seconds;
            sum.area_mm2 += used * ledger.area_mm2[c];
        }

    const Durations& durations = network.layer_durations(0);
    const std::int64_t bytes = weight_bytes(hardware_, static_cast<double>(piece.k) * piece.n * piece.groups);
    sum.arrays = network.mapping.used_arrays;
    sum.tiles = network.mapping.used_tiles;
    sum.write_j = write_all_j(hardware_, costs_.front(), sum.arrays);
    sum.write_s = seconds(static_cast<double>(durations.reprogram()));
    sum.bus_s = seconds(durations.bus(ceil_div(bytes, sum.tiles)));
    sum.on_chip_j = 1e-12 * static_cast<double>(bytes) * from_buffer_pj(costs_.front());
    sum.off_chip_j = sum.on_chip_j + from_border_j(network, costs_.front(), bytes);
    return sum;
}

ProductEstimator::Sum ProductEstimator::piece_cost(const Piece& piece, int positions) const {
    int here = std::min(positions, most_positions);
    std::optional<Sum> sum;
    while (!sum) {
        try {
            sum = estimate_piece(piece, here);
        } catch (const InputError&) {
            // The buffers may hold fewer positions.
            if (here == 1)
                throw;
            here /= 2;
        }
    }
    if (here == positions)
        return *sum;
    Sum half;  // of no position at all where one is all that fits
    if (here > 1)
        half = estimate_piece(piece, here / 2);
    const double more = static_cast<double>(positions - here) / (here - here / 2);
    sum->dynamic_j += more * (sum->dynamic_j - half.dynamic_j);
    sum->seconds += more * (sum->seconds - half.seconds);
    return *sum;
}

ProductEstimator::Sum ProductEstimator::in_pieces(const MatrixProduct& product, int units) const {
    const bool grouped = product.groups > 1;
    const int all = grouped ? product.groups : product.n;
    const auto piece = [&](int of) { return grouped ? Piece{product.k, product.n, of} : Piece{product.k, of, 1}; };
    Sum sum;
    sum.pieces = 0;
    if (all >= units)
        sum.add(piece_cost(piece(units), product.m), all / units);
    if (all % units > 0)
        sum.add(piece_cost(piece(all % units), product.m), 1);
    return sum;
}

ProductCost ProductEstimator::finish(const MatrixProduct& product, const Sum& sum) const {
    ProductCost cost;
    cost.pieces = sum.pieces;
    cost.arrays = sum.arrays;
    cost.tiles = sum.tiles;
    cost.fill =
        product.weights() / (static_cast<double>(sum.arrays) * hardware_.array_rows() * hardware_.outputs_per_array());
    cost.area_mm2 = sum.area_mm2;
    cost.dynamic_j = sum.dynamic_j;
    cost.static_j = sum.static_w * sum.seconds;
    cost.seconds = sum.seconds;
    const double border_s = 8.0 * static_cast<double>(weight_bytes(hardware_, product.weights())) /
                            hardware_.noc.flit_bits / (1e9 * hardware_.noc_clock_ghz());
    // A tile has its static power for its own load alone: those whose weights are still to come need not be on, or there.
    const auto load = [&](double move_j, double move_s, double own_move_s) {
        return WeightLoad{sum.write_j, move_j, sum.static_w * std::max(sum.write_s, own_move_s),
                          std::max(sum.write_s, move_s)};
    };
    cost.loads = {WeightLoad{}, load(sum.on_chip_j, sum.bus_s, sum.bus_s),
                  load(sum.off_chip_j, std::max(sum.bus_s, border_s),
                       std::max(sum.bus_s, border_s / static_cast<double>(sum.tiles)))};
    return cost;
}

const ProductCost& ProductEstimator::operator()(const MatrixProduct& product) {
    const auto key = std::make_tuple(product.m, product.n, product.k, product.groups);
    if (const auto found = known_.find(key); found != known_.end())
        return found->second;
    const bool grouped = product.groups > 1;
    const int all = grouped ? product.groups : product.n, step = grouped ? 1 : hardware_.outputs_per_array();
    const std::int64_t arrays_of_step = ceil_div(product.k, hardware_.array_rows()) *
                                        ceil_div(grouped ? product.n : step, hardware_.outputs_per_array());
    std::optional<Sum> best;
    std::string refused;
    // Pieces of 1, 2, 3, 4, 6, 8, 12 ... arrays side by side, or groups.
    for (std::int64_t steps = 1, next = 2;;) {
        const int units = static_cast<int>(std::min<std::int64_t>(all, steps * step));
        try {
            const Sum sum = in_pieces(product, units);
            if (!best || sum.energy_j() < best->energy_j())
                best = sum;
        } catch (const InputError& error) {
            refused = error.what();
        }
        if (units == all || next * arrays_of_step > most_arrays)
            break;
        steps = std::exchange(next, steps == 1 ? 3 : 2 * steps);
    }
    if (!best)
        throw InputError(refused);
    return known_.emplace(key, finish(product, *best)).first->second;
}

}  // namespace xloop
