#pragma once

#include "analysis/hardware_report.hpp"

#include <string>
#include <vector>

namespace xloop {

/// What an earlier run found of one network on one chip, read back from its files.
struct RunRecord {
    struct Figure {
        std::string name, unit;
        double value = 0;
    };
    std::string name;
    Json configuration;  ///< key path -> value
    HardwareReport report;
    /// Cycles, latency, interval, energies of an image, area, EDAP, efficiency, accuracies where known.
    std::vector<Figure> figures;
    PerComponent dynamic_j{}, static_j{};  ///< of an image

    /// Null when there is none of that name.
    const Figure* find(const std::string& figure) const;
};

/// The runs that `path` holds: a folder of `xloop run` has one for each chosen subnet, named NAME:SUBNET; a JSON file
/// that estimate, simulate or validate wrote (of validate: the cycle model's side) has one. `name` empty: the file's stem
/// or the folder's name. Throws InputError with the file and what it lacks.
std::vector<RunRecord> read_runs(const std::string& path, const std::string& name);

}  // namespace xloop
