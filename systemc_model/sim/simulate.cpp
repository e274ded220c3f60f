#include "systemc_model/sim/simulate.hpp"

#include "core/error.hpp"
#include "systemc_model/mapping/countable.hpp"
#include "systemc_model/sim/chip_model.hpp"

#include <fmt/format.h>
#include <memory>
#include <vector>

namespace xloop {
namespace {

/// Models live until the process ends: it elaborates once, and SystemC looks for each module to be removed in a list of all,
/// which for the modules of 5,000 arrays takes as long as a run.
sim::ChipModel& keep(std::unique_ptr<sim::ChipModel> model) {
    static auto& models = *new std::vector<sim::ChipModel*>;
    models.push_back(model.release());
    return *models.back();
}

}  // namespace

SimulationResult simulate(const SimulationTask& task, const SimulationOptions& options) {
    demand_countable(task.network, task.count);
    sc_core::sc_set_time_resolution(1, sc_core::SC_FS);
    sc_core::sc_report_handler::set_actions(sc_core::SC_INFO, sc_core::SC_DO_NOTHING);
    sim::ChipModel& model = keep(std::make_unique<sim::ChipModel>("chip", task, options));
    const std::ptrdiff_t image_size = task.network.graph.input.size();
    for (int i = 0; i < task.count; ++i)
        model.io().add_image(task.chip ? task.pixels + (task.first + i) * image_size : nullptr, 0);
    std::uint64_t cycle = 0;
    for (int round = 0; round < task.network.mapping.rounds; ++round) {
        model.begin_round(round, cycle);
        sc_core::sc_start();
        model.rethrow();
        cycle = model.now();
        if (!model.round_done())
            throw Error(fmt::format("the model stopped at cycle {} with images unfinished; waiting:\n{}", cycle,
                                    model.state()));
        model.end_round(cycle);
    }
    return model.result(cycle);
}

}  // namespace xloop
