#pragma once

#include "systemc_model/sim/io_node.hpp"
#include "systemc_model/sim/network/network_module.hpp"
#include "systemc_model/sim/run_state.hpp"
#include "systemc_model/sim/simulate.hpp"
#include "systemc_model/sim/tile/tile.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace xloop::sim {

/// The whole chip: tiles, network, i/o node, and the two clocks. Its name begins every instance path.
class ChipModel : public sc_core::sc_module {
public:
    /// `image_done(number done)`, if there is one, is called with the last logit of an image.
    ChipModel(const sc_core::sc_module_name& name, const SimulationTask& task, const SimulationOptions& options,
              std::function<void(int)> image_done = {});
    ~ChipModel() override;

    IoNode& io() { return *io_; }
    std::uint64_t now() const { return digital_->now(); }
    /// Places round `round` on the chip at cycle `cycle`.
    void begin_round(int round, std::uint64_t cycle);
    /// Adds the round's figures; throws Error unless everything is where it belongs. Nothing may be under way.
    void end_round(std::uint64_t cycle);
    SimulationResult result(std::uint64_t cycles);
    /// Rethrows what a module threw.
    void rethrow() const;
    bool round_done() const { return io_->round_done(); }
    /// Every queue that is not empty, who waits for whom, and the cycle of waits.
    std::string state() const;

private:
    /// The cells of a round are written in the cycles [begin, end).
    void count_writes(std::uint64_t begin, std::uint64_t end);
    /// Sums the books of the kinds of hardware up in the result.
    void add_books(std::uint64_t cycles);
    double finished_share() const;
    /// The probe, if there is one, must be known to the run before any module is made.
    std::unique_ptr<NetworkModule> make_network();

    const SimulationTask task_;
    RunState run_;
    std::unique_ptr<Scheduler> digital_, network_clock_;
    std::unique_ptr<ChipProbe> probe_;
    std::unique_ptr<NetworkModule> network_;
    std::unique_ptr<IoNode> io_;
    std::vector<std::unique_ptr<Tile>> tiles_;
    SimulationResult result_;
};

}  // namespace xloop::sim
