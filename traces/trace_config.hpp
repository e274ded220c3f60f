#pragma once

#include "core/config/schema.hpp"
#include "traces/bus/signal.hpp"

#include <string>
#include <vector>

namespace xloop {

/// Traces of the cycle model.
struct TraceConfig {
    std::vector<std::string> formats;  ///< vcd, saif, activity, power, timeline; none: nothing is traced
    std::string output;                ///< names of the files begin with it; empty: the experiment's name
    trace::Detail detail = trace::Detail::data;
    std::vector<std::string> classes;          ///< of signals, instead of the detail's
    std::vector<std::string> select, exclude;  ///< patterns of paths
    std::vector<std::string> windows;  ///< "cycles:0-2000", "ns:0-100", "layer:conv3,image:2"; none: the whole run
    int limit_mb = 4000;
    std::string name_map;  ///< file; empty: the model's own names
    bool gzip = false;
};

/// Declares every key of the section in `s`.
void describe(config::Section& s, TraceConfig& c);

}  // namespace xloop
