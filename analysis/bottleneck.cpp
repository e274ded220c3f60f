#include "analysis/bottleneck.hpp"

#include "analysis/bottleneck_changes.hpp"
#include "analysis/forecast.hpp"
#include "core/error.hpp"
#include "core/words.hpp"
#include "systemc_model/cost/adc/adc_kind.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <algorithm>
#include <cmath>
#include <limits>
#include <tuple>

namespace xloop {
namespace {

/// Below it, a part is not what holds the run.
constexpr double clearly_busy = 0.8;
/// Share of a task's time from which on it counts as blocked.
constexpr double clearly_blocked = 0.25;
/// A run that takes longer than the closed form by more has waits that the closed form does not follow.
constexpr double followed = 1.05;
/// A change helps when it takes at least this share off the interval (where queues are reckoned with, not followed: more);
/// one that adds less leaves it as it is.
constexpr double least_gain = 0.01, least_crowded_gain = 0.05, least_loss = 0.001;

/// What is known of a run, simulated or in closed form.
struct Observed {
    bool measured = false;
    int images = 1;
    double interval = 0;
    std::vector<double> layers;  ///< mean cycles of an image
    std::vector<double> rounds;  ///< cycles, writes left out
    int behind_blocked = -1;     ///< consumer of the last layer that is blocked much of its time
    std::string link;            ///< that most flits pass
};

int behind_blocked(const WorkloadGraph& graph, const SimulationResult& result) {
    for (auto l = static_cast<int>(result.layers.size()) - 1; l >= 0; --l) {
        const StateCycles states = result.layers[static_cast<std::size_t>(l)].states();
        const auto active = static_cast<double>(states.total() - states.idle);
        const std::vector<int> consumers = graph.consumers(l);
        if (active > 0 && static_cast<double>(states.blocked) > clearly_blocked * active && !consumers.empty())
            return consumers.back();
    }
    return -1;
}

Observed observe(const WorkloadGraph& graph, const SimulationResult& result) {
    Observed seen{
        true, static_cast<int>(result.images.size()), result.interval_cycles(), {}, {}, behind_blocked(graph, result),
        {}};
    for (const SimulationResult::Layer& layer : result.layers)
        seen.layers.push_back(mean_length(layer.images));
    for (const SimulationResult::Round& round : result.rounds)
        seen.rounds.push_back(static_cast<double>(round.end_cycle - round.start_cycle - round.write_cycles));
    const auto busiest = std::max_element(result.links.begin(), result.links.end(),
                                          [](const auto& a, const auto& b) { return a.flits < b.flits; });
    if (busiest != result.links.end())
        seen.link = busiest->path;
    return seen;
}

std::vector<double> layer_cycles(const RunEstimate& run) {
    std::vector<double> cycles;
    for (const RunEstimate::Layer& layer : run.layers)
        cycles.push_back(static_cast<double>(layer.end_cycle - layer.start_cycle));
    return cycles;
}

Observed observe(const Forecast& forecast, int images) {
    return {false,
            images,
            forecast.interval,
            layer_cycles(forecast.run),
            {forecast.run.round_cycles.begin(), forecast.run.round_cycles.end()},
            -1,
            {}};
}

/// Share of the interval from which on the users of such a part hold each other up; infinite: it has one user.
double crowded(LimitKind kind) {
    const ContentionLimits limits;
    switch (kind) {
    case LimitKind::bus: return limits.bus;
    case LimitKind::buffer: return limits.buffer_port;
    case LimitKind::vector_unit: return limits.vector_unit;
    case LimitKind::network_interface:
    case LimitKind::link:
    case LimitKind::image_input: return limits.network_port;
    default: return std::numeric_limits<double>::infinity();
    }
}

/// The longest limit of one layer.
Limit limit_in(int layer, const std::vector<Limit>& limits) {
    const auto own = std::find_if(limits.begin(), limits.end(), [layer](const Limit& l) { return l.layer == layer; });
    return own == limits.end() ? Limit{LimitKind::vector_unit, layer, -1, 0} : *own;
}

/// The longest limit of parts like this one.
double longest_like(const Limit& limit, const std::vector<Limit>& limits) {
    double longest = 0;
    for (const Limit& other : limits)
        if (other.kind == limit.kind || (of_network(other.kind) && of_network(limit.kind)))
            longest = std::max(longest, other.cycles);
    return longest;
}

Limit longest_layer(const std::vector<double>& cycles, const std::vector<Limit>& limits) {
    return limit_in(static_cast<int>(std::max_element(cycles.begin(), cycles.end()) - cycles.begin()), limits);
}

/// What fills most of the interval of a pipeline, or of the longest layer's time.
Limit holder_of(const Forecast& forecast, const std::vector<Limit>& limits) {
    return forecast.network.hardware.pipelined() ? limits.front() : longest_layer(layer_cycles(forecast.run), limits);
}

class Finder {
public:
    Finder(const MappedNetwork& network, const Forecaster& forecaster, const Forecast& now, Observed seen)
        : graph_(network.graph), mapping_(network.mapping), hardware_(network.hardware), network_(network),
          forecaster_(forecaster), now_(now), seen_(std::move(seen)), limits_(limits_of(network)) {
        found_.measured = seen_.measured;
        found_.images = seen_.images;
        found_.pipelined = hardware_.pipelined();
        // One image alone does not show how closely images follow one another.
        found_.interval_seen = !found_.pipelined || !seen_.measured || seen_.images > 1;
        found_.interval_before = now.interval;
        found_.interval_measured = seen_.interval;
        found_.area_mm2 = now.area_mm2;
    }

