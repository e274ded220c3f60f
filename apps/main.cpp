#include "apps/program.hpp"
#include "apps/torch_program.hpp"

namespace {

constexpr const char* examples = R"(
Examples:
  xloop run configs/experiments/quickstart.yaml            train, search, check in the cycle model, report
  xloop estimate configs/experiments/hardware_study.yaml   closed-form cycles, energy, area: no training needed
  xloop simulate configs/experiments/hardware_study.yaml --json
  xloop estimate FILE -s crossbar.rows=128 -s adc.bits=6   change keys without editing files
  xloop crossbar --random 64x64 --r-wire-row 5 --r-wire-col 10 --plot loss.svg     one array and its wires
  xloop map configs/experiments/resnet18.yaml --svg map.svg      who sits where, line buffers, pace of every layer
  xloop validate configs/experiments/vgg8.yaml --plot v.svg       estimate beside cycle model, with verdicts
  xloop simulate FILE --trace saif,power --trace-out t     switching activity and power over time; xloop trace looks at them
  xloop compare base.json other.json --plot c.svg          what two runs differ in, and what that brought
  xloop costs configs/experiments/isaac_step.yaml          unit costs and their origins, nameplate power and area
  xloop noc --mesh 8x8 --traffic uniform --sweep           latency and throughput of the network on chip
  xloop config show FILE                                   every effective value and where it comes from
  xloop config schema                                      every key: type, range, default, source

Exit code: 0 done, 1 failed, 2 bad input (file, option, configuration), 130 interrupted.)";

}  // namespace

int main(int argc, char** argv) {
    using namespace xloop;
    if (is_torch_command(argc, argv))
        return run_torch_program(argv);
    return run_program(argc, argv,
                       {list_torch_commands, add_map_command, add_costs_command, add_trace_command,
                        add_estimate_command, add_simulate_command, add_validate_command, add_compare_command,
                        add_crossbar_command, add_noc_command, add_config_command},
                       examples);
}
