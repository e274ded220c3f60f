#pragma once

#include "apps/noc/noc_options.hpp"
#include "apps/noc/noc_plot.hpp"
#include "core/table.hpp"

#include <string>

namespace xloop {

/// "8x8 mesh, 4 VCs x 8 flits, uniform traffic, packets of 5 flits".
std::string noc_title(const NocOptions& options);

/// A row for each load.
Table noc_table();
void add_point(Table& table, const NocPoint& point);
Json point_json(const NocPoint& point, const NocOptions& options);

double router_cycles_per_second(const NocPoint& point, const noc::NetworkConfig& network);

/// Flits and utilisation of every link of a measurement.
std::string links_csv(const noc::NetworkConfig& network, const noc::Measurement& measured);

}  // namespace xloop
