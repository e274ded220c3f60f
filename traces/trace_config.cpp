#include "traces/trace_config.hpp"

namespace xloop {

void describe(config::Section& s, TraceConfig& c) {
    s.value("formats", c.formats)
        .doc(
            "what the cycle model writes: vcd and saif of signals, activity and power by windows of time (CSV), "
            "timeline (JSON); "
            "empty = nothing")
        .source("our choice: a trace is asked for");
    s.value("output", c.output)
        .file_path()
        .doc("names of the files begin with it; empty = the experiment's name")
        .source("convention");
    s.value("detail", c.detail)
        .doc(
            "control: enables, handshakes, states; data: also row lines, codes, memory, bus, links, results; all: also "
            "registers, strobes, clocks")
        .source("our choice: what blocks say to one another");
    s.value("classes", c.classes)
        .doc(
            "classes of signals instead of the detail's: enable, handshake, state, lines, code, memory, "
            "bus, link, vector, strobe, registers, clock")
        .source("none");
    s.value("select", c.select)
        .doc("patterns of paths: only what is at or below one of them; * within a level, ** across levels; empty = all")
        .source("none");
    s.value("exclude", c.exclude).doc("patterns of paths that are left out").source("none");
    s.value("windows", c.windows)
        .doc(
            "parts of the run: cycles:0-2000, ns:100-200 (ps, us, ms), or regions layer:conv3,image:2; "
            "empty = the whole run")
        .source("none");
    s.value("limit_mb", c.limit_mb)
        .range(1, 1e6)
        .unit("MB")
        .doc("largest size of a file before compression; it ends in good order there")
        .source("our choice: fits on any disk");
    s.value("name_map", c.name_map)
        .file_path()
        .doc("YAML file that gives signals the names of an RTL; empty = the model's names")
        .source("none");
    s.value("gzip", c.gzip).doc("compress the files").source("our choice: not every reader takes .gz");
}

}  // namespace xloop
