#pragma once

#include "traces/bus/window_counts.hpp"
#include "traces/power/power_model.hpp"
#include "traces/timeline/timeline_file.hpp"

#include <memory>
#include <optional>

namespace xloop::trace {

/// Slices and levels as a time line for the viewers of Chrome and Perfetto: a process for each group of tracks, a thread for
/// each track, a counter for each level. What is not traced is cut off; a level that holds on is repeated where a traced
/// window begins.
class TimelineSink : public Sink {
public:
    /// `layers`: names for Slice::layer, else it is a number.
    TimelineSink(std::shared_ptr<TimelineFile> file, std::vector<std::string> layers = {});

    Wants wants() const override { return Wants::timeline; }
    bool needs_order() const override { return true; }
    void begin(const Declarations& declarations) override;
    void slice(const Slice& slice) override;
    void level(const Level& level) override;
    void end(Time time) override;
    std::string remark() const override { return file_->remark(); }

private:
    struct Row {
        std::size_t process;
        std::string level_name;
        bool known = false;  ///< whether there was a level
        std::int64_t level = 0;
        std::size_t windows = 0;  ///< windows at whose beginning the level was repeated, or need not be
    };

    void write_part(const Slice& slice, Time begin, Time end);
    void write_level(const Row& row, Time time);
    /// Repeats the level at the windows that began before `time`.
    void repeat(Row& row, Time time);

    std::shared_ptr<TimelineFile> file_;
    std::vector<std::string> layers_;
    const TimeWindows* windows_ = nullptr;
    std::vector<Row> rows_;  ///< by track
    TimelineEvent event_;
};

/// Adds counters of power over time to a time line: `power_w`, of the chip and of each class, by windows as in PowerSink.
class TimelinePower : public Sink {
public:
    TimelinePower(std::shared_ptr<TimelineFile> file, std::shared_ptr<const PowerModel> model,
                  std::uint64_t window_cycles);

    Wants wants() const override { return Wants::counts; }
    bool needs_order() const override { return true; }
    void begin(const Declarations& declarations) override;
    void count(const Count& count) override { counts_->add(count); }
    void advance(Time time) override;
    void end(Time time) override;

private:
    void write(const CountedWindow& window);
    void write(Time time, const PerComponent& watts);

    std::shared_ptr<TimelineFile> file_;
    std::shared_ptr<const PowerModel> model_;
    std::vector<Component> shown_;
    std::uint64_t window_cycles_;
    const Declarations* declarations_ = nullptr;
    std::optional<WindowCounts> counts_;
    std::uint64_t traced_to_ = 0;
    TimelineEvent event_;
};

}  // namespace xloop::trace
