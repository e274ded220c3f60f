#include "systemc_model/sim/chip_model.hpp"

#include "core/error.hpp"
#include "systemc_model/sim/wait_chain.hpp"

#include <fmt/format.h>
#include <algorithm>

// libsystemc.so refers to it; our programs have their own main and never call it.
extern "C" int sc_main(int, char**) { return 0; }

namespace xloop::sim {
namespace {

std::unique_ptr<Scheduler> make_scheduler(SimulationOptions::Scheduler kind, const char* name, double frequency_ghz) {
    const ClockDomain clock(frequency_ghz);
    return kind == SimulationOptions::Scheduler::wheel ? make_wheel_scheduler(name, clock)
                                                       : make_process_scheduler(name, clock);
}

}  // namespace

ChipModel::ChipModel(const sc_core::sc_module_name& name, const SimulationTask& task, const SimulationOptions& options,
                     std::function<void(int)> image_done)
    : sc_module(name),
      task_(task), run_{task.network,
                        task.chip,
                        InstancePaths(task.network.mapping, this->name()),
                        FlowGeometry(task.network.graph),
                        {},
                        0,
                        static_cast<std::uint64_t>(task.first),
                        options.limits.watchdog_cycles,
                        0,
                        0,
                        std::vector<RunState::LayerSums>(task.network.graph.layers.size()),
                        std::vector<KindBooks>(static_cast<std::size_t>(task.network.kinds.count()),
                                               {std::vector<Counters>(task.network.graph.layers.size() + 1),
                                                {},
                                                ActivityWindows(options.limits.power_window_cycles),
                                                {}}),
                        {}},
      digital_(make_scheduler(options.scheduler, "digital_clock", task.network.hardware.clock.frequency_ghz)),
      network_clock_(make_scheduler(options.scheduler, "network_clock", task.network.hardware.noc_clock_ghz())),
      probe_(options.trace && XLOOP_TRACE_HOOKS
                 ? std::make_unique<ChipProbe>(*options.trace,
                                               TraceContext{task.network, task.chip, run_.paths, digital_->clock(),
                                                            network_clock_->clock(), run_.first_image},
                                               this->name())
                 : nullptr),
      network_(make_network()), io_(std::make_unique<IoNode>("io", *digital_, run_, *network_, std::move(image_done))) {
    const int tiles = task.network.mapping.tiles();
    tiles_.resize(static_cast<std::size_t>(tiles));
    for (int k = 0; k < tiles; ++k) {
        const int t = options.reversed ? tiles - 1 - k : k;
        tiles_[static_cast<std::size_t>(t)] =
            std::make_unique<Tile>(task.network.mapping.tile_name(t).c_str(), *digital_, run_, t, *network_);
        network_->connect(t, *tiles_[static_cast<std::size_t>(t)]);
    }
    network_->connect(task.network.mapping.io_node(), *io_);
    if (options.watch)
        for (Scheduler* scheduler : {digital_.get(), network_clock_.get()})
            scheduler->set_poll([this, watch = options.watch] { watch({finished_share()}); });
    for (const GraphLayer& layer : task.network.graph.layers)
        result_.layers.push_back({layer.name, 1, 0, {}, {}, 0, 0, -1.0, {}});
}

ChipModel::~ChipModel() = default;

std::unique_ptr<NetworkModule> ChipModel::make_network() {
    run_.probe = probe_.get();
    return std::make_unique<NetworkModule>("noc", *network_clock_, digital_->clock(), run_);
}

double ChipModel::finished_share() const {
    double finished = 0, all = 0;
    for (std::size_t l = 0; l < run_.layers.size(); ++l) {
        finished += static_cast<double>(run_.layers[l].finished_positions);
        all += static_cast<double>(run_.positions_of(static_cast<int>(l)) * run_.images);
    }
    return all > 0 ? finished / all : 0.0;
}

void ChipModel::begin_round(int round, std::uint64_t cycle) {
    run_.plan = make_flow_plan(run_.geometry, task_.network, round, WorkDetail::lists);
    SimulationResult::Round times;
    times.start_cycle = cycle;
    if (round > 0) {
        times.write_cycles = static_cast<std::uint64_t>(reprogram_cycles(task_.network));
        count_writes(cycle, cycle + times.write_cycles);
    }
    const std::uint64_t begin = cycle + times.write_cycles;
    run_.last_progress = begin;
    if (probe_ && round == 0)
        probe_->begin();
    for (const auto& tile : tiles_)
        tile->begin_round(begin);
    io_->begin_round(begin);
    result_.rounds.push_back(times);
}

void ChipModel::count_writes(std::uint64_t begin, std::uint64_t end) {
    for (std::size_t l = 0; l < task_.network.mapping.layers.size(); ++l) {
        const LayerMapping& layer = task_.network.mapping.layers[l];
        if (layer.round != run_.plan.round)
            continue;
        const int kind = task_.network.kinds.of_layer(static_cast<int>(l));
        const HardwareConfig& hardware = task_.network.kinds[kind];
        const CrossbarConfig& array = hardware.crossbar;
        const Event event = hardware.is_digital() ? Event::weight_write_byte : Event::cell_write;
        const std::int64_t written = hardware.is_digital()
                                         ? std::int64_t{hardware.digital.set_bytes()} * hardware.digital.weight_sets
                                         : std::int64_t{array.rows} * array.cols;
        for (const LayerCopy& copy : layer.copies)
            for (const PlacedBlock& block : copy.blocks) {
                const std::string path = run_.paths.array(block);
                if (probe_)
                    probe_->count(probe_->declare_instance(path, kind), event, written, begin, end);
                run_.instance(kind, path)[event] += static_cast<std::uint64_t>(written);
                run_.charge(kind, {static_cast<int>(l)}, event, written, begin, end);
            }
    }
}

void ChipModel::end_round(std::uint64_t cycle) {
    result_.rounds.back().end_cycle = cycle;
    for (const auto& tile : tiles_)
        tile->end_round(cycle, result_);
    io_->check_conservation();
    network_->check_conservation();
}

SimulationResult ChipModel::result(std::uint64_t cycles) {
    result_.cycles = cycles;
    result_.noc_cycles = cycles * digital_->clock().period_fs() / network_clock_->clock().period_fs();
    for (std::size_t l = 0; l < result_.layers.size(); ++l) {
        SimulationResult::Layer& layer = result_.layers[l];
        const LayerMapping& placed = task_.network.mapping.layers[l];
        RunState::LayerSums& sums = run_.layers[l];
        layer.copies = placed.copy_count();
        for (const LayerCopy& copy : placed.copies)
            layer.arrays += static_cast<int>(copy.blocks.size());
        layer.images = sums.images;
        const KindBooks& books =
            run_.kinds[static_cast<std::size_t>(task_.network.kinds.of_layer(static_cast<int>(l)))];
        const auto pulses = static_cast<double>(books.layers[l][Event::row_pulse]);
        layer.active_rows = sums.row_reads == 0 ? -1.0 : pulses / static_cast<double>(sums.row_reads);
        for (StateCycles& task : layer.tasks)
            task.idle += cycles - task.total();
    }
    for (const auto& tile : tiles_)
        tile->report(cycles, result_);
    network_->report(result_);
    io_->report(result_);
    add_books(cycles);
    result_.events = run_.events;
    if (probe_)
        probe_->end(result_);
    return std::move(result_);
}

void ChipModel::add_books(std::uint64_t cycles) {
    const bool several = run_.kinds.size() > 1;
    for (KindBooks& books : run_.kinds) {
        books.instances.layers = std::move(books.layers);
        SimulationResult::Kind kind{std::move(books.image_data), books.windows.until(cycles)};
        if (!several) {
            result_.activity = std::move(books.instances);
            result_.image_data = std::move(kind.image_data);
            result_.windows = std::move(kind.windows);
            return;
        }
        result_.activity.kinds.push_back(std::move(books.instances));
        result_.image_data.resize(kind.image_data.size());
        for (std::size_t i = 0; i < kind.image_data.size(); ++i)
            result_.image_data[i] += kind.image_data[i];
        result_.windows.resize(kind.windows.size(), PerEvent{});
        for (std::size_t w = 0; w < kind.windows.size(); ++w)
            for (std::size_t e = 0; e < event_count; ++e)
                result_.windows[w][e] += kind.windows[w][e];
        result_.kinds.push_back(std::move(kind));
    }
    result_.activity.add_kinds();
}

void ChipModel::rethrow() const {
    for (const Scheduler* scheduler : {digital_.get(), network_clock_.get()})
        if (scheduler->failure()) {
            try {
                std::rethrow_exception(scheduler->failure());
            } catch (const Stalled&) {
                throw Error(fmt::format("no position was finished for {} cycles, at cycle {}; waiting:\n{}",
                                        run_.watchdog_cycles, now(), state()));
            }
        }
}

std::string ChipModel::state() const {
    std::string text = io_->state();
    std::vector<const Task*> tasks(run_.plan.tasks.size(), nullptr);
    for (const auto& tile : tiles_) {
        text += tile->state();
        for (const auto& task : tile->tasks())
            tasks[static_cast<std::size_t>(task->number())] = task.get();
    }
    return text + network_->state() + wait_chain(tasks);
}

}  // namespace xloop::sim
