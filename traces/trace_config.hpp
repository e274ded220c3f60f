#pragma once

#include "core/config/origins.hpp"
#include "core/names.hpp"
#include "traces/bus/signal.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

namespace xloop {

enum class TraceFormat { vcd, saif, activity, power, timeline };
constexpr auto names_of(TraceFormat) { return std::array{"vcd", "saif", "activity", "power", "timeline"}; }

/// Traces of the cycle model.
struct TraceConfig {
    std::vector<std::string> formats;  ///< names of TraceFormat; none: nothing is traced
    std::string output;                ///< names of the files begin with it; empty: the experiment's name
    trace::Detail detail = trace::Detail::data;
    std::vector<std::string> classes;          ///< names of trace::SignalClass, instead of the detail's
    std::vector<std::string> select, exclude;  ///< patterns of paths
    std::vector<std::string> windows;  ///< "cycles:0-2000", "ns:0-100", "layer:conv3,image:2"; none: the whole run
    int limit_mb = 4000;
    std::string name_map;  ///< file; empty: the model's own names
    bool gzip = false;

    bool wants(TraceFormat format) const { return std::count(formats.begin(), formats.end(), name_of(format)) > 0; }
};

/// Declares every key of the section in `s`.
void describe(config::Section& s, TraceConfig& c);

}  // namespace xloop
