#include "systemc_model/estimate/activity_count.hpp"

#include "systemc_model/mapping/instance_paths.hpp"
#include "systemc_model/mapping/tile_work.hpp"
#include "systemc_model/mapping/window.hpp"

#include <algorithm>
#include <numeric>
#include <string>
#include <utility>

namespace xloop {
namespace {

/// Reads of an array for all vectors of some images.
struct Reads {
    std::int64_t reads = 0, rows = 0, driven = 0;  ///< rows: that could be driven, used or not

    /// All of them, for `digits` digits of vectors.
    Reads(const PlacedBlock& block, const HardwareConfig& hardware, std::int64_t digits)
        : reads(digits * hardware.read_groups(block.rows)), rows(digits * hardware.read_rows(block.rows)),
          driven(digits * block.rows) {}
    /// Those that are made of each group of rows.
    Reads(const PlacedBlock& block, const HardwareConfig& hardware, const std::vector<std::uint64_t>& made, int images,
          int of_images) {
        const int at_once = hardware.crossbar.rows_at_once();
        for (std::size_t g = 0; g < made.size(); ++g) {
            const auto n = static_cast<std::int64_t>(
                held_by(made[g], static_cast<std::uint64_t>(images), static_cast<std::uint64_t>(of_images)));
            const int begin = static_cast<int>(g) * at_once;
            reads += n;
            rows += n * std::min(at_once, hardware.crossbar.rows - begin);
            driven += n * std::min(at_once, block.rows - begin);
        }
    }
};

class RoundCount {
public:
    RoundCount(const FlowGeometry& geometry, const MappedNetwork& network, const FlowPlan& plan, int images)
        : network_(network), graph_(network.graph), geometry_(geometry), mapping_(network.mapping),
          hardware_(network.hardware), plan_(plan),
          images_(images), activity_{std::vector<RoundActivity::Tile>(static_cast<std::size_t>(mapping_.tiles())),
                                     NetworkLoad(network.mapping, network.hardware),
                                     {},
                                     KindCounts(graph_.layers.size() + 1),
                                     std::vector<std::vector<std::vector<int>>>(graph_.layers.size()),
                                     std::vector<std::int64_t>(graph_.layers.size(), 0)} {}

    RoundActivity run() {
        for (int producer : plan_.imports) {
            layer_ = producer < 0 ? graph_.layers.size() : static_cast<std::size_t>(producer);
            count_import(producer);
        }
        activity_.network.take_busiest_port();
        for (auto task = plan_.tasks.begin(); task != plan_.tasks.end();) {
            const auto end =
                std::find_if(task, plan_.tasks.end(), [&](const FlowTask& t) { return t.layer != task->layer; });
            count_layer(task, end);
            task = end;
        }
        return std::move(activity_);
    }

private:
    /// One copy's share of the positions of an image.
    struct Share {
        int count = 0;
        std::vector<int> of_kind;            ///< positions by what a fetch of their window brings
        std::vector<std::int64_t> releases;  ///< by input, of all images
    };

    using Tasks = std::vector<FlowTask>::const_iterator;

    void count_layer(Tasks first, Tasks end) {
        layer_ = static_cast<std::size_t>(first->layer);
        const GraphLayer& layer = graph_.layers[layer_];
        share_positions(first->layer);
        for (int r = 0; r < mapping_.layers[layer_].copy_count(); ++r)
            activity_.receivers[layer_].push_back(plan_.receivers(mapping_, first->layer, r));
        find_credit_receivers(first->layer);
        for (Tasks task = first; task != end; ++task) {
            add(task->tile, &RoundActivity::Tile::controller, Event::control_step, share_of(*task).count);
            if (layer.on_crossbars())
                count_matrix_task(*task);
            else
                count_digital_task(*task);
            if (task->home)
                count_output(*task);
            if (hardware_.pipelined())
                count_stream_credits(*task);
        }
        activity_.busiest_port[layer_] = activity_.network.take_busiest_port();
    }

