#include "analysis/bottleneck.hpp"

#include "analysis/bottleneck_changes.hpp"
#include "core/error.hpp"
#include "systemc_model/cost/adc/adc_kind.hpp"
#include "systemc_model/estimate/estimate.hpp"
#include "systemc_model/mapping/durations.hpp"
#include "systemc_model/mapping/map_network.hpp"

#include <algorithm>
#include <tuple>

namespace xloop {
namespace {

/// Below it, a part is not what holds the run.
constexpr double clearly_busy = 0.8;
/// Share of a task's time from which on it counts as blocked.
constexpr double clearly_blocked = 0.25;

/// What a configuration gives in closed form.
struct Forecast {
    double interval = 0;
    Limit holder;
};

class Finder {
public:
    Finder(const MappedNetwork& network, const SimulationResult& result)
        : network_(network), graph_(network.graph), mapping_(network.mapping), hardware_(network.hardware),
          result_(result), durations_(hardware_), limits_(limits_of(network)) {
        found_.pipelined = hardware_.pipelined();
        // One image alone does not show how closely images follow one another.
        found_.interval_seen = !found_.pipelined || result.images.size() > 1;
    }

    Bottleneck find() {
        const Forecast now = forecast(network_, limits_);
        found_.interval_before = now.interval;
        found_.interval_measured = result_.interval_cycles();
        const Limit limit = found_.pipelined ? now.holder : longest_layer();
        for (const Limit& other : limits_)
            if (found_.pipelined && other.kind == limit.kind && other.cycles > 0.999 * limit.cycles)
                found_.parts.push_back(other);
        if (found_.parts.empty())
            found_.parts = {limit};
        found_.time = time_of(limit);
        found_.busy = std::min(1.0, limit.cycles / found_.time);
        found_.clear = found_.busy >= clearly_busy;
        describe(limit);
        if (found_.clear)
            try_changes(limit);
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
        const auto longest = std::max_element(
            result_.layers.begin(), result_.layers.end(),
            [](const auto& a, const auto& b) { return mean_length(a.images) < mean_length(b.images); });
        return limit_in(static_cast<int>(longest - result_.layers.begin()), limits_);
    }

    /// Cycles for each image in which the part of a limit could have worked.
    double time_of(const Limit& limit) const {
        double cycles = found_.interval_measured;
        if (!found_.pipelined)
            cycles = mean_length(result_.layers[static_cast<std::size_t>(limit.layer)].images);
        else if (!found_.interval_seen)
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

    /// Cycles of a layer's limit for each position that the busiest copy of the layer computes.
    double step_of(const Limit& limit, const Mapping& mapping) const {
        const int copies = mapping.layers[static_cast<std::size_t>(limit.layer)].copy_count();
        return limit.cycles /
               ((graph_.layers[static_cast<std::size_t>(limit.layer)].positions() + copies - 1) / copies);
    }

    std::string holder(const Limit& limit) const {
        if (limit.layer >= 0)
            return name(limit.layer);
        return limit.kind == LimitKind::link ? "the network" : "the input of images";
    }

    /// Which layer and which part it is, and what is known of both.
    void describe(const Limit& limit) {
        for (const Limit& part : found_.parts)
            if (found_.parts.front().layer >= 0 || found_.holders.empty())
                found_.holders.push_back(holder(part));
        if (limit.tile >= 0)
            found_.tile = mapping_.tile_name(limit.tile);
        const auto busiest = std::max_element(result_.links.begin(), result_.links.end(),
                                              [](const auto& a, const auto& b) { return a.flits < b.flits; });
        if (busiest != result_.links.end())
            found_.link = busiest->path;
        if (limit.kind == LimitKind::reads || limit.kind == LimitKind::converters) {
            const int outputs = largest_outputs(mapping_.layers[static_cast<std::size_t>(limit.layer)]);
            const AdcKind& adc = adc_kind(hardware_.adc);
            if (adc.in_turn)
                found_.conversions = std::min(hardware_.conversions(outputs), adc.conversions_in_turn(hardware_.adc));
            found_.sweep_cycles = durations_.sweep(outputs);
            found_.reads = durations_.reads();
            found_.read_cycles = durations_.read();
            found_.adc = name_of(adc.type);
            found_.sample_hold = hardware_.crossbar.sample_hold;
        }
        found_.slack_rows = hardware_.mapping.line_buffer_slack_rows;
        const int behind = found_.clear || !found_.pipelined ? -1 : behind_blocked();
        found_.limit = found_.clear ? name_of(limit.kind) : behind >= 0 ? "room at the receivers" : "nothing";
        const int layer = found_.clear || !found_.pipelined ? limit.layer : behind;
        found_.layer = layer < 0 ? "" : name(layer);
    }

    void try_changes(const Limit& limit) {
        if (limit.layer >= 0)
            found_.step_before = step_of(limit, mapping_);
        for (const HardwareChange& change : changes_against(found_.parts, network_)) {
            try {
                const MappedNetwork changed = map_network(graph_, change.hardware);
                const std::vector<Limit> limits = limits_of(changed);
                const Forecast then = forecast(changed, limits);
                found_.changes.push_back(
                    {change.text, then.interval, holder(then.holder), change.other_values,
                     limit.layer < 0 ? 0.0 : step_of(limit_in(limit.layer, limits), changed.mapping)});
            } catch (const InputError&) {
                continue;  // does not fit the mesh, the budget or the buffers: nothing to propose
            }
        }
        const auto rank = [this](const Bottleneck::Change& change) {
            return std::make_tuple(change.interval >= found_.interval_before, change.other_values, change.interval);
        };
        const auto best = std::min_element(found_.changes.begin(), found_.changes.end(),
                                           [&](const auto& a, const auto& b) { return rank(a) < rank(b); });
        if (best != found_.changes.end() && best->interval < found_.interval_before)
            found_.suggestion = *best;
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

    const MappedNetwork& network_;
    const WorkloadGraph& graph_;
    const Mapping& mapping_;
    const HardwareConfig& hardware_;
    const SimulationResult& result_;
    Durations durations_;
    std::vector<Limit> limits_;
    Bottleneck found_;
};

}  // namespace

Bottleneck find_bottleneck(const MappedNetwork& network, const SimulationResult& result) {
    return Finder(network, result).find();
}

}  // namespace xloop
