#include "traces/saif/vcd_to_saif.hpp"

#include "core/error.hpp"
#include "traces/saif/saif_tree.hpp"
#include "traces/vcd/vcd_player.hpp"

#include <fmt/format.h>

namespace xloop::trace {
namespace {

/// Where nets outside all scopes go, since a SAIF file has nets in instances only.
constexpr const char* nameless_top = "top";

/// In units of the file.
struct Window {
    std::uint64_t begin, end;
};

std::uint64_t on_scale(std::uint64_t femtoseconds, const TimeScale& scale, const TextInput& in) {
    if (femtoseconds % scale.femtoseconds() != 0)
        throw InputError(fmt::format("{}: the window's border {} is no multiple of the file's time scale {}", in.name(),
                                     time_text(femtoseconds), scale.text()));
    return femtoseconds / scale.femtoseconds();
}

[[noreturn]] void fail_outside(const TimeSpan& window, const TextInput& in, std::uint64_t first, std::uint64_t last,
                               std::uint64_t femtoseconds) {
    const auto text = [&](std::uint64_t time) { return time_text(time, femtoseconds); };
    throw InputError(fmt::format("{}: window {} to {}, expected one within the file: {} to {}", in.name(),
                                 time_text(window.begin), time_text(window.end), text(first), text(last)));
}

}  // namespace

TimeSpan parse_time_span(std::string_view text) {
    const std::size_t colon = text.find(':');
    const auto begin = parse_time(text.substr(0, colon));
    const auto end = parse_time(colon == std::string_view::npos ? "" : text.substr(colon + 1));
    if (!begin || !end || *begin >= *end)
        throw InputError(fmt::format(
            "window `{}`, expected BEGIN:END with units s, ms, us, ns, ps or fs and BEGIN before END, e.g. 100ns:2us",
            text));
    return {*begin, *end};
}

SaifFile saif_of_vcd(TextInput& in, const std::optional<TimeSpan>& window) {
    VcdPlayer player(in);
    const TimeScale& scale = player.header().timescale;
    VcdActivity activity(player.header());
    const std::uint64_t first = player.start(activity);
    Window span{first, ~std::uint64_t{0}};
    if (window)
        span = {on_scale(window->begin, scale, in), on_scale(window->end, scale, in)};
    activity.open(span.begin, span.end);
    while (player.more() && player.next_time() < span.end)
        player.step(activity);
    const std::uint64_t last = player.next_time();
    if (window && (span.begin < first || last < span.end))
        fail_outside(*window, in, first, last, scale.femtoseconds());
    activity.finish(window ? span.end : last);
    return saif_of_activity(player.header(), activity, in);
}

SaifFile saif_of_activity(const VcdHeader& header, const VcdActivity& activity, const TextInput& in) {
    SaifTree tree;
    std::vector<SaifTree::Node> instances;
    for (const VcdScope& scope : header.scopes)
        instances.push_back(
            tree.within(scope.parent == VcdScope::none ? SaifTree::root : instances[scope.parent], scope.name));
    for (const VcdVariable& variable : header.variables) {
        const VcdValue& value = header.values[variable.code];
        if (value.kind != VcdValue::Kind::bits || !variable.is_net())
            continue;
        const SaifTree::Node instance =
            variable.scope == VcdScope::none ? tree.within(SaifTree::root, nameless_top) : instances[variable.scope];
        for (std::uint32_t bit = 0; bit < value.width; ++bit) {
            SaifNet net;
            net.line = variable.line;
            net.name = variable.name;
            net.counts = activity.counts(variable.code, bit);
            if (variable.ranged || value.width > 1)
                net.bit = variable.bit(bit);
            // Only numbers from 0 on are bits to readers of SAIF files.
            if (net.bit < 0 && variable.ranged)
                net.name += fmt::format("[{}]", variable.bit(bit));
            tree.add(instance, std::move(net));
        }
    }
    SaifFile file;
    file.instances = tree.take();
    file.merge_repeats(in);
    file.fields = {"SAIFVERSION", "DIRECTION", "DURATION", "TIMESCALE"};
    file.header.design = file.instances.empty() ? "" : file.instances.front().name;
    file.header.date = header.date;
    file.header.duration = activity.duration();
    file.header.timescale_value = header.timescale.value;
    file.header.timescale_unit = header.timescale.unit;
    return file;
}

}  // namespace xloop::trace
