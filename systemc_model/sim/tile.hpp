#pragma once

#include "core/activity.hpp"
#include "systemc_model/chip/chip.hpp"
#include "systemc_model/mapping/tile_work.hpp"
#include "systemc_model/sim/clocked_agent.hpp"
#include "systemc_model/sim/crossbar_unit.hpp"
#include "systemc_model/sim/noc.hpp"
#include "systemc_model/sim/packet.hpp"

#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

namespace xloop::sim {

/// A resource that serves one request after the other, in the order in which they come.
class Server {
public:
    /// Takes the resource for `cycles`; returns when it is done.
    std::uint64_t take(std::uint64_t now, int cycles) {
        free_ = std::max(now, free_) + static_cast<std::uint64_t>(cycles);
        busy_ += static_cast<std::uint64_t>(cycles);
        return free_;
    }
    std::uint64_t busy_cycles() const { return busy_; }

private:
    std::uint64_t free_ = 0, busy_ = 0;
};

/// First and last cycle of a layer's work for one image.
struct LayerSpan {
    std::uint64_t start = ~std::uint64_t{0}, end = 0;
};

/// One tile: activation buffer, shared bus, crossbar units, accumulators, vector unit, and the controller that moves
/// data among them. Layer by layer: a layer starts when all of its input maps are in the buffer.
class Tile : public ClockedAgent, public PacketReceiver, public UnitOwner {
public:
    Tile(const sc_core::sc_module_name& name, const ClockDomain& clock, const Chip& chip, int tile, Noc& noc,
         std::vector<LayerSpan>& spans, TraceBus* trace);
    ~Tile() override;

    /// Forgets the last image. Only while the chip is idle.
    void begin_image(std::int64_t image);
    void report(ActivityRecord& record) const;
    /// What the tile waits for, for the message of a run that does not end; empty when it waits for nothing.
    std::string state() const;

    void deliver(Packet packet, std::uint64_t cycle) override;
    void unit_started(int layer, int block, int position, std::uint64_t cycle) override;
    void unit_finished(int layer, int block, int position, std::vector<std::int32_t> partial_sums,
                       std::uint64_t cycle) override;

private:
    enum class What { packet, unit_started, unit_finished, fetched, gathered, partial_received, finished };

    /// What is due, in an order that does not depend on who came first: (cycle, kind, layer, position, who).
    struct Action {
        std::uint64_t cycle;
        What what;
        int layer, position, who;
        bool operator<(const Action& o) const {
            return std::tie(cycle, what, layer, position, who) < std::tie(o.cycle, o.what, o.layer, o.position, o.who);
        }
    };
    struct Payload {
        Packet packet;
        std::vector<std::int32_t> sums;
    };
    /// A map in the buffer, of a layer or (-1) of the image.
    struct StoredMap {
        FeatureMap values;
        int positions = 0, received = 0;
        bool complete() const { return received == positions; }
    };
    /// Sums of one output position on their way, and how many contributions they hold.
    struct Sums {
        int contributions = 0;
        std::vector<std::int32_t> values;
    };
    /// The tile's share of a crossbar layer, or a pooling or add layer.
    struct Task {
        int layer = 0;
        TileWork work;                     ///< of a crossbar layer
        std::vector<CrossbarUnit*> units;  ///< in the order of work.blocks
        bool started = false;
        int next_fetch = 0;                ///< position
        int units_started = 0;             ///< on the position fetched last
        std::map<int, Sums> sums;          ///< by position: partial sums of this tile's units
    };
    /// Reduction of a crossbar layer whose home this is.
    struct Reduction {
        int tiles = 0;
        std::map<int, Sums> sums;  ///< by position
    };

    void on_cycle(std::uint64_t cycle) override;
    void handle(const Action& action, Payload& payload);
    void post(Action action, Payload payload = {});
    void on_packet(Packet& packet);
    void store(int layer, int position, const std::vector<std::int32_t>& values);
    void start_ready_tasks();
    void fetch(Task& task);
    void on_fetched(Task& task, int position);
    void on_unit_finished(Task& task, int block, int position, const std::vector<std::int32_t>& sums);
    void on_gathered(Task& task, int position);
    void contribute(int layer, int position, const std::vector<std::int32_t>& values, const std::vector<bool>& covers);
    void on_finished(int layer, int position);
    void distribute(int layer, int position, std::vector<std::int32_t> values);
    void count_finish_work(int layer, int position);
    Task& task_of(int layer);
    const GraphLayer& layer_of(int index) const { return chip_.graph().layers[index]; }

    const Chip& chip_;
    int tile_;
    Durations durations_;
    Noc& noc_;
    std::vector<LayerSpan>& spans_;
    std::vector<std::unique_ptr<CrossbarUnit>> units_;
    std::vector<Task> tasks_;
    std::map<int, Reduction> reductions_;
    std::map<int, std::vector<int>> readers_;  ///< tiles that read a layer whose home this is
    std::map<int, StoredMap> maps_;
    std::map<Action, Payload> due_;
    std::int64_t image_ = 0;

    Server bus_, vector_unit_;
    Counters buffer_, bus_counters_, accumulator_, vector_counters_;
    TraceBus* trace_;
    int layer_signal_ = 0, position_signal_ = 0;
};

}  // namespace xloop::sim
