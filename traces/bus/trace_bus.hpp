#pragma once

#include "traces/bus/name_map.hpp"
#include "traces/bus/selection.hpp"
#include "traces/bus/trace_sink.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace xloop::trace {

class TraceWriter;
struct Block;

/// Gives the sinks what a job has worked out.
class Emitter {
public:
    virtual ~Emitter() = default;
    virtual void value(const ValueChange&) = 0;
    virtual void burst(const Burst&) = 0;
    virtual void pulses(const Pulses&) = 0;
};

/// Values that take long to work out: the model hands over what they follow from, the writer's thread does the rest.
class Job {
public:
    virtual ~Job() = default;
    /// `payload`: the bytes written after TraceBus::defer. Reads only what does not change during a run.
    virtual void run(Time begin, const std::uint8_t* payload, Emitter& out) = 0;
};

/// Carries what happens in a run to the sinks. The model holds a pointer that is null when nothing is traced, so that tracing
/// costs one test when it is off. When it is on, records go into blocks of memory that a writer's thread empties.
///
/// Whatever is pushed lies at or after the time of the last advance(); times of one signal do not fall.
class TraceBus {
public:
    /// `declarations`: cycle, design and program; `windows` is replaced by the bus's own. `sinks` live as long as the bus.
    /// `names`, if not null: what signals are called; those without a name are left out.
    TraceBus(Declarations declarations, Selection selection, TimeWindows windows, std::vector<Sink*> sinks,
             NameMap* names = nullptr);
    /// Without end(): the writer's thread stops, files stay unfinished.
    ~TraceBus();

    // Before the run.
    // What is declared twice is the same thing: arrays that hold other layers in later rounds.
    /// Number of the signal; -1 when no sink wants it, which all of the below take.
    int declare(Signal signal);
    int declare(Instance instance);
    int declare(Track track);
    int declare(Pattern pattern);
    int declare(std::unique_ptr<Job> job);
    bool wants(SignalClass kind) const { return signals_wanted_ && selection_.includes(kind); }
    bool wants_counts() const { return counts_wanted_; }
    bool wants_timeline() const { return timeline_wanted_; }
    const Selection& selection() const { return selection_; }
    const Declarations& declarations() const { return declarations_; }
    /// Starts the thread. Throws InputError when a pattern of the selection's `select` is of no use.
    void begin();
    bool begun() const { return writer_ != nullptr; }

    // During the run.
    void advance(Time now) {
        if (now > now_)
            now_ = now;
    }
    Time now() const { return now_; }
    void change(Time time, int signal, std::uint64_t value) {
        if (signal >= 0 && last_[static_cast<std::size_t>(signal)] != value)
            push_change(time, signal, value);
    }
    /// Signal::words() words; also of signals of one word.
    void change(Time time, int signal, const std::uint64_t* words);
    void pulses(Time start, int signal, int pattern, Time high);
    /// The job's values lie in [begin, end].
    /// Returns where its payload of `bytes` is to be written, before anything else is pushed.
    std::uint8_t* defer(Time begin, Time end, int job, std::size_t bytes);
    void count(int instance, Event event, std::uint64_t n, std::uint64_t begin_cycle, std::uint64_t end_cycle);
    /// `name`, `category`: text that outlives the bus.
    void slice(int track, std::string_view name, std::string_view category, Time begin, Time end,
               std::int64_t layer = -1, std::int64_t image = -1, std::int64_t position = -1);
    void level(int track, Time time, std::int64_t value);
    /// A region of interest begins or ends now (see Selection::regions).
    void open_window();
    void close_window();
    /// Ends the trace at `time` and finishes all files. Throws what the writer's thread threw.
    void end(Time time);
    /// The same after a run that was given up: at the last time that anything was said of.
    void end_early();

    std::uint64_t records() const { return records_; }
    bool wants_signals() const { return signals_wanted_; }
    /// After end(): the time that was traced; 0: no window lies in the run.
    Time traced() const { return traced_; }

private:
    void demand_order(Time time, int signal);
    void push_change(Time time, int signal, std::uint64_t value);
    std::uint64_t* push(std::uint64_t kind, int id, std::size_t words);
    void hand_over();

    Declarations declarations_;
    Selection selection_;
    TimeWindows windows_;
    std::vector<Sink*> sinks_;
    NameMap* names_;
    std::vector<std::unique_ptr<Job>> jobs_;
    std::unordered_map<std::string, int> signal_numbers_, instance_numbers_, track_numbers_;
    std::unique_ptr<TraceWriter> writer_;
    std::unique_ptr<Block> block_;
    std::vector<std::uint64_t> last_;
    std::vector<Time> last_times_;
    std::vector<std::uint32_t> words_;  ///< of each signal
    Time now_ = 0, traced_ = 0;
    int open_regions_ = 0;
    std::uint64_t records_ = 0;
    bool signals_wanted_ = false, counts_wanted_ = false, timeline_wanted_ = false;
};

}  // namespace xloop::trace
