#pragma once

#include "traces/text/limited_text.hpp"

#include <string>
#include <string_view>

namespace xloop::trace {

/// One event of a time line in the trace event format of Chrome's and Perfetto's viewers, key by key.
class TimelineEvent {
public:
    /// `phase`: "X" took a while, "C" counter, "M" name. Keys are plain names, texts are not.
    TimelineEvent& start(std::string_view phase, std::size_t process);
    TimelineEvent& text(std::string_view key, std::string_view value);
    TimelineEvent& number(std::string_view key, std::int64_t value);
    TimelineEvent& number(std::string_view key, double value);
    /// In microseconds with all of its picoseconds.
    TimelineEvent& time(std::string_view key, Time value);
    /// Whatever follows is an argument.
    TimelineEvent& arguments();
    std::string_view finish();

private:
    void key(std::string_view name);
    void quote(std::string_view value);

    std::string text_;
    bool first_ = true, within_ = false;
};

/// The file of a time line, {"displayTimeUnit":"ns","traceEvents":[...]}; whole JSON also where it stops at a size limit.
/// Several sinks may write to it.
class TimelineFile {
public:
    /// `limit_bytes` 0: no limit.
    TimelineFile(std::string path, std::uint64_t limit_bytes);

    /// Of the hardware's names, whether they fit or not.
    void describe(TimelineEvent& event);
    void write(TimelineEvent& event, Time time);
    bool full() const { return file_.full(); }

    void add_writer() { ++writers_; }
    /// The last writer's end is the file's.
    void end_writer();
    std::string remark() const { return file_.remark(); }

private:
    /// After a comma unless it is the first.
    std::string_view separated(TimelineEvent& event) const;

    LimitedText file_;
    bool first_ = true;
    int writers_ = 0;
};

}  // namespace xloop::trace
