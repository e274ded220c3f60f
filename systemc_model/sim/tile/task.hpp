#pragma once

#include "systemc_model/mapping/window.hpp"
#include "systemc_model/sim/tile/output_stage.hpp"
#include "systemc_model/sim/tile/state_clock.hpp"
#include "systemc_model/sim/tile/tile_parts.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace xloop::sim {

/// What somebody waits for, for the watchdog.
struct Wait {
    std::string reason;      ///< empty: nothing
    int producer_task = -1;  ///< plan index of the task that would have to act; -1: the i/o node or nobody
};

/// A tile's share of one copy of a layer: takes positions from its input streams in own order.
class Task {
public:
    Task(TileParts& tile, int number);
    virtual ~Task() = default;

    /// Starts what can be started now. Returns whether anything moved.
    virtual bool advance() = 0;
    virtual void on(const Action& action) = 0;
    /// The home of this copy has retired positions below `retired`.
    virtual void on_entry_credit(std::uint64_t) {}
    /// Adds what its arrays did to the figures of its layer and to the counters of the arrays.
    virtual void report(SimulationResult::Layer&) const {}
    /// Throws Error unless every position of every image has passed every step.
    virtual void check_conservation() const = 0;
    virtual Wait waits_for() const = 0;

    int number() const { return number_; }
    int layer() const { return plan_.layer; }
    OutputStage* stage() { return stage_ ? &*stage_ : nullptr; }
    const OutputStage* stage() const { return stage_ ? &*stage_ : nullptr; }
    void update_state(std::uint64_t cycle) { clock_.set(state(), cycle); }
    void trace_state(std::uint64_t cycle) {
        const WorkState now = state();
        const bool stalled = now == WorkState::waiting || now == WorkState::blocked;
        tile_.probe->task_state(number_, now, stalled ? stall_cause() : nullptr, cycle);
    }
    StateCycles states(std::uint64_t end) const { return clock_.cycles(end); }
    std::string place() const;

protected:
    virtual WorkState state() const = 0;
    /// Why it waits or is blocked: the first of the reasons of waits_for(), as a text that lives on.
    virtual const char* stall_cause() const = 0;

    std::uint64_t total() const { return own_.per_image() * tile_.run.images; }
    const StreamBuffer& input(std::size_t index) const {
        return *tile_.streams[static_cast<std::size_t>(plan_.streams[index])];
    }
    /// Whether all inputs of position `own` are in the buffer.
    bool inputs_here(std::uint64_t own) const;
    /// The first input that is not: index of the layer's inputs; -1: all are there.
    int missing_input(std::uint64_t own) const;
    Wait wait_for_input(std::uint64_t own) const;
    Wait wait_for_output() const;
    /// As text that lives on; null: the output is not held up.
    const char* output_cause() const;
    /// Position `own` has been read: moves this task's pointers in its streams, and tells the producers.
    void release_inputs(std::uint64_t own);
    /// Copies the window of position `own` from the streams into maps(), at its places in a whole map.
    void gather_inputs(std::uint64_t own);
    /// What the window of position `own` holds in the buffer, input by input, padding left out; nothing without values.
    void append_window(std::uint64_t own, TileProbe::Bytes& bytes) const;
    /// Where it begins.
    std::uint64_t window_address(std::uint64_t own) const;
    Purpose purpose(std::uint64_t own) const {
        return {layer(), static_cast<std::int64_t>(own_.image(own)), own_.position(own)};
    }
    /// The input maps, as far as gather_inputs has filled them.
    const std::vector<InputMap>& maps() const { return maps_; }

    TileParts& tile_;
    const int number_;
    const FlowTask& plan_;
    const GraphLayer& shape_;
    const LayerWindows& windows_;
    OwnPositions own_;
    std::optional<OutputStage> stage_;

private:
    template <class Visit>
    void for_window(std::uint64_t own, std::size_t index, const Visit& visit) const;
    const Stream& stream(std::size_t index) const {
        return tile_.run.plan.streams[static_cast<std::size_t>(plan_.streams[index])];
    }
    std::uint64_t needed_until(std::uint64_t own, std::size_t index) const;
    std::uint64_t first_kept(std::uint64_t own, std::size_t index) const;

    StateClock clock_;
    std::vector<std::vector<int>> producers_;  ///< nodes that send each input, this tile left out
    std::vector<int> reader_numbers_;          ///< of this task in each input stream
    std::vector<std::uint64_t> released_;      ///< in each input stream
    std::vector<FeatureMap> values_;           ///< scratch of whole input maps
    std::vector<InputMap> maps_;               ///< what is in it
};

std::unique_ptr<Task> make_matrix_task(TileParts& tile, int number);
std::unique_ptr<Task> make_digital_task(TileParts& tile, int number);

}  // namespace xloop::sim
