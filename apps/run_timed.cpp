#include "apps/run_timed.hpp"

#include "core/progress.hpp"

#include <functional>

namespace xloop {

SimulationResult run_timed(const Study& study, const MappedNetwork& network, const Values* values,
                           SimulationOptions how) {
    const SimulationConfig& simulation = study.config.simulation;
    Progress progress("cycle model");
    how.limits = simulation.limits;
    how.watch = std::ref(progress);
    return values ? simulate({*values->chip, values->images.pixels.data(), 0, simulation.images}, how)
                  : simulate({network, simulation.images}, how);
}

}  // namespace xloop
