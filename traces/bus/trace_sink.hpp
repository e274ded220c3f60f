#pragma once

#include "core/activity.hpp"
#include "traces/bus/time_windows.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace xloop::trace {

/// What a run will say; signals, instances and tracks are known by their index from then on.
struct Declarations {
    std::vector<Signal> signals;
    std::vector<Instance> instances;
    std::vector<Track> tracks;
    std::vector<Pattern> patterns;
    std::uint64_t cycle_fs = 1'000'000;  ///< period of the digital clock
    std::string design = "chip";
    std::string program;                   ///< "xloop 0.1.0"
    const TimeWindows* windows = nullptr;  ///< grows during a run when regions are traced; known up to Sink::advance
    Time time_of(std::uint64_t cycle) const { return cycle * cycle_fs / 1000; }
};

struct ValueChange {
    Time time;
    int signal;
    const std::uint64_t* words;  ///< Signal::words() of them
};

/// Several values of one signal of at most 32 bits, at the times start + offsets[i].
struct Burst {
    Time start;
    int signal;
    const Pattern* pattern;
    const std::int32_t* values;  ///< as many as offsets; the lower Signal::width bits count
    std::size_t count() const { return pattern->offsets.size(); }
    Time first() const { return start + pattern->offsets.front(); }
    Time last() const { return start + pattern->offsets.back(); }
};

/// Pulses of one signal of one bit: high from each offset on for `high` picoseconds, less than the distance of two offsets.
struct Pulses {
    Time start;
    int signal;
    const Pattern* pattern;
    Time high;
};

/// `n` events of an instance, spread evenly over the cycles [begin, end) of the digital clock.
struct Count {
    int instance;
    Event event;
    std::uint64_t n;
    std::uint64_t begin, end;
};

/// Something that took from `begin` to `end`. Slices of one track may not cross, but one may lie within another.
struct Slice {
    int track;
    std::string_view name;      ///< "read", "stage2_1_a", "wait: input"
    std::string_view category;  ///< "operation", "stall", "layer", "image", "message"
    Time begin, end;
    std::int64_t layer, image, position;  ///< -1: none
};

/// The level of a queue from `time` on.
struct Level {
    int track;
    Time time;
    std::int64_t value;
};

/// Receives a run's trace in the writer's thread. What belongs to one signal comes in order of time, of several changes
/// at one time the last one counts; between signals the order is that of time only for sinks that ask for it.
class Sink {
public:
    enum class Wants : std::uint8_t { signals, counts, timeline };

    virtual ~Sink() = default;
    virtual Wants wants() const = 0;
    /// Whether it needs to know the windows of whatever it is given, and advance() to run on with the model: then records
    /// are held back until the model has come to their ends.
    virtual bool needs_order() const { return false; }

    virtual void begin(const Declarations&) = 0;
    virtual void value(const ValueChange&) {}
    virtual void burst(const Burst&) {}
    virtual void pulses(const Pulses&) {}
    virtual void count(const Count&) {}
    virtual void slice(const Slice&) {}
    virtual void level(const Level&) {}
    /// Nothing that begins before `time` comes any more.
    virtual void advance(Time) {}
    /// The run ended at `time`: nothing later was traced. Finishes the file.
    virtual void end(Time) = 0;
    /// What the user should know besides the file: "stopped at ...: size limit"; empty: nothing.
    virtual std::string remark() const { return {}; }
};

}  // namespace xloop::trace
