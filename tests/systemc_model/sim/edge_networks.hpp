#pragma once

#include "core/workload/network_spec.hpp"
#include "core/workload/workload_graph.hpp"

#include <string>
#include <utility>

namespace xloop::test {

/// Networks whose maps are not read to their ends: the chip makes the rest all the same, some of it after the last logit.
inline constexpr std::pair<const char*, const char*> edge_networks[] = {{"odd_pools", R"(
name: odd_pools
input: {channels: 3, height: 15, width: 13}
layers:
  - {name: stem, type: conv, out_channels: 12, kernel: 3, activation: relu}
  - {name: pool, type: max_pool, kernel: 2, stride: 2}
  - {name: deep, type: conv, out_channels: 16, kernel: 3, activation: relu}
  - {name: last, type: avg_pool, kernel: 2, stride: 2}
  - {name: logits, type: linear, out_channels: 10}
)"},
                                                                        {"wide_pool", R"(
name: wide_pool
input: {channels: 1, height: 14, width: 14}
layers:
  - {name: stem, type: conv, out_channels: 8, kernel: 3, activation: relu}
  - {name: pool, type: max_pool, kernel: 3, stride: 3}
  - {name: logits, type: linear, out_channels: 10}
)"},
                                                                        {"large_strides", R"(
name: large_strides
input: {channels: 16, height: 16, width: 16}
layers:
  - {name: wide, type: conv, out_channels: 16, kernel: 3, activation: relu}
  - {name: sparse, type: conv, out_channels: 32, kernel: 1, stride: 4, padding: 0, activation: relu}
  - {name: far, type: conv, out_channels: 24, kernel: 2, stride: 3, padding: 0, activation: relu}
  - {name: logits, type: linear, out_channels: 10}
)"},
                                                                        {"unread_image", R"(
name: unread_image
input: {channels: 3, height: 22, width: 22}
layers:
  - {name: stem, type: conv, out_channels: 8, kernel: 3, stride: 5, padding: 0, activation: relu}
  - {name: deep, type: conv, out_channels: 8, kernel: 3, activation: relu}
  - {name: logits, type: linear, out_channels: 10}
)"},
                                                                        {"uneven_branches", R"(
name: uneven_branches
input: {channels: 2, height: 13, width: 13}
layers:
  - {name: stem, type: conv, out_channels: 8, kernel: 3, activation: relu}
  - {name: short, type: conv, out_channels: 8, kernel: 1, stride: 3, padding: 0, activation: relu}
  - {name: long, type: conv, inputs: [stem], out_channels: 8, kernel: 3, groups: 0, activation: relu}
  - {name: half, type: max_pool, kernel: 3, stride: 3, padding: [0, 0, 2, 2]}
  - {name: both, type: concat, inputs: [short, half]}
  - {name: logits, type: linear, out_channels: 10}
)"}};

inline WorkloadGraph edge_graph(const char* yaml) {
    const NetworkSpec spec = parse_network(yaml, "edge network");
    return build_graph(spec.resolve(spec.largest_path()));
}

/// Rows of their arrays in the grid: down to one.
inline constexpr auto edge_rows = {1, 2, 9, 64};

}  // namespace xloop::test
