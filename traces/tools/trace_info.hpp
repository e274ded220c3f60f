#pragma once

#include "core/table.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace xloop::trace {

/// What a trace file holds.
struct TraceInfo {
    Json summary;               ///< flat: key, number or text
    std::vector<Table> tables;  ///< largest first; the first column is a name
    bool time_passes = true;

    /// With the first `top` rows of each table.
    Json json(std::size_t top) const;
    std::string text(std::size_t top) const;
    /// table,name,quantity,value: a line for every cell of all rows.
    std::string csv() const;
};

/// A table without rows: name of what is listed, then its quantities.
Table info_table(const char* name, const std::vector<const char*>& columns);

}  // namespace xloop::trace