    void share_positions(int l) {
        const std::size_t copies = mapping_.layers[l].copies.size();
        const WindowFetches fetches(graph_.layers[l], geometry_.windows(l), static_cast<int>(copies),
                                    network_.layer_hardware(l).tile.window_reuse && graph_.layers[l].on_crossbars());
        windows_ = fetches.kinds;
        shares_.assign(copies, {});
        for (std::size_t r = 0; r < copies; ++r) {
            shares_[r].of_kind = fetches.count(static_cast<int>(r), static_cast<int>(copies));
            shares_[r].count = std::accumulate(shares_[r].of_kind.begin(), shares_[r].of_kind.end(), 0);
        }
        if (hardware_.pipelined())
            for (std::size_t r = 0; r < copies; ++r)
                for (int input : graph_.layers[l].inputs)
                    shares_[r].releases.push_back(releases(l, r, graph_.map_of(input).positions()));
    }
    const Share& share_of(const FlowTask& task) const { return shares_[task.copy]; }
    const LayerCopy& copy_of(const FlowTask& task) const { return mapping_.layers[task.layer].copies[task.copy]; }

    void find_credit_receivers(int layer) {
        credit_receivers_.clear();
        for (int producer : graph_.layers[layer].inputs)
            credit_receivers_.push_back(plan_.sources(mapping_, producer));
    }

    using Part = Counters RoundActivity::Tile::*;

    /// Of a part of a tile, whose kind of hardware is its type.
    void add(int tile, Part part, Event event, std::int64_t per_image) {
        (activity_.tiles[tile].*part)[event] += static_cast<std::uint64_t>(images_ * per_image);
        add_to_layer(mapping_.type_of(tile), event, per_image);
    }
    void add_to_io(std::int64_t bytes) {
        activity_.io[Event::io_byte] += static_cast<std::uint64_t>(images_ * bytes);
        add_to_layer(shared_kind, Event::io_byte, bytes);
    }
    void add_to_layer(int kind, Event event, std::int64_t per_image) {
        activity_.layers.at(layer_, kind)[event] += static_cast<std::uint64_t>(images_ * per_image);
    }
    void send(int source, const std::vector<int>& destinations, std::int64_t bytes, std::int64_t messages) {
        const NetworkLoad::Passed passed = activity_.network.send(source, destinations, bytes, messages);
        Counters& layer = activity_.layers.at(layer_, shared_kind);
        layer[Event::router_flit] += static_cast<std::uint64_t>(passed.routers);
        layer[Event::link_flit] += static_cast<std::uint64_t>(passed.links);
    }
    void add_busy(int tile, Part part, std::int64_t per_image) {
        (activity_.tiles[tile].*part).busy_cycles += static_cast<std::uint64_t>(images_ * per_image);
    }
    void access_buffer(int tile, Event event, std::int64_t bytes, std::int64_t times) {
        add(tile, &RoundActivity::Tile::buffer, event, bytes * times);
        add_busy(tile, &RoundActivity::Tile::buffer, network_.tile_durations(tile).buffer_port(bytes) * times);
    }
    void use_bus(int tile, std::int64_t bytes, std::int64_t times) {
        add(tile, &RoundActivity::Tile::bus, Event::bus_byte, bytes * times);
        add_busy(tile, &RoundActivity::Tile::bus, network_.tile_durations(tile).bus(bytes) * times);
    }
    void use_vector_unit(int tile, std::int64_t operations, std::int64_t times) {
        add(tile, &RoundActivity::Tile::vector_unit, Event::vector_operation, operations * times);
        add_busy(tile, &RoundActivity::Tile::vector_unit,
                 network_.tile_durations(tile).vector_unit(operations) * times);
    }

    void count_import(int producer) {
        const int burst = import_burst(graph_, producer);
        const std::int64_t bytes = burst * position_bytes(graph_, producer);
        const int positions = graph_.map_of(producer).positions();
        const int bursts = positions / burst;
        std::vector<int> tiles;
        for (int s : plan_.streams_of(producer))
            tiles.push_back(plan_.streams[s].tile);
        add_to_io(bytes * bursts);
        send(mapping_.io_node(), tiles, bytes, std::int64_t{images_} * bursts);
        for (int tile : tiles)
            access_buffer(tile, Event::buffer_write_byte, bytes, bursts);
    }

