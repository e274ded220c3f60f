#include "apps/torch_program.hpp"
#include "apps/child_process.hpp"
#include "apps/command.hpp"
#include "core/standard_streams.hpp"
#include "dnn/import/import.hpp"

#include <fmt/format.h>
#include <unistd.h>
#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

namespace xloop {
namespace {

struct TorchCommand {
    const char* name;
    const char* purpose;
};

constexpr std::array<TorchCommand, 7> commands = {{
    {"run", "train, search, check in the cycle model, report: the main job"},
    {"train", "train the supernet"},
    {"search", "sample subnets, judge them on the chip, choose"},
    {"eval", "accuracy of a trained network, or of one subnet, in software and on chips"},
    {"analyse", "how sensitive each layer of a trained network is, and bits by layer that follow"},
    {"attack", "how robust a trained network is, in software and on chips, under attacks of 14 kinds"},
    {"infer", "run a trained network on samples: as trained, as integers, on the chip"},
}};

/// LibTorch reads archives with code of its own that damaged ones may bring down: in a process that may die.
int run_apart(const std::string& program, char** argv) {
    std::vector<std::string> arguments;
    for (char** argument = argv + 1; *argument; ++argument)
        arguments.emplace_back(*argument);
    const ChildOutcome outcome = run_child(program, arguments, "");
    fmt::print("{}", outcome.out);
    say(outcome.err);
    if (outcome.signal == 0)
        return outcome.code;
    say("xloop: LibTorch broke down over this file: it is damaged, or made to do so; export the model anew, or as "
        "ONNX\n");
    return 2;
}

}  // namespace

std::string torch_program() {
    return (std::filesystem::read_symlink("/proc/self/exe").parent_path() / "xloop-torch").string();
}

bool needs_torch(const std::string& command) {
    return std::any_of(commands.begin(), commands.end(), [&](const TorchCommand& c) { return command == c.name; });
}

bool is_torch_command(int argc, char** argv) {
    const auto* word = std::find_if(argv + 1, argv + argc, [](const char* argument) { return argument[0] != '-'; });
    if (word != argv + argc && std::string(*word) == "import")
        return std::any_of<char* const*>(word + 1, argv + argc, is_torchscript);
    return word != argv + argc && needs_torch(*word);
}

int run_torch_program(char** argv) {
    const std::string program = torch_program();
    // Its threads are made when it is loaded, before dnn/one_thread.hpp can keep it from that.
    ::setenv("OPENBLAS_NUM_THREADS", "1", 1);
    for (char** argument = argv + 1; *argument; ++argument)
        if (is_torchscript(*argument))
            return run_apart(program, argv);
    ::execv(program.c_str(), argv);
    say(fmt::format("xloop: this subcommand needs {}, which is not there; configure with -DXLOOP_WITH_TORCH=ON\n",
                    program));
    return 1;
}

void list_torch_commands(CommandLine& line) {
    for (const TorchCommand& command : commands)
        line.command(command.name, command.purpose);
}

std::string torch_versions() {
    if (!std::filesystem::exists(torch_program()))
        return "LibTorch: none, this installation is without xloop-torch";
    const std::string told = run_child(torch_program(), {"--version"}, "").out;
    const std::size_t own = told.find("LibTorch");
    return own == std::string::npos ? "LibTorch: xloop-torch does not start"
                                    : told.substr(own, told.find('\n', own) - own);
}

}  // namespace xloop
