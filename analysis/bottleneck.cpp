#include "analysis/bottleneck.hpp"

#include "analysis/bottleneck_changes.hpp"
#include "analysis/timing.hpp"
#include "core/error.hpp"
#include "systemc_model/cost/adc/adc_kind.hpp"
#include "systemc_model/estimate/estimate.hpp"
#include "systemc_model/mapping/durations.hpp"
#include "systemc_model/mapping/map_network.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <tuple>

namespace xloop {
namespace {

/// Below it, a part is not what holds the run.
constexpr double clearly_busy = 0.8;
/// Share of a task's time from which on it counts as blocked.
constexpr double clearly_blocked = 0.25;

/// 12800 as 12,800.
std::string grouped(double value) {
    std::string digits = fmt::format("{:.0f}", value);
    for (auto place = static_cast<std::ptrdiff_t>(digits.size()) - 3; place > 0; place -= 3)
        digits.insert(static_cast<std::size_t>(place), ",");
    return digits;
}

std::string percent(double share) { return fmt::format("{:.0f} %", 100 * share); }

std::string cycles_text(double cycles) { return grouped(cycles) + (cycles == 1.0 ? " cycle" : " cycles"); }

/// What a configuration gives in closed form.
struct Forecast {
    double interval = 0;
    Limit holder;
};

class Finder {
public:
    Finder(const MappedNetwork& network, const SimulationResult& result)
        : network_(network), graph_(network.graph), mapping_(network.mapping), hardware_(network.hardware),
          result_(result), durations_(hardware_), limits_(limits_of(network)), pipelined_(hardware_.pipelined()),
          // One image alone does not show how closely images follow one another.
          interval_seen_(!pipelined_ || result.images.size() > 1) {}

    Bottleneck find() {
        const Forecast now = forecast(network_, limits_);
        found_.interval_before = now.interval;
        found_.interval_measured = interval_of(result_);
        const Limit limit = pipelined_ ? now.holder : longest_layer();
        for (const Limit& other : limits_)
            if (pipelined_ && other.kind == limit.kind && other.cycles > 0.999 * limit.cycles)
                tied_.push_back(other);
        if (tied_.empty())
            tied_ = {limit};
        found_.busy = std::min(1.0, limit.cycles / time_of(limit));
        if (found_.busy < clearly_busy)
            not_clear(limit);
        else
            clear(limit);
        return std::move(found_);
    }

private:
    Forecast forecast(const MappedNetwork& network, const std::vector<Limit>& limits) const {
        if (network.hardware.pipelined() && network.mapping.rounds == 1)
            return {limits.front().cycles, limits.front()};
        const int images = std::max(1, static_cast<int>(result_.images.size()));
        const Estimate figures = estimate(network, images);
        Forecast result{static_cast<double>(figures.cycles) / images, limits.front()};
        if (network.hardware.pipelined())
            return result;
        const auto longest = std::max_element(
            figures.layers.begin(), figures.layers.end(),
            [](const Estimate::Layer& a, const Estimate::Layer& b) { return a.cycles() < b.cycles(); });
        result.holder = limit_in(static_cast<int>(longest - figures.layers.begin()), limits);
        return result;
    }

    /// The longest limit of one layer.
    static Limit limit_in(int layer, const std::vector<Limit>& limits) {
        const auto own =
            std::find_if(limits.begin(), limits.end(), [layer](const Limit& l) { return l.layer == layer; });
        return own == limits.end() ? Limit{LimitKind::vector_unit, layer, -1, 0} : *own;
    }

    Limit longest_layer() const {
        const auto longest =
            std::max_element(result_.layers.begin(), result_.layers.end(),
                             [this](const auto& a, const auto& b) { return cycles_of(a) < cycles_of(b); });
        return limit_in(static_cast<int>(longest - result_.layers.begin()), limits_);
    }

    /// Of a layer, for each image.
    double cycles_of(const SimulationResult::Layer& layer) const {
        double sum = 0;
        for (const CycleSpan& image : layer.images)
            sum += static_cast<double>(image.length());
        return sum / static_cast<double>(std::max<std::size_t>(layer.images.size(), 1));
    }

