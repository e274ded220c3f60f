#include "traces/trace_config.hpp"

#include "core/config/schema.hpp"

namespace xloop {

void describe(config::Section& s, TraceConfig& c) {
    s.value("formats", c.formats,
            "what the cycle model writes: vcd and saif of signals, activity and power by windows of time (CSV), "
            "timeline (JSON); "
            "empty = nothing",
            "our choice: a trace is asked for")
        .one_of(all_names<TraceFormat>());
    s.value("output", c.output, "names of the files begin with it; empty = the experiment's name", "convention")
        .file_path();
    s.value("detail", c.detail,
            "control: enables, handshakes, states; data: also row lines, codes, memory, bus, links, results; all: also "
            "registers, strobes, clocks",
            "our choice: what blocks say to one another");
    s.value("classes", c.classes, "classes of signals instead of the detail's", "none")
        .one_of(all_names<trace::SignalClass>());
    s.value("select", c.select,
            "patterns of paths: only what is at or below one of them; * within a level, ** across levels; empty = all",
            "none");
    s.value("exclude", c.exclude, "patterns of paths that are left out", "none");
    s.value("windows", c.windows,
            "parts of the run: cycles:0-2000, ns:100-200 (ps, us, ms), or regions layer:conv3,image:2; "
            "empty = the whole run",
            "none");
    s.value("limit_mb", c.limit_mb, "largest size of a file before compression; it ends in good order there",
            "our choice: fits on any disk")
        .range(1, 1e6)
        .unit("MB");
    s.value("name_map", c.name_map, "YAML file that gives signals the names of an RTL; empty = the model's names",
            "none")
        .file_path();
    s.value("gzip", c.gzip, "compress the files", "our choice: not every reader takes .gz");
}

}  // namespace xloop