    /// The arrays of a task and their registers.
    void count_arrays(const FlowTask& task, std::int64_t vectors) {
        const TileWork& work = task.work;
        const int kind = network_.kinds.of_layer(static_cast<int>(layer_));
        const HardwareConfig& hardware = network_.kinds[kind];
        const auto count = [&](Event event, std::int64_t n) { add_to_layer(kind, event, n); };
        const auto write = [&](Event event, std::int64_t n) {
            if (plan_.round > 0)
                activity_.layers.at(layer_, kind)[event] += static_cast<std::uint64_t>(work.arrays * n);
        };
        count(Event::input_register_byte, vectors * work.driven_rows * hardware.activation_bytes());
        count(Event::output_register_byte, vectors * work.gather_bytes);
        if (hardware.is_digital()) {
            count(Event::mac, vectors * work.products);
            count(Event::weight_read_byte, vectors * work.weight_sets * hardware.digital.set_bytes());
            write(Event::weight_write_byte, std::int64_t{hardware.digital.weight_sets} * hardware.digital.set_bytes());
            return;
        }
        const std::int64_t digits = images_ * vectors * hardware.digits();
        std::int64_t reads = digits * work.reads, rows = digits * work.read_rows, driven = digits * work.driven_rows,
                     outputs = digits * work.read_outputs;
        if (const MadeReads::Copy* made = network_.made(task.layer, task.copy)) {
            reads = rows = driven = outputs = 0;
            const std::vector<PlacedBlock>& blocks = copy_of(task).blocks;
            for (std::size_t b = 0; b < blocks.size(); ++b) {
                if (blocks[b].tile != task.tile)
                    continue;
                const Reads of_block(blocks[b], hardware, made->blocks[b], images_, network_.reads->images);
                reads += of_block.reads;
                rows += of_block.rows;
                driven += of_block.driven;
                outputs += of_block.reads * blocks[b].outs;
            }
        }
        const std::int64_t conversions = outputs * hardware.slices();
        Counters& layer = activity_.layers.at(layer_, kind);
        const auto count_all = [&](Event event, std::int64_t n) { layer[event] += static_cast<std::uint64_t>(n); };
        count_all(Event::cell_read, rows * hardware.crossbar.cols);
        count_all(Event::row_drive, driven);
        if (hardware.crossbar.sample_hold)
            count_all(Event::column_sample,
                      hardware.columns_per_conversion() * conversions + (hardware.offset() ? reads : 0));
        for (Event event : {Event::column_select, Event::conversion, Event::shift_add})
            count_all(event, conversions);
        if (hardware.adc.corrects_gain())
            count(Event::gain_correction, vectors * (work.gather_bytes / accumulator_bytes));
        write(Event::cell_write, std::int64_t{hardware.crossbar.rows} * hardware.crossbar.cols);
    }

    /// Takes away what the arrays' registers keep of a window for the next.
    void take_kept(const TileWork& work, const Share& share) {
        const int kind_of_layer = network_.kinds.of_layer(static_cast<int>(layer_));
        std::int64_t rows = 0;
        for (std::size_t kind = 0; kind < windows_.size(); ++kind)
            for (const TileWork::RowSlice& slice : work.row_slices)
                rows += static_cast<std::int64_t>(slice.blocks.size()) * share.of_kind[kind] *
                        kept_rows(graph_.layers[layer_], work, slice, windows_[kind].kept);
        add_to_layer(kind_of_layer, Event::input_register_byte,
                     -rows * network_.kinds[kind_of_layer].activation_bytes());
    }

    void count_matrix_task(const FlowTask& task) {
        const GraphLayer& layer = graph_.layers[task.layer];
        const Share& share = share_of(task);
        const TileWork& work = task.work;
        for (std::size_t kind = 0; kind < windows_.size(); ++kind) {
            const FetchBytes bytes = fetch_bytes(layer, work, windows_[kind], network_.layer_hardware(task.layer));
            access_buffer(task.tile, Event::buffer_read_byte, bytes.buffer, share.of_kind[kind]);
            use_bus(task.tile, bytes.bus, share.of_kind[kind]);
        }
        count_arrays(task, share.count);
        take_kept(work, share);
        use_bus(task.tile, work.gather_bytes, share.count);
        add(task.tile, &RoundActivity::Tile::accumulator, Event::accumulate,
            share.count * (work.gather_bytes / accumulator_bytes));
        if (task.home) {
            use_vector_unit(task.tile, layer.out.channels, share.count);
            return;
        }
        const int home = copy_of(task).home;
        destinations_.assign(1, home);
        send(task.tile, destinations_, work.partial_bytes(), std::int64_t{images_} * share.count);
        use_bus(home, work.partial_bytes(), share.count);
        add(home, &RoundActivity::Tile::accumulator, Event::accumulate, std::int64_t{share.count} * work.covered);
    }

