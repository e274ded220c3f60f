#pragma once

#include "analysis/study.hpp"
#include "apps/command.hpp"
#include "systemc_model/mapping/mapping.hpp"
#include "traces/bus/trace_bus.hpp"

#include <deque>
#include <memory>
#include <string>
#include <vector>

namespace xloop {

/// Options of the command line that stand for keys of the section `trace`.
class TraceOptions {
public:
    void add_to(CommandLine& command);
    /// What was given, as settings: "trace.formats=["vcd","saif"]".
    std::vector<std::string> overrides() const;

private:
    struct Given {
        std::string text;
        std::vector<std::string> texts;
        bool flag = false;
    };
    std::deque<Given> given_;  ///< of each option; stays in its place
};

/// The files that a run's trace is written to, and the bus that feeds them.
class TraceSetup {
public:
    /// `power_file`, if any: power over time by class, besides what the section `trace` asks for and in the same windows
    /// of time; alone, of the whole run. Throws InputError where the settings do not fit, or a file cannot be written.
    TraceSetup(const Study& study, const MappedNetwork& network, const std::string& power_file = {});
    ~TraceSetup();

    /// Null: nothing is traced.
    trace::TraceBus* bus() { return bus_.get(); }
    /// Whether the section `trace` asks for files, which summary() and json() tell of.
    bool has_files() const;
    /// After an exception: the files end where the run did. Returns what to tell the user.
    std::string end_early();
    /// After the run: throws InputError if no window of the trace lies in it, and removes the files.
    void demand_time(const Study& study) const;
    /// After the run: a line for each file, with its size, and remarks (limits, names that nothing matched).
    std::string summary() const;
    Json json() const;

private:
    struct Files;
    std::vector<std::string> remarks() const;

    std::unique_ptr<Files> files_;
    std::unique_ptr<trace::TraceBus> bus_;
};

/// Checks of the section `trace` that need no run. Throws InputError.
void check_trace(const Study& study);

}  // namespace xloop
