#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace xloop {

/// A signal of the model: the path of the instance that owns it, its name and its width in bits.
struct TraceSignal {
    std::string scope;  ///< "chip.tile_0_1.xbar_3"
    std::string name;
    int width = 1;
};

/// Receives the changes of a run, in order of time.
class TraceSink {
public:
    virtual ~TraceSink() = default;
    /// All signals are known and start at 0; called once, before any change.
    virtual void begin(const std::vector<TraceSignal>& signals) = 0;
    virtual void change(std::uint64_t cycle, int signal, std::uint64_t value) = 0;
    /// The run ended at `cycle`.
    virtual void end(std::uint64_t cycle) = 0;
};

/// Carries value changes from the components to the sinks. A component holds a pointer that is null when nothing is
/// traced, so that tracing costs one test when it is off. Times must not go backwards.
class TraceBus {
public:
    explicit TraceBus(std::vector<TraceSink*> sinks) : sinks_(std::move(sinks)) {}

    /// Before the run. Returns the number by which the signal is known.
    int declare(std::string scope, std::string name, int width);
    void begin();
    void change(std::uint64_t cycle, int signal, std::uint64_t value);
    void end(std::uint64_t cycle);

private:
    std::vector<TraceSink*> sinks_;
    std::vector<TraceSignal> signals_;
    std::vector<std::uint64_t> values_;
};

}  // namespace xloop
