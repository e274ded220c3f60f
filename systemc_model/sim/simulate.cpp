#include "systemc_model/sim/simulate.hpp"

#include "core/error.hpp"
#include "systemc_model/sim/chip_model.hpp"

#include <fmt/format.h>

namespace xloop {

SimulationResult simulate(const SimulationTask& task, const SimulationOptions& options) {
    sc_core::sc_set_time_resolution(1, sc_core::SC_FS);
    sim::ChipModel model("chip", task, options);
    const std::ptrdiff_t image_size = task.graph.input.size();
    for (int i = 0; i < task.count; ++i)
        model.io().add_image(task.chip ? task.pixels + (task.first + i) * image_size : nullptr, 0);
    std::uint64_t cycle = 0;
    for (int round = 0; round < task.mapping.rounds; ++round) {
        model.begin_round(round, cycle);
        if (round == 0 && options.trace)
            options.trace->begin();
        sc_core::sc_start();
        model.rethrow();
        cycle = model.now();
        if (!model.round_done())
            throw Error(fmt::format("the model stopped at cycle {} with images unfinished; waiting:\n{}", cycle, model.state()));
        model.end_round(cycle);
    }
    SimulationResult result = model.result(cycle);
    if (options.trace)
        options.trace->end(result.cycles);
    return result;
}

}  // namespace xloop
