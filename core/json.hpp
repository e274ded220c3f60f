#pragma once

#include <nlohmann/json.hpp>

namespace xloop {

/// JSON whose keys keep the order in which they were written.
using Json = nlohmann::ordered_json;

}  // namespace xloop
