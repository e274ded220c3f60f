#include "apps/network/import_command.hpp"
#include "apps/program.hpp"
#include "core/standard_streams.hpp"
#include "dnn/torchscript.hpp"

namespace {

void add_model_import_command(xloop::CommandLine& line) { add_import_command(line, xloop::import_model); }

}  // namespace

int main(int argc, char** argv) {
    using namespace xloop;
    leave(run_program(argc, argv,
                      {{"Train networks for the chip, search for the best",
                        {add_run_command, add_train_command, add_search_command, add_eval_command, add_analyse_command, add_attack_command,
                         add_infer_command, add_model_import_command}}},
                      "All other subcommands: xloop --help"));
}