    Bottleneck find() {
        Limit limit = found_.pipelined ? limits_.front() : longest_layer(seen_.layers, limits_);
        found_.clear = busy(limit) >= clearly_busy;
        const bool longer = takes_longer();
        if (longer && found_.clear)
            found_.crowded = std::isfinite(crowded(limit.kind));
        if (const Limit* part = longer && !found_.clear ? crowded_part() : nullptr) {
            found_.jammed = found_.crowded = true;
            const Limit arrays = limits_.front();
            limit = *part;
            if (arrays.layer >= 0 && !std::isfinite(crowded(arrays.kind))) {
                found_.busiest_layer = name(arrays.layer);
                found_.busiest_share = busy(arrays);
            }
        }
        for (const Limit& other : limits_)
            if (found_.pipelined && other.kind == limit.kind && other.cycles > 0.999 * limit.cycles)
                found_.parts.push_back(other);
        if (found_.parts.empty())
            found_.parts = {limit};
        found_.energy_j = now_.energy_j(found_.before());
        found_.time = time_of(limit);
        found_.busy = busy(limit);
        describe(limit);
        if (found_.clear || found_.jammed || !found_.pipelined)
            try_changes(limit);
        try_smaller();
        return std::move(found_);
    }

private:
    /// Cycles for each image in which the part of a limit could have worked.
    double time_of(const Limit& limit) const {
        double cycles = found_.interval_measured;
        if (!found_.pipelined)
            cycles = seen_.layers[static_cast<std::size_t>(limit.layer)];
        else if (!found_.interval_seen)
            cycles = found_.interval_before;
        else if (seen_.rounds.size() > 1 && limit.layer >= 0)
            cycles =
                seen_.rounds[static_cast<std::size_t>(mapping_.layers[static_cast<std::size_t>(limit.layer)].round)] /
                seen_.images;
        return std::max(cycles, 1.0);
    }

    double busy(const Limit& limit) const { return std::min(1.0, limit.cycles / time_of(limit)); }

    /// Than the closed form follows.
    bool takes_longer() const {
        return found_.measured && found_.pipelined && found_.interval_seen && mapping_.rounds == 1 &&
               found_.interval_measured > followed * found_.interval_before;
    }

    /// The part whose users hold each other up most.
    const Limit* crowded_part() const {
        const auto crowd = [this](const Limit& limit) {
            return limit.cycles / found_.interval_before / crowded(limit.kind);
        };
        const Limit* most = nullptr;
        for (const Limit& limit : limits_)
            if (crowd(limit) > (most ? crowd(*most) : 1.0))
                most = &limit;
        return most;
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
        found_.link = seen_.link;
        if (limit.kind == LimitKind::multipliers)
            found_.steps =
                network_.layer_hardware(limit.layer)
                    .digital.steps(largest_block(mapping_.layers[static_cast<std::size_t>(limit.layer)]).outs);
        if (limit.kind == LimitKind::reads || limit.kind == LimitKind::converters) {
            const auto [rows, outputs] = largest_block(mapping_.layers[static_cast<std::size_t>(limit.layer)]);
            const HardwareConfig& hardware = network_.layer_hardware(limit.layer);
            const Durations& durations = network_.layer_durations(limit.layer);
            const AdcKind& adc = adc_kind(hardware.adc);
            if (adc.in_turn)
                found_.conversions = std::min(hardware.conversions(outputs), adc.conversions_in_turn(hardware.adc));
            found_.sweep_cycles = durations.sweep(outputs);
            found_.reads = durations.reads(rows);
            found_.read_cycles = durations.read(outputs);
            found_.adc = name_of(adc.type);
            found_.sample_hold = hardware.crossbar.sample_hold;
        }
        const bool held = found_.clear || found_.jammed;
        const int behind = held || !found_.pipelined ? -1 : seen_.behind_blocked;
        found_.limit = held ? name_of(limit.kind) : behind >= 0 ? "room at the receivers" : "nothing";
        const int layer = held || !found_.pipelined ? limit.layer : behind;
        found_.layer = layer < 0 ? "" : name(layer);
    }

    Bottleneck::Change priced(const HardwareChange& change, const Forecast& then, double interval) const {
        Bottleneck::Change result;
        result.key = change.text;
        result.settings = change.settings;
        result.other_values = change.other_values;
        result.interval = interval;
        result.energy_j = then.energy_j(interval);
        result.area_mm2 = then.area_mm2;
        for (const std::string& warning : then.warnings)
            if (std::find(now_.warnings.begin(), now_.warnings.end(), warning) == now_.warnings.end())
                result.unpriced = warning.substr(0, warning.find(" ("));  // without its source
        if (const auto blind = forecaster_.rows_blind_to(hardware_, change.hardware); !blind.empty())
            result.unpriced = fmt::format("numbers of {} do not follow", fmt::join(blind, ", "));
        return result;
    }

