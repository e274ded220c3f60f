#pragma once

#include "analysis/bottleneck.hpp"
#include "core/json.hpp"

#include <string>

namespace xloop {

/// In 2 to 5 lines: what holds the run, how long that takes, what would help.
std::string bottleneck_text(const Bottleneck& bottleneck);
Json bottleneck_json(const Bottleneck& bottleneck);

}  // namespace xloop
