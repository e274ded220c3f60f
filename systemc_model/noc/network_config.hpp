#pragma once

#include "core/error.hpp"
#include "core/hardware_config.hpp"

#include <string>
#include <vector>

namespace xloop::noc {

/// Routers and nodes of a network.
struct NetworkConfig : RouterConfig {
    bool torus = false;                 ///< rows and columns are rings; needs two virtual channels or more
    int cols = 4, rows = 4;             ///< routers
    int concentration = 1;              ///< nodes per router: node n sits on router n / concentration
    std::vector<int> extra_nodes;       ///< routers of further nodes, numbered after the others
    int alloc_iters = 1;                ///< iterations of both iSLIP allocators
    bool wait_for_tail_credit = false;  ///< a virtual channel is free again when its tail has left the next buffer
};

/// A field that makes no sense.
struct FieldError : InputError {
    FieldError(std::string name, std::string what_expected)
        : InputError("network: " + name + ": expected " + what_expected), field(std::move(name)),
          expected(std::move(what_expected)) {}
    std::string field, expected;
};

/// Throws FieldError.
void check(const NetworkConfig& config);

}  // namespace xloop::noc
