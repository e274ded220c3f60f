#include "apps/network/import_command.hpp"
#include "apps/program.hpp"
#include "apps/shell/shell_commands.hpp"
#include "apps/torch_program.hpp"
#include "core/standard_streams.hpp"

namespace {

constexpr const char* footer = R"(
To begin with:
  xloop run configs/experiments/quickstart.yaml             the main job: train, search, check, report
  xloop estimate configs/experiments/hardware_study.yaml    cycles, energy, area in closed form, no training needed
Each command's own examples: xloop COMMAND --help. Keys can be changed without editing files: -s crossbar.rows=128

Exit code: 0 done, 1 failed, 2 bad input (file, option, configuration), 130 interrupted.)";

void add_onnx_import_command(xloop::CommandLine& line) { add_import_command(line, xloop::import_onnx); }

}  // namespace

int main(int argc, char** argv) {
    using namespace xloop;
    if (is_torch_command(argc, argv))
        return run_torch_program(argv);
    leave(run_program(
        argc, argv,
        {{"Train networks for the chip, search for the best", {list_torch_commands}},
         {"Bring a trained network in, or take it out", {add_onnx_import_command, add_export_command}},
         {"Study a network on a piece of hardware",
          {add_estimate_command, add_sweep_command, add_simulate_command, add_validate_command, add_compare_command,
           add_map_command, add_costs_command, add_silicon_command, add_advise_command, add_networks_command}},
         {"Look at one part alone", {add_crossbar_command, add_noc_command}},
         {"Show results", {add_report_command}},
         {"Work with traces, of xloop and of other tools", {add_trace_command}},
         {"See what can be set, and where values come from", {add_config_command}},
         {"Help a shell", {add_shell_commands}}},
        footer, torch_versions));
}
