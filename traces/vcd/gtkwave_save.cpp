#include "traces/vcd/gtkwave_save.hpp"

#include "traces/bus/hierarchy.hpp"
#include "traces/text/text_output.hpp"

#include <fmt/format.h>

namespace xloop::trace {
namespace {

constexpr std::size_t most_signals = 1000;
/// Flags of the lines that follow: a closed group and its end, bits, hexadecimal; all to the right.
constexpr const char *group_begin = "@c00200\n", *group_end = "@1401200\n", *bits = "@28\n", *hexadecimal = "@22\n";

bool is_control(const Signal& signal) {
    return includes(Detail::control, signal.kind) || signal.kind == SignalClass::clock;
}

}  // namespace

void write_gtkwave_save(const std::string& path, const std::string& dump, const Declarations& declarations) {
    TextOutput out(path);
    out.write(fmt::format("[*] {}\n[dumpfile] \"{}\"\n[timestart] 0\n", declarations.program, dump));
    const std::string* scope = nullptr;
    std::size_t shown = 0;
    const auto close = [&] {
        if (scope)
            out.write(fmt::format("{}-{}\n", group_end, *scope));
    };
    for (std::size_t s : by_hierarchy(declarations.signals)) {
        const Signal& signal = declarations.signals[s];
        if (!is_control(signal) || shown == most_signals)
            continue;
        if (!scope || *scope != signal.scope) {
            close();
            scope = &signal.scope;
            out.write(fmt::format("{}-{}\n", group_begin, *scope));
        }
        const std::string range = signal.width > 1 ? fmt::format("[{}:0]", signal.width - 1) : "";
        out.write(fmt::format("{}{}.{}{}\n", signal.width > 1 ? hexadecimal : bits, signal.scope, signal.name, range));
        ++shown;
    }
    close();
    out.close();
}

}  // namespace xloop::trace
