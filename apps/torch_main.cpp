#include "apps/network/import_command.hpp"
#include "apps/program.hpp"
#include "apps/torch_program.hpp"
#include "core/standard_streams.hpp"
#include "dnn/torchscript.hpp"
#include "xloop_version.hpp"

#include <dlfcn.h>
#include <fmt/format.h>
#include <filesystem>
#include <string>

namespace {

void add_model_import_command(xloop::CommandLine& line) { add_import_command(line, xloop::import_model); }

struct TreeOptions {
    const xloop::CommandLine* line = nullptr;
};

/// By which xloop learns what its manual pages and completion say of these subcommands.
void add_tree_command(xloop::CommandLine& line) {
    xloop::CommandLine tree = line.command(xloop::tree_command, "print what may stand on the command line, as JSON");
    tree.runs<TreeOptions>([](const TreeOptions& options) { fmt::print("{}\n", options.line->tree().dump()); }).line =
        &line;
    tree.hide();
}

/// LibTorch's version, and the library that its matrix products are of, which the system chooses when it is loaded.
std::string own_versions() {
    Dl_info blas{};
    const bool found = ::dladdr(::dlsym(RTLD_DEFAULT, "sgemm_"), &blas) != 0;
    return fmt::format("LibTorch {}, BLAS {}", xloop::torch_version,
                       found ? std::filesystem::weakly_canonical(blas.dli_fname).string() : "of its own");
}

}  // namespace

int main(int argc, char** argv) {
    using namespace xloop;
    leave(run_program(argc, argv,
                      {{"Train networks for the chip, search for the best",
                        {add_run_command, add_train_command, add_search_command, add_eval_command, add_analyse_command,
                         add_attack_command, add_infer_command, add_model_import_command, add_tree_command}}},
                      "All other subcommands: xloop --help", own_versions));
}