    /// Cycles for each image in which the part of a limit could have worked.
    double time_of(const Limit& limit) const {
        double cycles = found_.interval_measured;
        if (!pipelined_)
            cycles = cycles_of(result_.layers[static_cast<std::size_t>(limit.layer)]);
        else if (!interval_seen_)
            cycles = found_.interval_before;
        else if (result_.rounds.size() > 1 && limit.layer >= 0) {
            const auto& round =
                result_.rounds[static_cast<std::size_t>(mapping_.layers[static_cast<std::size_t>(limit.layer)].round)];
            cycles = static_cast<double>(round.end_cycle - round.start_cycle - round.write_cycles) /
                     static_cast<double>(result_.images.size());
        }
        return std::max(cycles, 1.0);
    }

    const std::string& name(int layer) const { return graph_.layers[static_cast<std::size_t>(layer)].name; }

    /// The positions of an image that the busiest copy computes.
    int positions_of(int layer) const {
        const int copies = mapping_.layers[static_cast<std::size_t>(layer)].copy_count();
        return (graph_.layers[static_cast<std::size_t>(layer)].positions() + copies - 1) / copies;
    }

    std::string busiest_link() const {
        const auto busiest = std::max_element(result_.links.begin(), result_.links.end(),
                                              [](const auto& a, const auto& b) { return a.flits < b.flits; });
        return busiest == result_.links.end() ? "a link" : "link " + busiest->path;
    }

    std::string holder(const Limit& limit) const {
        if (limit.layer >= 0)
            return name(limit.layer);
        return limit.kind == LimitKind::link ? "the network" : "the input of images";
    }

    /// "conv1, conv2 and 3 more layers"; "the network".
    std::string holders() const {
        if (tied_.front().layer < 0)
            return holder(tied_.front());
        const std::size_t named = std::min<std::size_t>(tied_.size(), 3);
        std::string text = name(tied_[0].layer);
        for (std::size_t i = 1; i < named; ++i)
            text += (i + 1 == tied_.size() ? " and " : ", ") + name(tied_[i].layer);
        if (tied_.size() > named)
            text += fmt::format(" and {} more layer{}", tied_.size() - named, tied_.size() == named + 1 ? "" : "s");
        return text;
    }

    /// The part and its verb: "its ADC banks are".
    std::string part_is(const Limit& limit) const {
        const char* its = tied_.size() > 1 ? "their" : "its";
        switch (limit.kind) {
        case LimitKind::reads: return fmt::format("{} arrays are", its);
        case LimitKind::converters: return fmt::format("{} ADC banks are", its);
        case LimitKind::places: return fmt::format("{} registers and accumulator entries are", its);
        case LimitKind::bus: return fmt::format("the bus of {} is", tile(limit));
        case LimitKind::buffer: return fmt::format("the buffer ports of {} are", tile(limit));
        case LimitKind::vector_unit: return fmt::format("the vector unit of {} is", tile(limit));
        case LimitKind::network_interface: return fmt::format("{} network interface is", its);
        case LimitKind::link: return busiest_link() + " is";
        case LimitKind::image_input: return "the port of the input/output node is";
        }
        return "";
    }

    std::string tile(const Limit& limit) const { return limit.tile < 0 ? "its tile" : mapping_.tile_name(limit.tile); }

    /// Why the part is busy: "8 reads a position, 32 conversions of a read take 25 cycles, a read 10".
    std::string reason(const Limit& limit) const {
        if (limit.kind != LimitKind::reads && limit.kind != LimitKind::converters)
            return cycles_text(limit.cycles) + " an image";
        const int outputs = largest_outputs(mapping_.layers[static_cast<std::size_t>(limit.layer)]);
        const AdcKind& adc = adc_kind(hardware_.adc);
        const int conversions = std::min(hardware_.conversions(outputs), adc.conversions_in_turn(hardware_.adc));
        const std::string sweep =
            !adc.in_turn
                ? fmt::format("a {} takes {}", name_of(adc.type), cycles_text(durations_.sweep(outputs)))
                : fmt::format("{} conversion{} by each ADC take{} {}", conversions, conversions == 1 ? "" : "s",
                              conversions == 1 ? "s" : "", cycles_text(durations_.sweep(outputs)));
        return fmt::format("{} read{} a position; {}, a read {}{}", durations_.reads(),
                           durations_.reads() == 1 ? "" : "s", sweep, durations_.read(),
                           hardware_.crossbar.sample_hold ? "" : ", one after the other");
    }

