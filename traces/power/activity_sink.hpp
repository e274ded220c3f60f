#pragma once

#include "traces/bus/window_counts.hpp"
#include "traces/text/limited_text.hpp"

#include <memory>
#include <optional>

namespace xloop::trace {

/// Events by window as CSV: start_cycle,end_cycle,instance,event,count; those above 0, in order of window, instance path and
/// event. The counts of an instance add up to what it counted while it was traced (see WindowCounts).
class ActivitySink : public Sink {
public:
    /// Windows of `window_cycles`; the file holds whole windows, as many as fit into `limit_bytes` (0: all).
    ActivitySink(std::string path, std::uint64_t window_cycles, std::uint64_t limit_bytes = 0);

    Wants wants() const override { return Wants::counts; }
    bool needs_order() const override { return true; }
    void begin(const Declarations& declarations) override;
    void count(const Count& count) override { counts_->add(count); }
    void advance(Time time) override;
    void end(Time time) override;
    std::string remark() const override { return file_.remark(); }

    /// Windows in memory.
    std::size_t unfinished() const { return counts_->unfinished(); }

private:
    void write(const CountedWindow& window);

    LimitedText file_;
    std::uint64_t window_cycles_;
    const Declarations* declarations_ = nullptr;
    std::optional<WindowCounts> counts_;
    std::string rows_;
};

}  // namespace xloop::trace