    void count_digital_task(const FlowTask& task) {
        for (std::size_t kind = 0; kind < windows_.size(); ++kind) {
            const DigitalWork work = digital_work(graph_, graph_.layers[task.layer], windows_[kind].inside);
            const int times = share_of(task).of_kind[kind];
            access_buffer(task.tile, Event::buffer_read_byte, work.read_bytes, times);
            use_bus(task.tile, work.read_bytes, times);
            use_vector_unit(task.tile, work.operations, times);
        }
    }

    /// Finished positions, and the credits by which their copy's other tiles learn that they have retired.
    void count_output(const FlowTask& task) {
        const std::int64_t bytes = output_bytes(graph_.layers[task.layer]);
        const int positions = share_of(task).count;
        const std::int64_t messages = std::int64_t{images_} * positions;
        access_buffer(task.tile, Event::buffer_write_byte, bytes, positions);
        const std::vector<int>& to = activity_.receivers[layer_][task.copy];
        if (!to.empty()) {
            access_buffer(task.tile, Event::buffer_read_byte, bytes, positions);
            send(task.tile, to, bytes, messages);
        }
        for (int node : to)
            if (node == mapping_.io_node())
                add_to_io(bytes * positions);
            else
                access_buffer(node, Event::buffer_write_byte, bytes, positions);
        send_credits(task.tile, copy_of(task).tiles, messages);
    }

    /// A task sends a credit each time that what it still needs begins later: after a fetch, first_needed of its next
    /// position. The image after the last counts as well: the last fetch releases all that no image can need.
    std::int64_t releases(int l, std::size_t copy, int map_positions) const {
        const LayerWindows& windows = geometry_.windows(l);
        const std::size_t positions = windows.last.size(), copies = shares_.size();
        if (copy >= positions)
            return 0;
        const auto first = [&](std::size_t p) { return windows.first_in(p, map_positions); };
        const auto after = [&](std::size_t p) {
            return p + copies < positions ? first(p + copies) : first(positions) + first(copy);
        };
        std::int64_t moves = 0;
        for (std::size_t p = copy; p < positions; p += copies)
            moves += after(p) != first(p);
        const int second = after(copy);
        const int initial = (second != 0) - (second != first(copy));  // the first image starts from 0
        return images_ * moves + initial;
    }

    void count_stream_credits(const FlowTask& task) {
        for (std::size_t i = 0; i < credit_receivers_.size(); ++i)
            send_credits(task.tile, credit_receivers_[i], share_of(task).releases[i]);
    }

    /// To `nodes` but the tile itself.
    void send_credits(int tile, const std::vector<int>& nodes, std::int64_t messages) {
        destinations_.clear();
        for (int node : nodes)
            if (node != tile)
                destinations_.push_back(node);
        if (!destinations_.empty())
            send(tile, destinations_, 0, messages);
    }

    static constexpr int shared_kind = 0;  ///< of network and border

    const MappedNetwork& network_;
    const WorkloadGraph& graph_;
    const FlowGeometry& geometry_;
    const Mapping& mapping_;
    const HardwareConfig& hardware_;
    const FlowPlan& plan_;
    int images_;
    RoundActivity activity_;
    // Of the layer that is being counted.
    std::size_t layer_ = 0;
    std::vector<WindowFetches::Kind> windows_;        ///< that its positions read
    std::vector<Share> shares_;                       ///< by copy
    std::vector<std::vector<int>> credit_receivers_;  ///< by input
    std::vector<int> destinations_;
};

/// Arrays and registers of all rounds, instance by instance. The cycle model counts the same events by itself (MatrixTask):
/// neither knows the other's code, so that their equality says something.
class ArrayCount {
public:
    ArrayCount(const MappedNetwork& network, int images, ActivityRecord& record)
        : network_(network), graph_(network.graph), mapping_(network.mapping), paths_(mapping_), images_(images),
          record_(record) {}

    void run() {
        for (std::size_t l = 0; l < graph_.layers.size(); ++l) {
            const int copies = mapping_.layers[l].copy_count();
            begin_layer(static_cast<int>(l));
            for (int r = 0; r < copies; ++r) {
                count_copy(static_cast<int>(l), r,
                           std::int64_t{images_} * mapping_.layers[l].positions_of(r, graph_.layers[l]));
                if (network_.kinds[kind_].tile.window_reuse)
                    take_kept(graph_.layers[l], mapping_.layers[l].copies[static_cast<std::size_t>(r)], r, copies);
            }
        }
    }

private:
    void begin_layer(int layer) {
        kind_ = network_.kinds.of_layer(layer);
        tile_ = -1;
    }
    ActivityRecord& record() { return record_.of_kind(kind_); }

