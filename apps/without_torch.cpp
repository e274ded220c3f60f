#include "apps/command.hpp"
#include "core/error.hpp"

namespace xloop {
namespace {

/// In a build without LibTorch the command is known, and says what is missing.
void add_missing(CLI::App& app, Action& action, const char* name) {
    auto* command = app.add_subcommand(name, "not in this build: needs LibTorch");
    command->allow_extras();
    command->fallthrough(false);
    command->callback([name, &action] {
        action = [name] {
            throw Error(std::string("`xloop ") + name +
                        "` needs LibTorch, which this build leaves out; configure with -DXLOOP_WITH_TORCH=ON");
        };
    });
}

}  // namespace

void add_train_command(CLI::App& app, Action& action) { add_missing(app, action, "train"); }
void add_search_command(CLI::App& app, Action& action) { add_missing(app, action, "search"); }
void add_eval_command(CLI::App& app, Action& action) { add_missing(app, action, "eval"); }
void add_run_command(CLI::App& app, Action& action) { add_missing(app, action, "run"); }

}  // namespace xloop
