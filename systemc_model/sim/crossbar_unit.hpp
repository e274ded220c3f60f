#pragma once

#include "core/activity.hpp"
#include "systemc_model/crossbar/programmed_array.hpp"
#include "systemc_model/mapping/tile_work.hpp"
#include "systemc_model/sim/clocked_agent.hpp"
#include "traces/trace_bus.hpp"

#include <optional>
#include <string>
#include <vector>

namespace xloop::sim {

/// What a unit tells its tile; every message carries a later cycle than the one in which it is sent.
class UnitOwner {
public:
    virtual ~UnitOwner() = default;
    /// The unit took position `position` from its input register into execution: the register is free.
    virtual void unit_started(int layer, int block, int position, std::uint64_t cycle) = 0;
    virtual void unit_finished(int layer, int block, int position, std::vector<std::int32_t> partial_sums,
                               std::uint64_t cycle) = 0;
};

/// One array with its input register, row drivers, sample-and-hold, ADCs and shift-and-add. Reads bit after bit; the
/// conversion of one read overlaps with the next read. It decides when; the programmed array says what.
class CrossbarUnit : public ClockedAgent {
public:
    CrossbarUnit(const sc_core::sc_module_name& name, const ClockDomain& clock, const ProgrammedArray& array,
                 const HardwareConfig& hardware, int layer, int block, UnitOwner& owner, TraceBus* trace);

    /// Loads the input register (one byte for each row), which must be free.
    void load(std::int64_t image, int position, std::vector<std::uint8_t> inputs);
    const Counters& counters() const { return counters_; }

private:
    struct Vector {
        std::int64_t image = 0;
        int position = 0;
        std::vector<std::uint8_t> inputs;
    };

    void on_cycle(std::uint64_t cycle) override;
    void start(std::uint64_t first_read);
    void hold_and_convert(std::uint64_t cycle);
    void count_read();

    const ProgrammedArray& array_;
    Durations durations_;
    std::uint64_t cells_, lines_, columns_;
    int layer_, block_;
    UnitOwner& owner_;
    Counters counters_;

    std::optional<Vector> waiting_, running_;
    std::vector<std::int32_t> codes_;  ///< of all reads of the running vector
    std::vector<std::int32_t> raw_;    ///< shift-and-add register of each output
    int read_ = 0;
    std::uint64_t hold_cycle_ = 0;  ///< when the columns of the current read are held
    std::uint64_t adc_free_ = 0;    ///< when the conversions of the last held read are done

    TraceBus* trace_;
    int position_signal_ = 0, read_signal_ = 0, rows_signal_ = 0, code_signal_ = 0;
};

}  // namespace xloop::sim