    void count_copy(int layer, int copy, std::int64_t vectors) {
        const HardwareConfig& hardware = network_.kinds[kind_];
        const LayerMapping& placed = mapping_.layers[static_cast<std::size_t>(layer)];
        const std::vector<PlacedBlock>& blocks = placed.copies[static_cast<std::size_t>(copy)].blocks;
        const MadeReads::Copy* made = network_.made(layer, copy);
        for (std::size_t b = 0; b < blocks.size(); ++b)
            count(blocks[b],
                  made ? Reads(blocks[b], hardware, made->blocks[b], images_, network_.reads->images)
                       : Reads(blocks[b], hardware, vectors * hardware.digits()),
                  vectors, placed.round > 0);
    }

    void count(const PlacedBlock& block, const Reads& made, std::int64_t vectors, bool written) {
        const HardwareConfig& hardware = network_.kinds[kind_];
        find_element(block);
        Counters& array = record().instances[InstancePaths::below(path_, InstancePaths::array_name(block.slot))];
        add(*input_, Event::input_register_byte, vectors * block.rows * hardware.activation_bytes());
        add(*output_, Event::output_register_byte, vectors * block.outs * accumulator_bytes);
        array.busy_cycles += static_cast<std::uint64_t>(made.reads * network_.of_kind(kind_).read(block.outs));
        if (hardware.is_digital())
            count_unit(block, vectors, written, hardware.digital, array);
        else
            count_array(block, made, vectors, written, hardware, array);
    }

    static void count_unit(const PlacedBlock& block, std::int64_t vectors, bool written, const DigitalConfig& unit,
                           Counters& counters) {
        add(counters, Event::mac, vectors * block.rows * block.outs);
        add(counters, Event::weight_read_byte, vectors * unit.steps(block.outs) * unit.set_bytes());
        if (written)
            add(counters, Event::weight_write_byte, std::int64_t{unit.weight_sets} * unit.set_bytes());
    }

    static void count_array(const PlacedBlock& block, const Reads& made, std::int64_t vectors, bool written,
                            const HardwareConfig& hardware, Counters& array) {
        const std::int64_t reads = made.reads, conversions = reads * hardware.conversions(block.outs);
        add(array, Event::cell_read, made.rows * hardware.crossbar.cols);
        add(array, Event::row_drive, made.driven);
        if (hardware.crossbar.sample_hold)
            add(array, Event::column_sample, reads * hardware.sampled_columns(block.outs));
        for (Event event : {Event::column_select, Event::conversion, Event::shift_add})
            add(array, event, conversions);
        if (hardware.adc.corrects_gain())
            add(array, Event::gain_correction, vectors * block.outs);
        if (written)
            add(array, Event::cell_write, std::int64_t{hardware.crossbar.rows} * hardware.crossbar.cols);
    }

    /// Takes away what input registers kept of a window for the next.
    void take_kept(const GraphLayer& layer, const LayerCopy& copy, int number, int copies) {
        const HardwareConfig& hardware = network_.kinds[kind_];
        const WindowFetches fetches(layer, LayerWindows(layer), copies, true);
        const std::vector<int> positions = fetches.count(number, copies);
        for (const TileWork& work : tile_works(layer, copy, hardware, WorkDetail::sizes))
            for (const TileWork::RowSlice& slice : work.row_slices) {
                std::int64_t rows = 0;
                for (std::size_t kind = 0; kind < positions.size(); ++kind)
                    rows += std::int64_t{positions[kind]} * kept_rows(layer, work, slice, fetches.kinds[kind].kept);
                for (int b : slice.blocks) {
                    find_element(copy.blocks[static_cast<std::size_t>(b)]);
                    add(*input_, Event::input_register_byte, -images_ * rows * hardware.activation_bytes());
                }
            }
    }

    static void add(Counters& counters, Event event, std::int64_t n) {
        counters[event] += static_cast<std::uint64_t>(n);
    }