    void clear(const Limit& limit) {
        found_.layer = limit.layer < 0 ? "" : name(limit.layer);
        found_.limit = name_of(limit.kind);
        if (pipelined_)
            found_.text = fmt::format("{} hold{} the pipeline: {} busy {} of the time ({}).", holders(),
                                      tied_.size() > 1 ? "" : "s", part_is(limit), percent(found_.busy), reason(limit));
        else
            found_.text = longest_text(limit) + fmt::format(": {} busy {} of that time ({}).", part_is(limit),
                                                            percent(found_.busy), reason(limit));
        if (limit.layer < 0)
            found_.text[0] = 'T';
        interval_line();
        try_changes(limit);
        suggest(limit);
    }

    std::string longest_text(const Limit& limit) const {
        return fmt::format("{} takes the largest share of the latency, {} of {} cycles", found_.layer,
                           grouped(time_of(limit)), grouped(found_.interval_measured));
    }

    void interval_line() {
        const char* what = pipelined_ ? "interval" : "latency";
        if (!interval_seen_)
            found_.text += fmt::format("\nOne image does not show the interval; in closed form it is {} cycles.",
                                       grouped(found_.interval_before));
        else
            found_.text += fmt::format("\nThe {} is {} cycles, in closed form {}.", what,
                                       grouped(found_.interval_measured), grouped(found_.interval_before));
    }

    void try_changes(const Limit& limit) {
        for (const HardwareChange& change : changes_against(tied_, network_)) {
            try {
                const MappedNetwork changed = map_network(graph_, change.hardware);
                const std::vector<Limit> limits = limits_of(changed);
                const Forecast then = forecast(changed, limits);
                found_.changes.push_back({change.text, then.interval, holder(then.holder), change.other_values});
                steps_.push_back(limit.layer < 0
                                     ? 0.0
                                     : limit_in(limit.layer, limits).cycles / then_positions(limit, changed.mapping));
            } catch (const InputError&) {
                continue;  // does not fit the mesh, the budget or the buffers: nothing to propose
            }
        }
    }

    double then_positions(const Limit& limit, const Mapping& mapping) const {
        const int copies = mapping.layers[static_cast<std::size_t>(limit.layer)].copy_count();
        return (graph_.layers[static_cast<std::size_t>(limit.layer)].positions() + copies - 1) / copies;
    }

    void suggest(const Limit& limit) {
        const auto rank = [this](const Bottleneck::Change& change) {
            return std::make_tuple(change.interval >= found_.interval_before, change.other_values, change.interval);
        };
        const auto best = std::min_element(found_.changes.begin(), found_.changes.end(),
                                           [&](const auto& a, const auto& b) { return rank(a) < rank(b); });
        const std::string what = pipelined_ ? "interval" : "latency";
        if (best == found_.changes.end() || best->interval >= found_.interval_before) {
            found_.text += fmt::format("\nNo single change of it shortens the {}{}.", what,
                                       found_.changes.empty() ? ": nothing that would relieve it fits" : "");
            return;
        }
        found_.suggestion = *best;
        found_.text += "\n" + (best->key.rfind("one ", 0) == 0 ? "O" + best->key.substr(1) : best->key);
        const auto step = steps_[static_cast<std::size_t>(best - found_.changes.begin())];
        const double step_now = limit.layer < 0 ? 0.0 : limit.cycles / positions_of(limit.layer);
        if (step > 0.0 && step < step_now)
            found_.text +=
                fmt::format(" would take its step from {} to {} cycles a position", grouped(step_now), grouped(step));
        else
            found_.text += " would help";
        found_.text += fmt::format("; then {} {}{}", best->next, best->next == found_.layer ? "still " : "",
                                   pipelined_ ? "holds the pipeline" : "takes the largest share");
        found_.text +=
            fmt::format(": {} {} -> {} cycles.", what, grouped(found_.interval_before), grouped(best->interval));
        std::string others;
        for (const Bottleneck::Change& change : found_.changes)
            if (&change != &*best)
                others += fmt::format("{}{}: {} cycles{}", others.empty() ? "\nInstead, " : "; ", change.key,
                                      grouped(change.interval), change.other_values ? " (with other values)" : "");
        found_.text += others.empty() ? "" : others + ".";
    }

