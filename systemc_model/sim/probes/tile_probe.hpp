#pragma once

#include "systemc_model/mapping/durations.hpp"
#include "systemc_model/mapping/flow_plan.hpp"
#include "systemc_model/sim/probes/array_waves.hpp"
#include "systemc_model/sim/tile/state_clock.hpp"
#include "traces/bus/trace_bus.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace xloop::sim {

/// What a transfer is for; for the time line. -1: none.
struct Purpose {
    std::int64_t layer = -1, image = -1, position = -1;
};

/// A server's time that a transfer has taken: cycles [begin, begin + cycles) of port `port`.
struct Access {
    std::uint64_t begin = 0;
    int cycles = 0, port = 0;
};

/// The signals, counts and time lines of one tile. Data are empty in runs without values.
class TileProbe {
public:
    /// `plans`: of all rounds.
    TileProbe(trace::TraceBus& bus, const TraceContext& context, int tile, const std::string& path,
              const std::vector<FlowPlan>& plans);
    ~TileProbe();

    /// The tile begins to work in a cycle; what it is left with after it.
    void awake(std::uint64_t cycle);
    struct Levels {
        bool pending;                       ///< more will happen without a message from outside
        int places;                         ///< free in the network interface
        std::uint64_t held_bytes, entries;  ///< in the buffer; positions under way in the accumulate unit
    };
    void settle(std::uint64_t cycle, const Levels& levels);
    /// A task's state from `cycle` on. `cause`: of waiting or being blocked; text that outlives the run.
    void task_state(int number, WorkState state, const char* cause, std::uint64_t cycle);

    void begin_round(int round) { round_ = static_cast<std::size_t>(round); }
    /// The arrays of a task of the round; null for one without a matrix.
    ArrayWaves* waves(int number) { return tasks_[round_][static_cast<std::size_t>(number)].waves.get(); }

    using Bytes = std::vector<std::uint8_t>;
    void read_buffer(const Access& access, std::uint64_t address, const Bytes& data, const Purpose& purpose);
    void write_buffer(const Access& access, std::uint64_t address, const Bytes& data, const Purpose& purpose);
    /// `data`: null when a job gives the values (ArrayWaves::gather).
    void use_bus(const Access& access, const Bytes* data, const char* what, const Purpose& purpose);
    /// The accumulate unit has added to the sums of a position.
    void accumulate(std::uint64_t cycle, std::uint64_t own, const std::vector<std::int32_t>& sums);
    void use_vector_unit(const Access& access, const Purpose& purpose);
    /// The arrays of a task read one vector.
    void array_reads(int number, std::uint64_t begin, std::uint64_t end, const Purpose& purpose);
    /// A finished position leaves the vector unit.
    void vector_result(std::uint64_t cycle, const Bytes& data);
    void message_sent(std::uint64_t cycle);
    void message_arrived(std::uint64_t cycle);

    /// Byte address of a position of a stream of the tile; of a finished position of a task.
    std::uint64_t stream_address(int stream, std::uint64_t position) const;
    std::uint64_t output_address(int number, std::uint64_t own) const;
    /// Bytes that are read for a fetch; scratch.
    Bytes& scratch() { return scratch_; }

private:
    struct TaskEntry {
        std::unique_ptr<ArrayWaves> waves;
        int state_signal = -1, reads_track = -1, stall_track = -1;
        std::uint64_t output_base = 0, entry_bytes = 0;
        WorkState state = WorkState::idle;
        const char* cause = nullptr;
        std::uint64_t since = 0;
    };
    struct Port {
        int enable, write, address, write_data, read_data, track;
    };
    void declare_signals(const std::string& path);
    void declare_tasks(const std::string& path, const std::vector<FlowPlan>& plans);
    void access_buffer(const Access& access, bool write, std::uint64_t address, const Bytes& data,
                       const Purpose& purpose);
    /// Data word by word, `width` bits a cycle, from cycle `first` on; returns the cycle after the last.
    std::uint64_t beats(int signal, int width, std::uint64_t first, const std::uint8_t* data, std::size_t size);
    void pulse(int signal, std::uint64_t begin, std::uint64_t end);
    trace::Time time(std::uint64_t cycle) const { return context_.time(cycle); }

    trace::TraceBus& bus_;
    const TraceContext& context_;
    int tile_;
    std::size_t round_ = 0;
    std::vector<std::vector<TaskEntry>> tasks_;                                       ///< [round][number]
    std::vector<std::vector<std::uint64_t>> stream_bases_;                            ///< [round][stream]
    std::vector<std::vector<std::pair<std::uint64_t, std::uint64_t>>> stream_shape_;  ///< capacity, bytes of a position
    int address_shift_ = 0, address_bits_ = 1;
    std::vector<Port> ports_;
    int clock_enable_, bus_valid_, bus_data_, accumulate_write_, accumulate_entry_, accumulate_sum_, vector_enable_,
        vector_data_, out_valid_, out_ready_, free_places_, in_valid_;
    int bus_track_ = -1, vector_track_ = -1, buffer_level_ = -1, places_level_ = -1, entries_level_ = -1;
    std::uint64_t accumulate_free_ = 0, result_free_ = 0, out_free_ = 0, in_free_ = 0;
    Levels shown_{false, -1, ~std::uint64_t{0}, ~std::uint64_t{0}};
    std::vector<std::uint64_t> words_;
    Bytes scratch_;
};

}  // namespace xloop::sim