    /// Blocks of one processing element mostly follow one another.
    void find_element(const PlacedBlock& block) {
        if (block.tile == tile_ && block.pe == pe_)
            return;
        tile_ = block.tile;
        pe_ = block.pe;
        path_ = paths_.pe(tile_, pe_);
        input_ = &record().instances[InstancePaths::below(path_, name_of(Component::input_register))];
        output_ = &record().instances[InstancePaths::below(path_, name_of(Component::output_register))];
    }

    const MappedNetwork& network_;
    const WorkloadGraph& graph_;
    const Mapping& mapping_;
    InstancePaths paths_;
    std::string path_;  ///< of the processing element
    int images_;
    ActivityRecord& record_;
    int kind_ = 0, tile_ = -1, pe_ = -1;
    Counters *input_ = nullptr, *output_ = nullptr;
};

}  // namespace

Counters& KindCounts::at(std::size_t layer, int kind) {
    std::vector<OfKind>& kinds = layers_[layer];
    const auto known = std::find_if(kinds.begin(), kinds.end(), [kind](const OfKind& k) { return k.kind == kind; });
    return known != kinds.end() ? known->counts : kinds.emplace_back(OfKind{kind, {}}).counts;
}

KindCounts& KindCounts::operator+=(const KindCounts& o) {
    layers_.resize(o.count());
    for (std::size_t l = 0; l < o.count(); ++l)
        for (const auto& [kind, counts] : o[l])
            at(l, kind) += counts;
    return *this;
}

RoundActivity count_round(const FlowGeometry& geometry, const MappedNetwork& network, const FlowPlan& plan,
                          int images) {
    return RoundCount(geometry, network, plan, images).run();
}

RoundActivity count_round(const MappedNetwork& network, const FlowPlan& plan, int images) {
    return count_round(FlowGeometry(network.graph), network, plan, images);
}

ActivityRecord empty_record(const HardwareKinds& kinds) {
    ActivityRecord record;
    if (kinds.count() > 1)
        record.kinds.resize(static_cast<std::size_t>(kinds.count()));
    return record;
}

void add_layers(ActivityRecord& record, const RoundActivity& round) {
    record.layers.resize(round.layers.count());
    for (ActivityRecord& kind : record.kinds)
        kind.layers.resize(round.layers.count());
    for (std::size_t l = 0; l < round.layers.count(); ++l)
        for (const auto& [kind, counts] : round.layers[l])
            record.of_kind(kind).layers[l] += counts;
}

ActivityRecord merge_rounds(const MappedNetwork& network, const std::vector<RoundActivity>& rounds, int images) {
    const Mapping& mapping = network.mapping;
    const InstancePaths paths(mapping);
    ActivityRecord record = empty_record(network.kinds);
    ArrayCount(network, images, record).run();
    ActivityRecord& shared = record.of_kind(0);
    for (const RoundActivity& round : rounds) {
        add_layers(record, round);
        shared.instances[paths.io()] += round.io;
        for (int t = 0; t < mapping.tiles(); ++t) {
            const RoundActivity::Tile& tile = round.tiles[t];
            const std::string path = paths.tile(t);
            ActivityRecord& of_type = record.of_kind(mapping.type_of(t));
            const auto part = [&](Component component) -> Counters& {
                return of_type.instances[InstancePaths::below(path, name_of(component))];
            };
            part(Component::buffer) += tile.buffer;
            part(Component::bus) += tile.bus;
            part(Component::accumulator) += tile.accumulator;
            part(Component::vector_unit) += tile.vector_unit;
            part(Component::controller) += tile.controller;
        }
        for (int r = 0; r < mapping.routers(); ++r) {
            Counters& router = shared.instances[paths.router(r)];
            router[Event::router_flit] += static_cast<std::uint64_t>(round.network.router(r));
            router[Event::link_flit] += static_cast<std::uint64_t>(round.network.links_of(r));
            router.busy_cycles = router[Event::router_flit];
        }
    }
    record.add_kinds();
    return record;
}

ActivityRecord count_activity(const MappedNetwork& network, int images) {
    const FlowGeometry geometry(network.graph);
    std::vector<RoundActivity> rounds;
    for (int r = 0; r < network.mapping.rounds; ++r)
        rounds.push_back(
            count_round(geometry, network, make_flow_plan(geometry, network, r, WorkDetail::sizes), images));
    return merge_rounds(network, rounds, images);
}

}  // namespace xloop
