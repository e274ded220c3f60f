#pragma once

#include "traces/bus/hierarchy.hpp"
#include "traces/bus/name_map.hpp"
#include "traces/text/text_output.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace xloop::trace {

/// What a net did in DURATION: time at 0, 1, unknown and high impedance; changes between 0 and 1; glitches.
struct SaifCounts {
    std::uint64_t t0 = 0, t1 = 0, tx = 0, tz = 0, tc = 0, ig = 0;
    std::uint64_t time() const { return t0 + t1 + tx + tz; }
    bool operator==(const SaifCounts& o) const {
        return t0 == o.t0 && t1 == o.t1 && tx == o.tx && tz == o.tz && tc == o.tc && ig == o.ig;
    }
};

struct SaifHeader {
    std::string design, program, version, date;  ///< date: empty leaves it out
    std::uint64_t duration = 0;                  ///< in units of the time scale
    int timescale_value = 1;
    std::string timescale_unit = "ps";
};

/// Writes a backward SAIF 2.0 file (IEEE 1801 annex, the subset that readers agree on) instance by instance.
class SaifPrinter {
public:
    SaifPrinter(TextOutput& out, const SaifHeader& header, const NetNaming& naming);
    /// Leaves and enters instances as needed. Each scope comes once; those within it right after it.
    void scope(const Levels& wanted);
    /// One bit; bit < 0: the net is no bus.
    void net(std::string_view name, int bit, const SaifCounts& counts);
    void finish();

private:
    void close_nets();
    void indent();

    TextOutput& out_;
    NetNaming naming_;
    std::string before_bit_, between_, after_bit_;  ///< parts of NetNaming::bus_bit, escaped
    std::string line_;
    std::vector<std::string> open_;
    bool nets_open_ = false;
};

}  // namespace xloop::trace