    /// Why the interval may be longer than a forecast says.
    std::string why_uncertain(const Forecast& then) const {
        if (found_.crowded)
            return "queues at that part are not followed, but reckoned from this run";
        return takes_longer() ? "this run takes longer than in closed form already" : then.uncertain();
    }

    Bottleneck::Change evaluate(const HardwareChange& change, const Limit& limit) const {
        const Forecast then = forecaster_(change.hardware);
        const std::vector<Limit> limits = limits_of(then.network);
        // A crowded part stays as crowded as it is: the interval follows what it has to do.
        const double crowd = found_.crowded ? found_.before() * longest_like(limit, limits) / limit.cycles : 0.0;
        Bottleneck::Change result = priced(change, then, std::max(then.interval, crowd));
        result.next = holder(crowd > then.interval ? limit : holder_of(then, limits));
        if (limit.layer >= 0)
            result.step = step_of(limit_in(limit.layer, limits), then.network.mapping);
        result.uncertain = why_uncertain(then);
        return result;
    }

    void try_changes(const Limit& limit) {
        if (limit.layer >= 0)
            found_.step_before = step_of(limit, mapping_);
        for (const HardwareChange& change : changes_against(found_.parts, network_)) {
            try {
                Bottleneck::Change tried = evaluate(change, limit);
                if (tried.interval <= (1.0 - (found_.crowded ? least_crowded_gain : least_gain)) * found_.before())
                    found_.changes.push_back(std::move(tried));
            } catch (const InputError&) {
                continue;  // does not fit the mesh, the budget or the buffers: nothing to propose
            }
        }
        const auto rank = [](const Bottleneck::Change& change) {
            return std::make_tuple(change.other_values, change.interval);
        };
        const auto best = std::min_element(found_.changes.begin(), found_.changes.end(),
                                           [&](const auto& a, const auto& b) { return rank(a) < rank(b); });
        if (best != found_.changes.end())
            found_.suggestion = *best;
    }

    /// It takes no longer, no part becomes more crowded, and less is paid.
    bool is_as_good(const Forecast& then, const Bottleneck::Change& smaller) const {
        const auto crowd = [](const Forecast& forecast) {
            double most = 0;
            for (const Contention& place : forecast.run.contended)
                most = std::max(most, place.load);
            return most;
        };
        const double area = smaller.area_mm2 / found_.area_mm2, energy = smaller.energy_j / found_.energy_j;
        const bool cheaper = std::min(area, energy) < 1.0 - least_loss && std::max(area, energy) <= 1.0 + least_loss;
        return then.interval <= (1.0 + least_loss) * now_.interval && crowd(then) <= crowd(now_) + 1e-9 && cheaper;
    }

    void try_smaller() {
        for (const std::vector<HardwareChange>& steps : smaller_hardware(network_)) {
            std::optional<Bottleneck::Change> smallest;
            for (const HardwareChange& step : steps) {
                try {
                    const Forecast then = forecaster_(step.hardware);
                    Bottleneck::Change smaller = priced(step, then, std::max(then.interval, found_.before()));
                    smaller.uncertain = why_uncertain(then);
                    if (!is_as_good(then, smaller))
                        break;
                    smallest = std::move(smaller);
                } catch (const InputError&) {
                    break;
                }
            }
            if (smallest)
                found_.may_shrink.push_back(std::move(*smallest));
        }
        std::stable_sort(found_.may_shrink.begin(), found_.may_shrink.end(),
                         [](const auto& a, const auto& b) { return a.area_mm2 < b.area_mm2; });
    }

    const WorkloadGraph& graph_;
    const Mapping& mapping_;
    const HardwareConfig& hardware_;
    const MappedNetwork& network_;
    const Forecaster& forecaster_;
    const Forecast& now_;
    Observed seen_;
    std::vector<Limit> limits_;
    Bottleneck found_;
};

}  // namespace

Bottleneck find_bottleneck(const MappedNetwork& network, const CostTable& costs, const SimulationResult& result) {
    MappedNetwork counted = network;
    if (std::any_of(result.layers.begin(), result.layers.end(), [](const auto& layer) { return !layer.made.empty(); }))
        counted.reads = std::make_shared<const MadeReads>(result.made_reads());
    const Forecaster forecaster(counted, costs, static_cast<int>(result.images.size()));
    return Finder(counted, forecaster, forecaster(network.hardware), observe(network.graph, result)).find();
}

Bottleneck find_bottleneck(const MappedNetwork& network, const CostTable& costs, int images) {
    const Forecaster forecaster(network, costs, images);
    const Forecast now = forecaster(network.hardware);
    return Finder(network, forecaster, now, observe(now, images)).find();
}

}  // namespace xloop
