#pragma once

#include "traces/saif/saif_printer.hpp"
#include "traces/text/text_input.hpp"
#include "traces/text/time_scale.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace xloop::trace {

/// One bit: a net or port of its own, or a bit of a bus.
struct SaifNet {
    std::string name;  ///< without the bit
    int bit = -1;      ///< -1: no bus
    SaifCounts counts;
    std::uint64_t tb = 0;  ///< time with several drivers
    std::uint64_t line = 0;

    /// "data[3]", with a dot and a backslash of the name escaped as in append_level().
    std::string full_name() const;
};

struct SaifInstance {
    std::string name;
    std::vector<SaifNet> nets;
    std::vector<SaifInstance> children;
    std::uint64_t line = 0;
};

/// Switching activity as a tree of instances.
struct SaifFile {
    SaifHeader header;
    char divider = '/';
    std::vector<std::string> fields;  ///< of the header, as they came: "SAIFVERSION"
    bool approximate = false;         ///< some of its numbers had an exponent or a fraction
    std::vector<SaifInstance> instances;

    TimeScale timescale() const { return {header.timescale_value, header.timescale_unit}; }
    bool has(std::string_view field) const;
    /// Every net with the path of its instance, as append_level() writes it; parents first.
    void for_each_net(const std::function<void(const std::string& path, const SaifNet& net)>& visit) const;
    /// Instances of one name become one, nets of one name the first of them. Other counts of such a net are told to the
    /// input's listener.
    void merge_repeats(const TextInput& in);
    /// Throws InputError if no time passes in it: power tools divide by it.
    void demand_time(const std::string& name) const;
};

/// "data[3]" -> "data", 3; other names: -1.
std::pair<std::string_view, int> split_bit(std::string_view name);

}  // namespace xloop::trace
