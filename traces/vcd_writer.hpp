#pragma once

#include "traces/trace_bus.hpp"

#include <iosfwd>

namespace xloop {

/// Writes the changes inside a window of cycles as a value change dump (IEEE 1364-2005, clause 18). Scopes are the
/// instance paths. The dump starts with every signal's value at the window's first cycle.
class VcdWriter : public TraceSink {
public:
    /// Window [from_cycle, from_cycle + cycles); a cycle lasts `period_ps` picoseconds. `version` goes into the header.
    VcdWriter(std::ostream& out, std::uint64_t from_cycle, std::uint64_t cycles, double period_ps, std::string version);

    void begin(const std::vector<TraceSignal>& signals) override;
    void change(std::uint64_t cycle, int signal, std::uint64_t value) override;
    void end(std::uint64_t cycle) override;

private:
    void write_header();
    void open_window();
    void write_time(std::uint64_t cycle);
    void write_value(int signal);

    std::ostream& out_;
    std::uint64_t from_, to_;
    double period_ps_;
    std::string version_;
    std::vector<TraceSignal> signals_;
    std::vector<std::string> codes_;
    std::vector<std::uint64_t> values_;
    bool open_ = false;
    std::uint64_t written_cycle_ = 0;
};

}  // namespace xloop
