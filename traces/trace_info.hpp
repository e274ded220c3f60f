#pragma once

#include "traces/text_input.hpp"

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace xloop::trace {

/// What a trace file holds.
struct TraceInfo {
    /// Largest first; the first column is a name.
    struct Table {
        std::string name;                    ///< "nets"
        std::vector<std::string> columns;    ///< "net", "toggles", ...
        std::vector<std::vector<nlohmann::ordered_json>> rows;
    };
    nlohmann::ordered_json summary;          ///< flat: key, number or text
    std::vector<Table> tables;

    /// With the first `top` rows of each table.
    nlohmann::ordered_json json(std::size_t top) const;
    std::string text(std::size_t top) const;
    /// table,name,quantity,value: a line for every cell of all rows.
    std::string csv() const;
};

/// VCD, SAIF, the CSV files of activity and power, or the JSON of a time line, told apart by content. Throws InputError.
TraceInfo inspect_trace(TextInput& in);

}  // namespace xloop::trace
