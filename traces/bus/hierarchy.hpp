#pragma once

#include "traces/bus/signal.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace xloop::trace {

/// "chip.tile_0_1.bus" -> its three names.
std::vector<std::string_view> levels_of(std::string_view path);
/// The signals' numbers in an order in which all of a scope, and all scopes within one, stand together, nets first.
std::vector<std::size_t> by_hierarchy(const std::vector<Signal>& signals);

}  // namespace xloop::trace
