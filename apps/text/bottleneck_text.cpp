#include "apps/text/bottleneck_text.hpp"

#include "core/words.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cmath>
#include <map>

namespace xloop {
namespace {

/// 12800 as 12,800.
std::string grouped(double value) {
    std::string digits = fmt::format("{:.0f}", value);
    for (auto place = static_cast<std::ptrdiff_t>(digits.size()) - 3; place > 0; place -= 3)
        digits.insert(static_cast<std::size_t>(place), ",");
    return digits;
}

std::string cycles_text(double cycles) { return grouped(cycles) + (cycles == 1.0 ? " cycle" : " cycles"); }

/// "conv1, conv2 and 3 more layers"; "the network".
std::string holders(const Bottleneck& b) {
    const std::size_t count = b.holders.size(), named = std::min<std::size_t>(count, 3);
    std::string text = b.holders[0];
    for (std::size_t i = 1; i < named; ++i)
        text += (i + 1 == count ? " and " : ", ") + b.holders[i];
    return count > named ? text + " and " + counted(static_cast<std::int64_t>(count - named), "more layer") : text;
}

/// The part and its verb: "its ADC banks are".
std::string part_is(const Bottleneck& b) {
    const char* its = b.parts.size() > 1 ? "their" : "its";
    const std::string tile = b.tile.empty() ? "its tile" : b.tile;
    switch (b.parts.front().kind) {
    case LimitKind::reads: return fmt::format("{} arrays are", its);
    case LimitKind::converters: return fmt::format("{} ADC banks are", its);
    case LimitKind::multipliers: return fmt::format("{} multipliers are", its);
    case LimitKind::places: return fmt::format("{} registers and accumulator entries are", its);
    case LimitKind::bus: return fmt::format("the bus of {} is", tile);
    case LimitKind::buffer: return fmt::format("the buffer ports of {} are", tile);
    case LimitKind::vector_unit: return fmt::format("the vector unit of {} is", tile);
    case LimitKind::network_interface: return fmt::format("{} network interface is", its);
    case LimitKind::link: return (b.link.empty() ? "a link" : "link " + b.link) + " is";
    case LimitKind::image_input: return "the port of the input/output node is";
    }
    return "";
}

/// Why the part is busy: "8 reads a position, 32 conversions of a read take 25 cycles, a read 10".
std::string reason(const Bottleneck& b) {
    if (b.steps > 0)
        return fmt::format("{} a position", counted(b.steps, "step"));
    if (b.reads == 0)
        return cycles_text(b.parts.front().cycles) + " an image";
    const std::string sweep = cycles_text(b.sweep_cycles);
    return fmt::format("{} a position; {}, a read {}{}", counted(b.reads, "read"),
                       b.conversions == 0
                           ? fmt::format("a {} takes {}", b.adc, sweep)
                           : fmt::format("{} by each ADC take{} {}", counted(b.conversions, "conversion"),
                                         b.conversions == 1 ? "s" : "", sweep),
                       b.read_cycles, b.sample_hold ? "" : ", one after the other");
}

/// Who holds the run, and how busy the part is.
std::string holder_line(const Bottleneck& b) {
    const std::string part = part_is(b), busy = percent(b.busy, 0);
    const std::string longest = fmt::format("{} takes the largest share of the latency, {} of {} cycles", b.layer,
                                            grouped(b.time), grouped(b.interval_measured));
    if (b.jammed) {
        std::string text = of_network(b.parts.front().kind) ? "Packets hold each other up in the network"
                                                            : "Layers hold each other up";
        text += fmt::format(": {} busy {} of the time ({})", part, busy, reason(b));
        if (!b.busiest_layer.empty())
            text += fmt::format(", no array more than {} ({})", percent(b.busiest_share, 0), b.busiest_layer);
        return text + ".";
    }
    if (!b.clear)
        return b.pipelined
                   ? fmt::format("No part is busy all the time; most of all {}: {} busy {} of it.", holders(b), part,
                                 busy)
                   : fmt::format("{}, but no part of it is clearly the limit: at most, {} busy {} of that time.",
                                 longest, part, busy);
    if (!b.pipelined)
        return fmt::format("{}: {} busy {} of that time ({}).", longest, part, busy, reason(b));
    std::string text = fmt::format("{} hold{} the pipeline: {} busy {} of the time ({}).", holders(b),
                                   b.parts.size() > 1 ? "" : "s", part, busy, reason(b));
    if (b.layer.empty())
        text[0] = 'T';
    return text;
}

std::string interval_line(const Bottleneck& b) {
    const char* what = b.pipelined ? "interval" : "latency";
    if (!b.measured)
        return fmt::format("\nThe {} is {} cycles in closed form.", what, grouped(b.interval_before));
    if (!b.interval_seen)
        return fmt::format("\nOne image does not show the interval; in closed form it is {} cycles.",
                           grouped(b.interval_before));
    if (b.unsettled())
        return fmt::format(
            "\nThe last of {} images end {} cycles apart, less than the part works for one: the first ones waited for "
            "their start. The interval of a long stream is {} cycles, in closed form.",
            b.images, grouped(b.interval_measured), grouped(b.interval_before));
    return fmt::format("\nThe {} is {} cycles, in closed form {}.", what, grouped(b.interval_measured),
                       grouped(b.interval_before));
}

/// ", energy -2.1 %, area +0.4 %", against what it is now.
std::string price(const Bottleneck& b, const Bottleneck::Change& change) {
    // In tenths, without a zero below zero.
    const auto percent_of = [](double now, double then) {
        return now > 0 ? std::round(1000 * (then / now - 1)) / 10 + 0.0 : 0.0;
    };
    if (!change.unpriced.empty())
        return fmt::format(", energy and area not priced: {}", change.unpriced);
    return fmt::format(", energy {:+.1f} %, area {:+.1f} %", percent_of(b.energy_j, change.energy_j),
                       percent_of(b.area_mm2, change.area_mm2));
}

/// What else there is to say of a change.
std::string remarks(const Bottleneck::Change& change) {
    std::string text = change.other_values ? ", computed values change" : "";
    return text + (change.uncertain.empty() ? "" : ", at best");
}

/// Why figures can come out longer; reasons that differ in their numbers only are one.
std::string reasons(const Bottleneck& b) {
    std::map<std::string, std::string> all;
    for (const auto* changes : {&b.changes, &b.may_shrink})
        for (const Bottleneck::Change& change : *changes) {
            std::string kind = change.uncertain;
            kind.erase(std::remove_if(kind.begin(), kind.end(), [](char c) { return c >= '0' && c <= '9'; }),
                       kind.end());
            if (!kind.empty())
                all.emplace(kind, change.uncertain);
        }
    std::string text;
    for (const auto& [kind, reason] : all)
        text += (text.empty() ? "\nAt best, as " : "; or as ") + reason;
    return text.empty() ? "" : text + ".";
}

std::string suggestion_lines(const Bottleneck& b) {
    const char* what = b.pipelined ? "interval" : "latency";
    if (!b.suggestion)
        return fmt::format("\nNo single change of it shortens the {}.", what);
    const Bottleneck::Change& best = *b.suggestion;
    std::string text = "\n" + (best.key.rfind("one ", 0) == 0 ? "O" + best.key.substr(1) : best.key);
    text += best.step > 0.0 && best.step < b.step_before
                ? fmt::format(" would take a position of the layer from {} to {} cycles", grouped(b.step_before),
                              grouped(best.step))
                : " would help";
    text += fmt::format("; then {} {}{}: {} {} -> {} cycles{}{}.", best.next, best.next == b.layer ? "still " : "",
                        b.pipelined ? "holds the pipeline" : "takes the largest share", what, grouped(b.before()),
                        grouped(best.interval), price(b, best), remarks(best));
    std::string others;
    for (const Bottleneck::Change& change : b.changes)
        if (change.key != best.key)
            others += fmt::format("{}{}: {} cycles{}{}", others.empty() ? "\nInstead, " : "; ", change.key,
                                  grouped(change.interval), price(b, change), remarks(change));
    return text + (others.empty() ? "" : others + ".");
}

std::string receivers_line(const Bottleneck& b) {
    return b.layer.empty()
               ? "\nNo layer is blocked much: tasks wait for input."
               : fmt::format("\nThe layers before {} are blocked: they wait for room in its line buffers.", b.layer);
}

/// The largest savings first.
std::string smaller_line(const Bottleneck& b) {
    constexpr std::size_t shown = 4;
    std::string text;
    for (std::size_t i = 0; i < std::min(shown, b.may_shrink.size()); ++i) {
        const std::string cost = price(b, b.may_shrink[i]);
        text += fmt::format("{}{} ({}{})", text.empty() ? "\nAt the same interval may shrink, each alone: " : "; ",
                            b.may_shrink[i].key, cost.substr(2), remarks(b.may_shrink[i]));
    }
    if (b.may_shrink.size() > shown)
        text += fmt::format("; and {}", counted(static_cast<std::int64_t>(b.may_shrink.size() - shown), "more key"));
    return text.empty() ? "" : text + ".";
}

}  // namespace

std::string bottleneck_text(const Bottleneck& b) {
    const bool changed = b.clear || b.jammed || !b.pipelined;
    return holder_line(b) + interval_line(b) + (changed ? suggestion_lines(b) : receivers_line(b)) + smaller_line(b) +
           reasons(b);
}

Json bottleneck_json(const Bottleneck& b) {
    const auto list = [](const std::vector<Bottleneck::Change>& changes) {
        Json entries = Json::array();
        for (const Bottleneck::Change& change : changes)
            entries.push_back({{"change", change.key},
                               {"settings", change.settings},
                               {"interval_after", change.interval},
                               {"next_layer", change.next.empty() ? Json() : Json(change.next)},
                               {"other_values", change.other_values},
                               {"energy_j", change.unpriced.empty() ? Json(change.energy_j) : Json()},
                               {"area_mm2", change.unpriced.empty() ? Json(change.area_mm2) : Json()},
                               {"uncertain", change.uncertain.empty() ? Json() : Json(change.uncertain)}});
        return entries;
    };
    Json json;
    json["layer"] = b.layer.empty() ? Json() : Json(b.layer);
    json["limit"] = b.limit;
    json["busy"] = b.busy;
    json["interval_measured"] = b.measured && b.interval_seen ? Json(b.interval_measured) : Json();
    json["interval_before"] = b.interval_before;
    json["energy_j"] = b.energy_j;
    json["area_mm2"] = b.area_mm2;
    json["suggestion"] = b.suggestion ? Json(b.suggestion->key) : Json();
    json["interval_after"] = b.suggestion ? Json(b.suggestion->interval) : Json();
    json["next_layer"] = b.suggestion ? Json(b.suggestion->next) : Json();
    json["changes"] = list(b.changes);
    json["may_shrink"] = list(b.may_shrink);
    json["text"] = bottleneck_text(b);
    return json;
}

}  // namespace xloop
