#include "systemc_model/cost/models/gates.hpp"
#include "systemc_model/cost/models/memory.hpp"

namespace xloop {
namespace {

enum ControllerParameter : std::size_t { leakage_divisor_, program_bytes_, instruction_bits_, instructions_ };

/// A program memory, read once for each instruction of a position, and a pipeline of three registers of an
/// instruction's width.
Figures controller(const ModelQuery& query) {
    constexpr double stages = 3;
    const double width = query.parameter(instruction_bits_), instructions = query.parameter(instructions_);
    const Memory program = memory_of(query, MemoryKind::mixed, query.parameter(program_bytes_), width);
    const Gates gates(query, query.parameter(leakage_divisor_));
    query.uses("instructions", instructions, "");
    Figures figures;
    figures.energy_pj = instructions * (program.read_pj + 1e-3 * stages * width * gates.register_bit.energy_fj);
    figures.area_um2 = program.area_um2 + stages * width * gates.register_bit.area_um2;
    figures.leakage_uw = program.leakage_uw + stages * width * gates.register_bit.leakage_uw;
    figures.latency_ns = program.access_ns;
    return figures;
}

}  // namespace

std::vector<CostModel> controller_models() {
    return {{"controller",
             {Component::controller},
             controller,
             {leakage_divisor_parameter(),
              {"program_bytes", "bytes", 4096, 256, 1 << 20, "of the program memory"},
              {"instruction_bits", "bits", 64, 16, 512, "width of an instruction"},
              {"instructions", "", 8, 0, 1e6, "for each position of a layer: our estimate"}},
             "program memory of PUMA's size (ASPLOS 2019, 4 KB) from our CACTI 7 runs, three pipeline registers (DSENT "
             "0.91)"}};
}

}  // namespace xloop
