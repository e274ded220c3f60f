#include "analysis/timing.hpp"

#include "analysis/json_fields.hpp"

#include <algorithm>
#include <numeric>

namespace xloop {
namespace {

using Layer = SimulationResult::Layer;
using Link = SimulationResult::Link;
using ServerFigures = SimulationResult::ServerFigures;

double share(std::uint64_t part, std::uint64_t whole) {
    return whole == 0 ? 0.0 : static_cast<double>(part) / static_cast<double>(whole);
}

double array_share(const SimulationResult& result, const Layer& layer, std::uint64_t cycles) {
    return share(cycles, result.cycles * static_cast<std::uint64_t>(layer.arrays));
}

Json states_json(const StateCycles& states) {
    return {{"busy", states.busy}, {"waiting", states.waiting}, {"blocked", states.blocked}, {"idle", states.idle}};
}

Json percent_json(const StateCycles& states) {
    const std::uint64_t total = states.total();
    return {{"busy", 100.0 * share(states.busy, total)},
            {"waiting", 100.0 * share(states.waiting, total)},
            {"blocked", 100.0 * share(states.blocked, total)},
            {"idle", 100.0 * share(states.idle, total)}};
}

}  // namespace

double shown_interval(const SimulationResult& result) {
    return result.images.size() > 1 ? result.interval_cycles() : std::numeric_limits<double>::quiet_NaN();
}

double images_per_s(const SimulationResult& result, double clock_ghz) {
    return 1e9 * clock_ghz / shown_interval(result);
}

std::array<int, 4> tenths_of_percent(const StateCycles& states) {
    const std::array<std::uint64_t, 4> parts = {states.busy, states.waiting, states.blocked, states.idle};
    const std::uint64_t total = states.total();
    if (total == 0)
        return {0, 0, 0, 1000};
    std::array<int, 4> tenths{};
    std::array<std::size_t, 4> order = {0, 1, 2, 3};
    std::array<double, 4> remainder{};
    for (std::size_t i = 0; i < 4; ++i) {
        const double exact = 1000.0 * share(parts[i], total);
        tenths[i] = static_cast<int>(exact);
        remainder[i] = exact - tenths[i];
    }
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return remainder[a] > remainder[b]; });
    const int missing = 1000 - std::accumulate(tenths.begin(), tenths.end(), 0);
    for (int i = 0; i < missing; ++i)
        ++tenths[order[static_cast<std::size_t>(i) % 4]];
    return tenths;
}

double read_share(const SimulationResult& result, const Layer& layer) {
    return array_share(result, layer, layer.read_cycles);
}
double adc_share(const SimulationResult& result, const Layer& layer) {
    return array_share(result, layer, layer.adc_cycles);
}
double link_share(const SimulationResult& result, const Link& link) { return share(link.flits, result.noc_cycles); }
double busy_share(const ServerFigures& server) { return share(server.states.busy, server.states.total()); }
double fill_share(const ServerFigures& server) { return share(server.high_water, server.capacity); }

void add_timing(Json& json, const SimulationResult& result, double clock_ghz) {
    for (const CycleSpan& image : result.images)
        json["image_times"].push_back(
            {{"start_cycle", image.start}, {"end_cycle", image.end}, {"latency_cycles", image.length()}});
    json["mean_latency_cycles"] = mean_length(result.images);
    json["interval_cycles"] = known(shown_interval(result));
    json["throughput_per_s"] = known(images_per_s(result, clock_ghz));
    json["noc_cycles"] = result.noc_cycles;
    for (std::size_t l = 0; l < result.layers.size(); ++l) {
        const Layer& layer = result.layers[l];
        Json& entry = json["layers"][l];
        entry["replicas"] = layer.copies;
        entry["arrays"] = layer.arrays;
        entry["tasks"] = layer.tasks.size();
        entry["state_cycles"] = states_json(layer.states());
        entry["state_percent"] = percent_json(layer.states());
        entry["read_cycles"] = layer.read_cycles;
        entry["read_percent"] = 100.0 * read_share(result, layer);
        entry["adc_cycles"] = layer.adc_cycles;
        entry["adc_percent"] = 100.0 * adc_share(result, layer);
        entry["active_rows"] = layer.active_rows < 0.0 ? Json() : Json(layer.active_rows);
        for (const CycleSpan& image : layer.images)
            entry["images"].push_back({{"start_cycle", image.start}, {"end_cycle", image.end}});
    }
    json["components"] = Json::array();
    for (const ServerFigures& c : result.components)
        json["components"].push_back({{"path", c.path},
                                      {"kind", c.kind},
                                      {"state_cycles", states_json(c.states)},
                                      {"busy_percent", 100.0 * busy_share(c)},
                                      {"capacity", c.capacity},
                                      {"high_water", c.high_water}});
    json["links"] = Json::array();
    for (const Link& link : result.links)
        json["links"].push_back(
            {{"path", link.path}, {"flits", link.flits}, {"busy_percent", 100.0 * link_share(result, link)}});
    json["rounds"] = Json::array();
    for (const SimulationResult::Round& round : result.rounds)
        json["rounds"].push_back(
            {{"start_cycle", round.start_cycle}, {"write_cycles", round.write_cycles}, {"end_cycle", round.end_cycle}});
}

}  // namespace xloop
