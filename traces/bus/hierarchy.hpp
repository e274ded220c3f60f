#pragma once

#include "traces/bus/signal.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace xloop::trace {

/// A place in a hierarchy: names from the top. In files of other tools a name may hold any character, dots included.
using Levels = std::vector<std::string_view>;
/// "chip.tile_0_1.bus" -> its three names: of the model's own paths, and of nets of a name map, whose names have no dots.
Levels levels_of(std::string_view path);
/// Puts a name behind a path of names joined by '.', for people and as a key: a dot and a backslash within a name get a
/// backslash, so that other names never give the same text.
void append_level(std::string& path, std::string_view name);
std::string joined(const Levels& levels);
/// The signals' numbers in an order in which all of a scope, and all scopes within one, stand together, nets first.
std::vector<std::size_t> by_hierarchy(const std::vector<Signal>& signals);

}  // namespace xloop::trace
