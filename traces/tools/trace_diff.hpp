#pragma once

#include "core/json.hpp"
#include "traces/saif/saif_file.hpp"
#include "traces/text/text_input.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace xloop::trace {

/// A net whose counts differ. Times in units of TraceDifference::unit_fs.
struct NetDifference {
    std::string net;
    std::uint64_t t1_a = 0, t1_b = 0, tc_a = 0, tc_b = 0;
};

struct TraceDifference {
    /// Where two VCD files part first.
    struct First {
        std::uint64_t time = 0;  ///< in unit_fs
        std::string net, value_a, value_b;
    };

    std::uint64_t unit_fs = 1;  ///< the finer one of both time scales
    std::uint64_t duration_a = 0, duration_b = 0;
    std::uint64_t nets = 0;  ///< bits in both
    std::vector<std::string> only_a, only_b;
    std::uint64_t toggles_a = 0, toggles_b = 0;  ///< of the nets in both
    double high_a = 0, high_b = 0;               ///< time at 1, summed over the nets in both
    std::vector<NetDifference> differing;        ///< largest difference first
    bool compared_values = false;                ///< two VCD files
    std::uint64_t variables_that_part = 0;       ///< then: with other values at any time
    std::optional<First> first;
    bool equal = false;

    Json json(std::size_t top) const;
    std::string table(std::size_t top) const;
};

/// Compares two traces, each VCD or SAIF, net by net under their full names. Equal: the same nets, durations, T1 and TC, where
/// T1 and TC may differ by the share `tolerance` of the larger one, and, of two VCD files with tolerance 0, the same values at
/// every time, whatever their identifier codes and order within one time. Throws InputError.
TraceDifference diff_traces(TextInput& a, TextInput& b, double tolerance);

}  // namespace xloop::trace
