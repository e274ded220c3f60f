#pragma once

#include "analysis/silicon.hpp"
#include "core/json.hpp"

#include <string>
#include <vector>

namespace xloop {

/// A table for each chip, then errors of what was predicted, over all chips.
std::string silicon_text(const std::vector<SiliconComparison>& chips);
Json silicon_json(const std::vector<SiliconComparison>& chips);
/// One line for each figure.
std::string silicon_csv(const std::vector<SiliconComparison>& chips);

}  // namespace xloop
