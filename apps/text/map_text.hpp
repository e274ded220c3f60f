#pragma once

#include "analysis/map_summary.hpp"
#include "core/json.hpp"

#include <string>

namespace xloop {

/// Chip, layers and streams, round by round.
std::string map_text(const MapReport& report);
Json map_json(const MapReport& report);

/// One line for each array: layer, copy, place and part of the matrix.
std::string array_csv(const MappedNetwork& network);

}  // namespace xloop
