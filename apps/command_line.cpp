#include "apps/command_line.hpp"

#include "core/error.hpp"
#include "core/files.hpp"
#include "core/names.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <CLI/CLI.hpp>
#include <cmath>
#include <cstdlib>
#include <set>
#include <type_traits>

namespace xloop {
namespace {

constexpr int bad_input = 2;

/// What stands where a subcommand was expected.
std::string unknown_word(const CLI::App& app, const std::string& word) {
    std::vector<std::string> known;
    for (const CLI::App* command : app.get_subcommands({}))
        if (!command->get_group().empty())
            known.push_back(command->get_name());
    return fmt::format("unknown {} `{}`{}; known subcommands: {}; see xloop --help",
                       !word.empty() && word.front() == '-' ? "option" : "subcommand", word, did_you_mean(word, known),
                       fmt::join(known, ", "));
}

/// An option that was given says something: without this, an empty text would be as if it had not been given.
void demand_values(const CLI::App& command) {
    for (const CLI::Option* option : command.get_options())
        if (option->get_items_expected_min() > 0)
            for (const std::string& value : option->results()) {
                if (value.empty())
                    throw InputError(fmt::format(
                        "{}: expected a value, got an empty text; leave it out for the default", option->get_name()));
                // The comparisons of CLI11's checks take NaN for a number in any range.
                if (option->get_type_name().rfind("FLOAT", 0) == 0 &&
                    !std::isfinite(std::strtod(value.c_str(), nullptr)))
                    throw InputError(fmt::format("{}: expected a finite number, got `{}`", option->get_name(), value));
            }
    for (const CLI::App* inner : command.get_subcommands())
        demand_values(*inner);
}

/// "TEXT:{wheel,processes}" in its parts: what a value is called, and what the checks say of it.
Json value_json(const CLI::Option& option) {
    const std::string type = option.get_items_expected_max() == 0 ? "" : option.get_type_name();
    const std::size_t colon = std::min(type.find(':'), type.size());
    std::string limits = type.substr(std::min(colon + 1, type.size()));
    Json choices = Json::array();
    if (limits.rfind('{', 0) == 0) {
        for (const std::string& choice : CLI::detail::split(limits.substr(1, limits.size() - 2), ','))
            choices.push_back(choice);
        limits.clear();
    }
    return {{"value", type.substr(0, colon)}, {"limits", limits}, {"choices", choices}};
}

Json option_json(const CLI::Option& option) {
    Json json = {{"names", Json::array()}};
    for (const std::string& name : option.get_snames())
        json["names"].push_back("-" + name);
    for (const std::string& name : option.get_lnames())
        json["names"].push_back("--" + name);
    json.update(value_json(option));
    if (json["names"].empty())  // what stands by itself is called by its name
        json["value"] = option.get_name();
    json["default"] = option.get_default_str();
    json["doc"] = option.get_description();
    json["group"] = option.get_group();
    std::set<std::string> needs;  // CLI11's are in the order of their addresses
    for (const CLI::Option* other : option.get_needs())
        needs.insert(other->get_name());
    json["needs"] = needs;
    json["required"] = option.get_required();
    json["repeats"] =
        option.get_expected_max() > 1 || option.get_multi_option_policy() == CLI::MultiOptionPolicy::TakeAll;
    json["value_optional"] = option.get_items_expected_max() > 0 && option.get_items_expected_min() == 0;
    return json;
}

Json place_json(const CLI::App& app) {
    Json json = {{"name", app.get_name()},
                 {"doc", app.get_description()},
                 {"footer", app.get_footer()},
                 {"heading", app.get_group()},
                 {"needs_command", app.get_require_subcommand_min() > 0},
                 {"options", Json::array()},
                 {"commands", Json::array()}};
    for (const CLI::Option* option : app.get_options())
        json["options"].push_back(option_json(*option));
    for (const CLI::App* command : app.get_subcommands({}))
        if (!command->get_group().empty())
            json["commands"].push_back(place_json(*command));
    return json;
}

}  // namespace

struct CommandLine::Program {
    CLI::App app;
    std::function<void()> action;
    std::vector<const std::string*> outputs;
    std::string heading = "Subcommands";
};

CommandLine::CommandLine(const std::string& title, std::function<std::string()> version)
    : program_(std::make_shared<Program>()), app_(&program_->app) {
    app_->description(title);
    app_->set_version_flag("--version", std::move(version));
    app_->fallthrough();
}

CommandLine::CommandLine(std::shared_ptr<Program> program, CLI::App& app) : program_(std::move(program)), app_(&app) {}

CommandLine::Option CommandLine::option(const std::string& names, Target target, const std::string& doc) {
    return std::visit(
        [&](auto* place) -> Option {
            using T = std::remove_pointer_t<decltype(place)>;
            if constexpr (std::is_same_v<T, bool>) {
                return {*app_, *app_->add_flag(names, *place, doc)};
            } else {
                CLI::Option* option = app_->add_option(names, *place, doc);
                if constexpr (std::is_arithmetic_v<T> || std::is_same_v<T, std::string>)
                    option->capture_default_str();
                return {*app_, *option};
            }
        },
        target);
}

CommandLine::Option CommandLine::output(const std::string& names, std::string* file, const std::string& doc) {
    program_->outputs.push_back(file);
    return option(names, file, doc);
}

void CommandLine::footer(const std::string& text) { app_->footer(text); }

void CommandLine::heading(const std::string& title) { program_->heading = title; }

CommandLine CommandLine::command(const std::string& name, const std::string& doc) {
    app_->require_subcommand(1);
    CLI::App& added = *app_->add_subcommand(name, doc);
    if (app_ == &program_->app)
        added.group(program_->heading);
    return {program_, added};
}

void CommandLine::subcommands_optional() { app_->require_subcommand(0, 1); }

void CommandLine::hide() { app_->group(""); }

Json CommandLine::tree() const { return place_json(*app_); }

void CommandLine::acts(std::function<void()> action) {
    // A place is asked after its subcommands.
    app_->callback([program = program_.get(), app = app_, action = std::move(action)] {
        if (app->get_subcommands().empty())
            program->action = action;
    });
}

std::optional<int> CommandLine::parse(int argc, char** argv) {
    if (argc == 1)
        throw InputError("expected a subcommand\n\n" + app_->help());
    try {
        app_->parse(argc, argv);
        return std::nullopt;
    } catch (const CLI::ParseError& e) {
        if (!app_->remaining().empty() && app_->get_subcommands().empty())
            throw InputError(unknown_word(*app_, app_->remaining().front()));
        return app_->exit(e) == 0 ? 0 : bad_input;
    }
}

void CommandLine::act() const {
    demand_values(program_->app);
    for (const std::string* file : program_->outputs)
        if (!file->empty())
            demand_writable(*file);
    program_->action();
}

CommandLine::Option& CommandLine::Option::required() {
    option_.required();
    return *this;
}

CommandLine::Option& CommandLine::Option::type(const char* name) {
    option_.type_name(name);
    return *this;
}

CommandLine::Option& CommandLine::Option::group(const char* title) {
    option_.group(title);
    return *this;
}

CommandLine::Option& CommandLine::Option::range(int low, int high) {
    option_.check(CLI::Range(low, high));
    return *this;
}

CommandLine::Option& CommandLine::Option::range(double low, double high) {
    option_.check(CLI::Range(low, high));
    return *this;
}

CommandLine::Option& CommandLine::Option::not_negative() {
    option_.check(CLI::NonNegativeNumber);
    return *this;
}

CommandLine::Option& CommandLine::Option::one_of(const std::vector<std::string>& names) {
    option_.check(CLI::IsMember(names));
    return *this;
}

CommandLine::Option& CommandLine::Option::repeatable() {
    option_.expected(1)->take_all();
    return *this;
}

CommandLine::Option& CommandLine::Option::commas() {
    option_.delimiter(',');
    return *this;
}

CommandLine::Option& CommandLine::Option::value_optional() {
    option_.expected(0, 1);
    return *this;
}

CommandLine::Option& CommandLine::Option::needs(const char* other) {
    option_.needs(app_.get_option(other));
    return *this;
}

CommandLine::Option& CommandLine::Option::without_default() {
    option_.default_str("");
    return *this;
}

}  // namespace xloop
