#include "apps/shell/completion.hpp"
#include "apps/shell/completion_parts.hpp"

#include <fmt/format.h>

namespace xloop {
namespace {

constexpr const char* setting = R"zsh(# KEY=VALUE
_xloop_setting() {
    if compset -P '*='; then
        local -a values
        values=($(_xloop_key_values "${IPREFIX%=}"))
        if [[ $values == files ]]; then _files; else compadd -a values; fi
    else
        compadd -S = -- ${=_xloop_keys}
    fi
}

)zsh";

/// Brackets and colons have a meaning of their own in a specification.
std::string plain(const std::string& text) {
    std::string out;
    for (const char c : text)
        out += (c == '[' || c == ']' || c == ':' || c == '\\' ? "\\" : "") + std::string(1, c);
    return out;
}

std::string action(const Json& option) {
    switch (offer_of(option)) {
    case Offer::choices: return "(" + joined(option["choices"].get<Words>()) + ")";
    case Offer::keys: return "_xloop_setting";
    case Offer::folders: return "_files -/";
    case Offer::experiments: return "_files -g \"*.y(a|)ml(-.)\"";
    case Offer::files: return "_files";
    case Offer::nothing: break;
    }
    return " ";
}

/// A line of _arguments.
std::string line(const std::string& specification) { return " \\\n        " + quoted(specification); }

std::string option_lines(const Json& option) {
    const Words names = option["names"].get<Words>();
    std::string tail = "[" + plain(option["doc"]) + "]";
    if (takes_value(option))
        tail += (option["value_optional"].get<bool>() ? "::" : ":") + plain(option["value"]) + ":" + action(option);
    std::string text;
    for (const std::string& name : names)
        text += line((option["repeats"].get<bool>() ? "*" : "(" + joined(names) + ")") + name + tail);
    return text;
}

std::string function_name(std::string path) {
    for (char& c : path)
        c = c == ' ' ? '_' : c;
    return "_xloop" + path;
}

/// Of a place with subcommands: `besides` is what else may stand there, an experiment of `search`.
std::string commands_text(const Json& place, const std::string& path, const std::string& arguments,
                          const std::string& besides) {
    std::string described, cases;
    for (const Json& command : place["commands"]) {
        const std::string word = command["name"];
        described += "\n                " + quoted(plain(word) + ":" + command["doc"].get<std::string>());
        cases += fmt::format("                {}) {} ;;\n", word, function_name(path + " " + word));
    }
    if (!besides.empty())
        cases += "                *) _arguments -S" + arguments + " ;;\n";
    return "    local state line\n    local -a commands\n    _arguments -C -S" + arguments + line("1: :->command") +
           line("*:: :->rest") + "\n    case $state in\n        command)\n            commands=(" + described +
           ")\n            _describe -t commands command commands\n" + besides +
           "            ;;\n        rest)\n            case $words[1] in\n" + cases +
           "            esac\n            ;;\n    esac\n";
}

std::string place_function(const Json& place, const std::string& path, const Json& options) {
    std::string arguments, positionals, besides;
    int number = 0;
    for (const Json& option : options) {
        if (!is_positional(option)) {
            arguments += option_lines(option);
            continue;
        }
        const std::string which = option["repeats"].get<bool>() ? "*" : std::to_string(++number);
        positionals += line(which + ":" + plain(option["value"]) + ":" + action(option));
        besides = "            " + action(option) + "\n";
    }
    return function_name(path) + "() {\n" +
           (place["commands"].empty() ? "    _arguments -S" + arguments + positionals + "\n"
                                      : commands_text(place, path, arguments, besides)) +
           "}\n\n";
}

}  // namespace

std::string zsh_completion(const Json& tree, const Json& keys) {
    std::string places;
    visit_places(tree, [&](const Json& place, const std::string& path, const Json& options) {
        places += place_function(place, path, options);
    });
    return "#compdef xloop\n# Completion of xloop for zsh, made by `xloop completion zsh`.\n\n" + key_script(keys) +
           setting + places + "_xloop \"$@\"\n";
}

}  // namespace xloop
