#pragma once

#include "systemc_model/sim/kernel/agent.hpp"
#include "systemc_model/sim/network/network_module.hpp"
#include "systemc_model/sim/tile/task.hpp"
#include "systemc_model/sim/tile/tile_parts.hpp"

#include <deque>
#include <memory>
#include <string>
#include <vector>

namespace xloop::sim {

/// A part of a tile, as a place in the hierarchy; what it does is in the tile's tasks and servers.
class Part : public sc_core::sc_module {
public:
    explicit Part(const sc_core::sc_module_name& name) : sc_module(name) {}
};

/// One array with what belongs to it alone.
class Crossbar : public sc_core::sc_module {
public:
    explicit Crossbar(const sc_core::sc_module_name& name) : sc_module(name) {}

private:
    Part row_drivers_{"row_drivers"}, sample_hold_{"sample_hold"}, adc_bank_{"adc_bank"}, shift_add_{"shift_add"};
};

/// A digital unit, in the place of an array.
class DigitalUnit : public sc_core::sc_module {
public:
    explicit DigitalUnit(const sc_core::sc_module_name& name) : sc_module(name) {}

private:
    Part mac_array_{"mac_array"}, weight_memory_{"weight_memory"};
};

/// A processing element: registers and arrays, or digital units.
class ProcessingElement : public sc_core::sc_module {
public:
    ProcessingElement(const sc_core::sc_module_name& name, const std::vector<int>& arrays, TileEngine engine);

private:
    Part input_register_, output_register_;
    std::vector<std::unique_ptr<sc_core::sc_module>> arrays_;
};

/// One tile: activation buffer, shared bus, processing elements, accumulate unit, vector unit, network interface. Its
/// process is the controller, which carries out what is due and starts what can be started.
class Tile : public Agent, public NetworkClient, private TileParts {
public:
    Tile(const sc_core::sc_module_name& name, Scheduler& scheduler, RunState& run_state, int number,
         NetworkModule& network);
    ~Tile() override;

    /// Takes up the tasks of the run's plan. Only while nothing is under way.
    void begin_round(std::uint64_t cycle);
    /// Checks that all work of the round is done, and adds its figures.
    void end_round(std::uint64_t cycle, SimulationResult& result);
    /// Adds what belongs to no round.
    void report(std::uint64_t cycles, SimulationResult& result) const;

    void message_arrived(int message, std::uint64_t cycle) override;
    void message_left(int message, std::uint64_t cycle) override;

    const std::vector<std::unique_ptr<Task>>& tasks() const { return tasks_; }
    /// Every queue of the tile that is not empty; empty when nothing waits.
    std::string state() const;

private:
    void on_cycle(std::uint64_t cycle) override;
    void handle(const Action& action);
    void on_message();
    void on_partial(const Message& message);
    void on_stored(int number);
    void trace_arrival(const Message& message, std::uint64_t stored);
    void trace_levels(std::uint64_t cycle, std::uint64_t held_bytes);
    Task& task(int number);
    Task* find_task(int layer, int copy);

    void post(const Action& action) override;
    void send(Message message, const std::vector<int>& destinations) override;
    std::uint64_t now() const override { return now_; }

    NetworkModule& network_;
    Part buffer_part_, bus_part_, accumulator_part_, vector_unit_part_, network_interface_part_, controller_part_;
    std::vector<std::unique_ptr<ProcessingElement>> pes_;
    std::unique_ptr<TileProbe> tile_probe_;

    std::vector<std::unique_ptr<StreamBuffer>> own_streams_;
    std::vector<std::unique_ptr<Task>> tasks_;
    ActionQueue actions_;
    std::deque<int> arrived_;
    std::uint64_t now_ = 0, arrivals_ = 0;
    std::uint64_t buffer_high_water_ = 0, entry_high_water_ = 0, interface_high_water_ = 0;
};

}  // namespace xloop::sim
