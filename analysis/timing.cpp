#include "analysis/timing.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <numeric>

namespace xloop {
namespace {

using Layer = SimulationResult::Layer;
using Link = SimulationResult::Link;
using ServerFigures = SimulationResult::ServerFigures;

constexpr std::size_t shown_lines = 10;

double share(std::uint64_t part, std::uint64_t whole) {
    return whole == 0 ? 0.0 : static_cast<double>(part) / static_cast<double>(whole);
}

double array_share(const SimulationResult& result, const Layer& layer, std::uint64_t cycles) {
    return share(cycles, result.cycles * static_cast<std::uint64_t>(layer.arrays));
}

double busy_share(const ServerFigures& server) { return share(server.states.busy, server.states.total()); }
double fill(const ServerFigures& server) { return share(server.high_water, server.capacity); }

double mean_latency(const SimulationResult& result) {
    const double sum = std::accumulate(
        result.images.begin(), result.images.end(), 0.0,
        [](double total, const CycleSpan& image) { return total + static_cast<double>(image.length()); });
    return sum / static_cast<double>(std::max<std::size_t>(result.images.size(), 1));
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

/// The items of `all` with the largest measure above 0, at most shown_lines; equal ones in their order.
template <class Item, class Measure>
std::vector<Item> largest(const std::vector<Item>& all, Measure measure) {
    std::vector<Item> kept;
    for (const Item& item : all)
        if (measure(item) > 0.0)
            kept.push_back(item);
    std::stable_sort(kept.begin(), kept.end(), [&](const Item& a, const Item& b) { return measure(a) > measure(b); });
    kept.erase(kept.begin() + static_cast<std::ptrdiff_t>(std::min(kept.size(), shown_lines)), kept.end());
    return kept;
}

std::size_t name_width(const SimulationResult& result) {
    std::size_t width = 18;
    for (const Layer& layer : result.layers)
        width = std::max(width, layer.name.size() + 1);
    return width;
}

std::string image_lines(const SimulationResult& result, double clock_ghz) {
    if (result.images.empty())
        return "";
    const auto us = [&](double cycles) { return 1e-3 * cycles / clock_ghz; };
    const auto first = static_cast<double>(result.images.front().length());
    const auto last = static_cast<double>(result.images.back().length());
    const double interval = interval_of(result);
    return fmt::format(
        "  image latency   first {:.3f} us, mean {:.3f} us, last {:.3f} us\n"
        "  interval        {:.1f} cycles = {:.3f} us, {:.1f} images/s\n",
        us(first), us(mean_latency(result)), us(last), interval, us(interval),
        interval > 0.0 ? 1e9 * clock_ghz / interval : 0.0);
}

std::string layer_lines(const SimulationResult& result) {
    const std::size_t width = name_width(result);
    std::string text =
        fmt::format("\n  {:<{}}{:>7}{:>7}{:>8}{:>8}{:>8}{:>8}{:>8}{:>8}{:>12}\n", "layer, % of run", width, "arrays",
                    "copies", "busy", "waits", "blocked", "idle", "read", "ADC", "cycles");
    for (const Layer& layer : result.layers) {
        text += fmt::format("  {:<{}}{:>7}{:>7}", layer.name, width, layer.arrays, layer.copies);
        for (int tenths : tenths_of_percent(layer.states()))
            text += fmt::format("{:>8}", fmt::format("{}.{}", tenths / 10, tenths % 10));
        text += fmt::format("{:>8.1f}{:>8.1f}{:>12}\n", 100 * read_share(result, layer), 100 * adc_share(result, layer),
                            layer.images.empty() ? 0 : layer.images.front().length());
    }
    return text + "  (cycles: of the first image)\n";
}

template <class Measure>
std::string fill_lines(const char* title, const SimulationResult& result, Measure measure) {
    const auto fullest = largest(result.components, measure);
    std::string text = fullest.empty() ? "" : fmt::format("\n  {}\n", title);
    for (const ServerFigures& s : fullest)
        text += fmt::format("  {:<36}{:>7.1f} %  {} of {}{}\n", s.path, 100 * fill(s), s.high_water, s.capacity,
                            s.kind == "buffer"              ? " bytes"
                            : s.kind == "accumulator"       ? " entries of a task"
                            : s.kind == "network_interface" ? " packets"
                                                            : "");
    return text;
}

std::string component_lines(const SimulationResult& result) {
    std::string text;
    const auto busiest = largest(result.components, busy_share);
    if (!busiest.empty())
        text += "\n  busiest servers\n";
    for (const ServerFigures& server : busiest)
        text += fmt::format("  {:<36}{:>7.1f} %\n", server.path, 100 * busy_share(server));
    text += fill_lines("fullest buffers", result,
                       [](const ServerFigures& s) { return s.kind == "buffer" ? fill(s) : 0.0; });
    text += fill_lines("queues that were more than half full", result,
                       [](const ServerFigures& s) { return s.kind != "buffer" && fill(s) > 0.5 ? fill(s) : 0.0; });
    const auto links = largest(result.links, [&](const Link& link) { return link_share(result, link); });
    if (!links.empty())
        text += "\n  busiest links\n";
    for (const Link& link : links)
        text += fmt::format("  {:<36}{:>7.1f} %  {} flits\n", link.path, 100 * link_share(result, link), link.flits);
    return text;
}

std::string round_lines(const SimulationResult& result) {
    if (result.rounds.size() < 2)
        return "";
    std::string text = fmt::format("\n  {:<18}{:>14}{:>14}{:>14}\n", "round", "start", "writes", "end");
    for (std::size_t r = 0; r < result.rounds.size(); ++r)
        text += fmt::format("  {:<18}{:>14}{:>14}{:>14}\n", r, result.rounds[r].start_cycle,
                            result.rounds[r].write_cycles, result.rounds[r].end_cycle);
    return text;
}

}  // namespace

double interval_of(const SimulationResult& result) {
    return result.rounds.size() < 2 ? result.interval_cycles() : share(result.cycles, result.images.size());
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

void add_timing(Json& json, const SimulationResult& result, double clock_ghz) {
    for (const CycleSpan& image : result.images)
        json["image_times"].push_back(
            {{"start_cycle", image.start}, {"end_cycle", image.end}, {"latency_cycles", image.length()}});
    const double interval = interval_of(result);
    json["mean_latency_cycles"] = mean_latency(result);
    json["interval_cycles"] = interval;
    json["throughput_per_s"] = interval > 0.0 ? 1e9 * clock_ghz / interval : 0.0;
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

std::string timing_table(const SimulationResult& result, double clock_ghz) {
    return image_lines(result, clock_ghz) + layer_lines(result) + component_lines(result) + round_lines(result);
}

std::string layers_csv(const SimulationResult& result) {
    std::string text =
        "layer,replicas,arrays,tasks,busy,waiting,blocked,idle,read_cycles,adc_cycles,active_rows,image,start_cycle,"
        "end_cycle\n";
    for (const Layer& layer : result.layers) {
        const StateCycles s = layer.states();
        const std::string common =
            fmt::format("{},{},{},{},{},{},{},{},{},{},{}", layer.name, layer.copies, layer.arrays, layer.tasks.size(),
                        s.busy, s.waiting, s.blocked, s.idle, layer.read_cycles, layer.adc_cycles,
                        layer.active_rows < 0.0 ? "" : fmt::format("{:.6f}", layer.active_rows));
        for (std::size_t i = 0; i < layer.images.size(); ++i)
            text += fmt::format("{},{},{},{}\n", common, i, layer.images[i].start, layer.images[i].end);
    }
    return text;
}

std::string components_csv(const SimulationResult& result) {
    std::string text = "path,kind,busy,waiting,blocked,idle,capacity,high_water\n";
    for (const ServerFigures& c : result.components)
        text += fmt::format("{},{},{},{},{},{},{},{}\n", c.path, c.kind, c.states.busy, c.states.waiting,
                            c.states.blocked, c.states.idle, c.capacity, c.high_water);
    return text;
}

std::string links_csv(const SimulationResult& result) {
    std::string text = "path,flits,busy_percent\n";
    for (const Link& link : result.links)
        text += fmt::format("{},{},{:.4f}\n", link.path, link.flits, 100.0 * link_share(result, link));
    return text;
}

}  // namespace xloop
