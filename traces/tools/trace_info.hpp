#pragma once

#include "core/json.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace xloop::trace {

/// What a trace file holds.
struct TraceInfo {
    /// Largest first; the first column is a name.
    struct Table {
        std::string name;                  ///< "nets"
        std::vector<std::string> columns;  ///< "net", "toggles", ...
        std::vector<std::vector<Json>> rows;
    };
    Json summary;  ///< flat: key, number or text
    std::vector<Table> tables;

    /// With the first `top` rows of each table.
    Json json(std::size_t top) const;
    std::string text(std::size_t top) const;
    /// table,name,quantity,value: a line for every cell of all rows.
    std::string csv() const;
};

}  // namespace xloop::trace