    /// The consumer of the last layer that is blocked much of its time, or -1.
    int behind_blocked() const {
        for (auto l = static_cast<int>(result_.layers.size()) - 1; l >= 0; --l) {
            const StateCycles states = result_.layers[static_cast<std::size_t>(l)].states();
            const auto active = static_cast<double>(states.total() - states.idle);
            const std::vector<int> consumers = graph_.consumers(l);
            if (active > 0 && static_cast<double>(states.blocked) > clearly_blocked * active && !consumers.empty())
                return consumers.back();
        }
        return -1;
    }

    void not_clear(const Limit& limit) {
        if (!pipelined_) {
            found_.layer = name(limit.layer);
            found_.limit = "nothing";
            found_.text =
                longest_text(limit) + fmt::format(
                                          ", but no part of it is clearly the limit: at most, {} busy {} of that "
                                          "time.",
                                          part_is(limit), percent(found_.busy));
            interval_line();
            return;
        }
        const int behind = behind_blocked();
        found_.limit = behind < 0 ? "nothing" : "room at the receivers";
        found_.layer = behind < 0 ? "" : name(behind);
        found_.text = fmt::format("No part is busy all the time; most of all {}: {} busy {} of it.", holders(),
                                  part_is(limit), percent(found_.busy));
        interval_line();
        if (behind >= 0)
            found_.text += fmt::format(
                "\nThe layers before {} are blocked: they wait for room in its line buffers, that is, for its "
                "credits over the network. More rows (mapping.line_buffer_slack_rows {} -> {}) give room; "
                "the closed form knows no credits and gives no figure.",
                found_.layer, hardware_.mapping.line_buffer_slack_rows, hardware_.mapping.line_buffer_slack_rows + 1);
        else
            found_.text += "\nNo layer is blocked much: tasks wait for input.";
    }

    const MappedNetwork& network_;
    const WorkloadGraph& graph_;
    const Mapping& mapping_;
    const HardwareConfig& hardware_;
    const SimulationResult& result_;
    Durations durations_;
    std::vector<Limit> limits_;
    bool pipelined_, interval_seen_;
    Bottleneck found_;
    std::vector<Limit> tied_;    ///< that hold the pipeline alike; at least one
    std::vector<double> steps_;  ///< of the layer's limit for each change, in cycles a position
};

}  // namespace

Json Bottleneck::json() const {
    Json json;
    json["layer"] = layer.empty() ? Json() : Json(layer);
    json["limit"] = limit;
    json["busy"] = busy;
    json["interval_measured"] = interval_measured;
    json["interval_before"] = interval_before;
    json["suggestion"] = suggestion ? Json(suggestion->key) : Json();
    json["interval_after"] = suggestion ? Json(suggestion->interval) : Json();
    json["next_layer"] = suggestion ? Json(suggestion->next) : Json();
    json["changes"] = Json::array();
    for (const Change& change : changes)
        json["changes"].push_back({{"change", change.key},
                                   {"interval_after", change.interval},
                                   {"next_layer", change.next},
                                   {"other_values", change.other_values}});
    json["text"] = text;
    return json;
}

Bottleneck find_bottleneck(const MappedNetwork& network, const SimulationResult& result) {
    return Finder(network, result).find();
}

}  // namespace xloop
