#pragma once

#include "core/config/node.hpp"
#include "core/hardware_config.hpp"

#include <string>
#include <utility>
#include <vector>

namespace xloop {

/// Pieces of hardware that differ from one in a few keys, for searches and sweeps.
class HardwareVariants {
public:
    explicit HardwareVariants(const HardwareConfig& base);
    /// What a hardware file says.
    explicit HardwareVariants(config::Node root) : root_(std::move(root)) {}
    /// With `key=value` assignments in order, as the command line's -s takes them: types of tiles follow the base where they do
    /// not say otherwise. Throws InputError where the result is not valid.
    HardwareConfig with(const std::vector<std::string>& assignments) const;

private:
    config::Node root_;
};

/// The hardware as a file that reads again.
std::string hardware_yaml(const HardwareConfig& hardware);

}  // namespace xloop
