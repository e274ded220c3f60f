#pragma once

#include "analysis/sweep/sweep_result.hpp"

#include <string>

namespace xloop {

/// Writes an SQLite file with a table `points`, a row for each point and a column for each parameter and figure, and a table
/// `sweep` of keys and values. What the file held of a sweep before is replaced. Throws InputError where it is no database.
void write_sweep_store(const SweepResult& result, const std::string& file);

/// Draws front.svg, effects.svg and tornado.svg in `folder`, those of them that there is something for.
void plot_sweep(const SweepResult& result, const std::string& folder);

/// For people: the front, what each parameter does to the first objective, what was refused and why.
std::string sweep_text(const SweepResult& result);

}  // namespace xloop
