#include "apps/text/timing_text.hpp"

#include "analysis/timing.hpp"
#include "core/table.hpp"

#include <fmt/format.h>
#include <algorithm>

namespace xloop {
namespace {

using Layer = SimulationResult::Layer;
using Link = SimulationResult::Link;
using ServerFigures = SimulationResult::ServerFigures;

constexpr std::size_t shown_lines = 10;

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

std::string image_lines(const SimulationResult& result, double clock_ghz) {
    if (result.images.empty())
        return "";
    const auto us = [&](double cycles) { return 1e-3 * cycles / clock_ghz; };
    const auto first = static_cast<double>(result.images.front().length());
    const auto last = static_cast<double>(result.images.back().length());
    const std::string latency = fmt::format("  image latency   first {:.3f} us, mean {:.3f} us, last {:.3f} us\n",
                                            us(first), us(mean_length(result.images)), us(last));
    const double interval = shown_interval(result);
    if (std::isnan(interval))
        return latency + "  interval        -, one image does not show it\n";
    return latency + fmt::format("  interval        {:.1f} cycles = {:.3f} us, {:.1f} images/s\n", interval,
                                 us(interval), images_per_s(result, clock_ghz));
}

std::string layer_lines(const SimulationResult& result) {
    std::size_t width = 18;
    for (const Layer& layer : result.layers)
        width = std::max(width, layer.name.size() + 1);
    Table table{
        "layers",
        {Column("layer", "layer, % of run", -static_cast<int>(width), 2), Column("arrays", "arrays", 7),
         Column("replicas", "copies", 7), Column("busy", "busy", 8), Column("waiting", "waits", 8),
         Column("blocked", "blocked", 8), Column("idle", "idle", 8), Column("read", "read", 8, 0, "{:.1f}", 100),
         Column("adc", "ADC", 8, 0, "{:.1f}", 100), Column("cycles", "cycles", 12)}};
    const auto percent_text = [](int tenths) { return fmt::format("{}.{}", tenths / 10, tenths % 10); };
    for (const Layer& layer : result.layers) {
        const auto [busy, waiting, blocked, idle] = tenths_of_percent(layer.states());
        table.add(layer.name, layer.arrays, layer.copies, percent_text(busy), percent_text(waiting),
                  percent_text(blocked), percent_text(idle), read_share(result, layer), adc_share(result, layer),
                  layer.images.empty() ? 0 : layer.images.front().length());
    }
    return "\n" + table.text() + "  (cycles: of the first image)\n";
}

template <class Measure>
std::string fill_lines(const char* title, const SimulationResult& result, Measure measure) {
    const auto fullest = largest(result.components, measure);
    std::string text = fullest.empty() ? "" : fmt::format("\n  {}\n", title);
    for (const ServerFigures& s : fullest)
        text += fmt::format("  {:<36}{:>7.1f} %  {} of {}{}\n", s.path, 100 * fill_share(s), s.high_water, s.capacity,
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
                       [](const ServerFigures& s) { return s.kind == "buffer" ? fill_share(s) : 0.0; });
    text += fill_lines("queues that were more than half full", result, [](const ServerFigures& s) {
        return s.kind != "buffer" && fill_share(s) > 0.5 ? fill_share(s) : 0.0;
    });
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
    Table table{"rounds",
                {Column("round", "round", -18, 2), Column("start_cycle", "start", 14),
                 Column("write_cycles", "writes", 14), Column("end_cycle", "end", 14)}};
    for (const SimulationResult::Round& round : result.rounds)
        table.add(table.rows.size(), round.start_cycle, round.write_cycles, round.end_cycle);
    return "\n" + table.text();
}

}  // namespace

std::string timing_text(const SimulationResult& result, double clock_ghz) {
    return image_lines(result, clock_ghz) + layer_lines(result) + component_lines(result) + round_lines(result);
}

std::string layers_csv(const SimulationResult& result) {
    Table table{"layers", for_programs("layer,replicas,arrays,tasks,busy,waiting,blocked,idle,read_cycles,adc_cycles,"
                                       "active_rows:.6f,image,start_cycle,end_cycle")};
    for (const Layer& layer : result.layers) {
        const StateCycles s = layer.states();
        for (std::size_t i = 0; i < layer.images.size(); ++i)
            table.add(layer.name, layer.copies, layer.arrays, layer.tasks.size(), s.busy, s.waiting, s.blocked, s.idle,
                      layer.read_cycles, layer.adc_cycles, layer.active_rows < 0.0 ? Json() : Json(layer.active_rows),
                      i, layer.images[i].start, layer.images[i].end);
    }
    return table.csv();
}

std::string components_csv(const SimulationResult& result) {
    Table table{"components", for_programs("path,kind,busy,waiting,blocked,idle,capacity,high_water")};
    for (const ServerFigures& c : result.components)
        table.add(c.path, c.kind, c.states.busy, c.states.waiting, c.states.blocked, c.states.idle, c.capacity,
                  c.high_water);
    return table.csv();
}

std::string links_csv(const SimulationResult& result) {
    Table table{"links", for_programs("path,flits,busy_percent:.4f")};
    for (const Link& link : result.links)
        table.add(link.path, link.flits, 100.0 * link_share(result, link));
    return table.csv();
}

}  // namespace xloop
