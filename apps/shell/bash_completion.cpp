#include "apps/shell/completion.hpp"
#include "apps/shell/completion_parts.hpp"

#include <fmt/format.h>

namespace xloop {
namespace {

constexpr const char* functions = R"bash(
# Files of the folder, or those that come with the program where there is no `configs` here. $1: word, $2: pattern to leave out
_xloop_files() {
    local IFS=$'\n' share
    compopt -o filenames 2>/dev/null
    COMPREPLY=($([[ $2 ]] && compgen -d -- "$1"; compgen -f -X "$2" -- "$1"))
    if [[ ${#COMPREPLY[@]} -eq 0 && $1 == configs* ]]; then
        share=$(readlink -f -- "$(command -v xloop)")
        share=${share%/bin/*}/share/xloop
        [[ -d $share/configs ]] || return
        COMPREPLY=($(cd -- "$share" && compgen -d -S / -- "$1"; cd -- "$share" && compgen -f -X "${2:-!*.*}" -- "$1"))
        [[ ${COMPREPLY[0]} == */ ]] && compopt -o nospace 2>/dev/null
    fi
}

# $1: word after -s, KEY=VALUE
_xloop_setting() {
    local values
    if [[ $1 != *=* ]]; then
        compopt -o nospace 2>/dev/null
        COMPREPLY=($(compgen -W "$_xloop_keys" -S = -- "$1"))
        return
    fi
    values=$(_xloop_key_values "${1%%=*}")
    if [[ $values == files ]]; then
        _xloop_files "${1#*=}"
    else
        COMPREPLY=($(compgen -W "$values" -- "${1#*=}"))
    fi
}

# $1: word, $2: what to offer, $3: place and option
_xloop_offer() {
    local IFS=$' \t\n'
    case $2 in
        choices) COMPREPLY=($(compgen -W "$(_xloop_choices "$3")" -- "$1")) ;;
        keys) _xloop_setting "$1" ;;
        folders) compopt -o filenames 2>/dev/null; IFS=$'\n'; COMPREPLY=($(compgen -d -- "$1")) ;;
        experiments) _xloop_files "$1" '!*.y?(a)ml' ;;
        files) _xloop_files "$1" ;;
    esac
}

_xloop() {
    local -a line=()
    local word i glued= place= option= commands= flags= valued= positional= extglob
    # The shell cuts words at = and :, which belong to ours.
    for ((i = 1; i <= COMP_CWORD; ++i)); do
        word=${COMP_WORDS[i]}
        if [[ ${#line[@]} -gt 0 && -n $word && ( $word == [=:]* || $glued ) ]]; then
            line[-1]+=$word
        else
            line+=("$word")
        fi
        [[ $word == *[=:] ]] && glued=1 || glued=
    done
    local current=${line[-1]}
    unset 'line[-1]'
    COMPREPLY=()
    _xloop_place ""
    for word in "${line[@]}"; do
        if [[ $option ]]; then
            option=
        elif [[ $word == -* ]]; then
            [[ " $valued " == *" $word "* ]] && option=$word
        elif [[ " $commands " == *" $word "* ]]; then
            place+=" $word"
            _xloop_place "$place"
        fi
    done
    if [[ $current == --*=* ]]; then
        option=${current%%=*}
        current=${current#*=}
    fi
    extglob=$(shopt -p extglob)
    shopt -s extglob
    if [[ $option ]]; then
        _xloop_offer "$current" "$(_xloop_option "$place $option")" "$place $option"
    elif [[ $current == -* ]]; then
        COMPREPLY=($(compgen -W "$flags $valued" -- "$current"))
    else
        _xloop_offer "$current" "$positional" "$place"
        COMPREPLY+=($(compgen -W "$commands" -- "$current"))
    fi
    $extglob
}

complete -F _xloop xloop
)bash";

/// What the functions ask: what may stand at a place, what to offer for an option, the choices of one.
struct Answers {
    CaseFunction places{"_xloop_place"}, options{"_xloop_option"}, choices{"_xloop_choices"};

    void add(const Json& place, const std::string& path, const Json& all) {
        Words commands, flags, valued;
        Offer by_itself = Offer::nothing;
        for (const Json& command : place["commands"])
            commands.push_back(command["name"]);
        for (const Json& option : all) {
            if (is_positional(option) && by_itself == Offer::nothing) {
                by_itself = offer_of(option);
                add_choices(option, path);
            }
            for (const std::string& name : option["names"].get<Words>()) {
                (takes_value(option) ? valued : flags).push_back(name);
                if (offer_of(option) != Offer::nothing)
                    options.add(path + " " + name, std::string("echo ") + name_of(offer_of(option)));
                add_choices(option, path + " " + name);
            }
        }
        places.add(path, fmt::format("commands={} flags={} valued={} positional={}", quoted(joined(commands)),
                                     quoted(joined(flags)), quoted(joined(valued)), name_of(by_itself)));
    }

private:
    void add_choices(const Json& option, const std::string& where) {
        if (offer_of(option) == Offer::choices)
            choices.add(where, "echo " + quoted(joined(option["choices"].get<Words>())));
    }
};

}  // namespace

std::string bash_completion(const Json& tree, const Json& keys) {
    Answers answers;
    visit_places(tree, [&](const Json& place, const std::string& path, const Json& options) {
        answers.add(place, path, options);
    });
    return "# Completion of xloop for bash, made by `xloop completion bash`.\n\n" + key_script(keys) +
           "# $1: the subcommands that lead to a place\n" + answers.places.str() + answers.options.str() +
           answers.choices.str() + std::string(functions).substr(1);
}

}  // namespace xloop
