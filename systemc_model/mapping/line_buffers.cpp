#include "systemc_model/mapping/line_buffers.hpp"

#include <algorithm>
#include <optional>
#include <vector>

namespace xloop {
namespace {

/// Positions that the window of one output position spans, from the first that is still needed to the last; whole
/// bursts.
std::int64_t window_span(const LayerWindows& windows, int positions, int burst) {
    int largest = 0;
    for (std::size_t p = 0; p < windows.last.size(); ++p)
        if (const int last = windows.last_in(p, positions); last >= 0)
            largest = std::max(largest, (last / burst + 1) * burst - windows.first_in(p, positions));
    return largest;
}

/// How much further the last of `copies` successive windows reaches than the first.
std::int64_t read_ahead(const LayerWindows& windows, int copies) {
    if (copies == 1)
        return 0;
    int largest = 0;
    const std::size_t positions = windows.last.size(), ahead = static_cast<std::size_t>(copies) - 1;
    for (std::size_t p = 0; p < positions; ++p)
        largest = std::max(largest, windows.last[std::min(p + ahead, positions - 1)] - windows.last[p]);
    return largest;
}

DemandDistances distances_of(const FlowPlan& plan, const FlowGeometry& geometry, const Mapping& mapping) {
    std::vector<bool> here;
    for (const LayerMapping& layer : mapping.layers)
        here.push_back(layer.round == plan.round);
    return geometry.demand_distances(here, plan.imports, plan.exports);
}

}  // namespace

void size_streams(FlowPlan& plan, const FlowGeometry& geometry, const MappedNetwork& network) {
    const Mapping& mapping = network.mapping;
    const HardwareConfig& hardware = network.hardware;
    if (!hardware.pipelined()) {
        for (Stream& stream : plan.streams)
            stream.capacity = stream.positions;
        return;
    }
    const auto copies_of = [&](int l) { return mapping.layers[static_cast<std::size_t>(l)].copy_count(); };
    const bool safe = hardware.mapping.line_buffers == LineBuffers::safe;
    std::optional<DemandDistances> of_round;
    if (safe && mapping.rounds > 1)
        of_round = distances_of(plan, geometry, mapping);
    const DemandDistances* distances = !safe ? nullptr : of_round ? &*of_round : &geometry.demand_distances();
    struct Needed {
        int reader;
        std::int64_t capacity;
    };
    std::vector<Needed> needed;  // by the readers of one producer
    int producer_before = -2;
    for (Stream& stream : plan.streams) {
        if (stream.producer != producer_before)
            needed.clear();
        producer_before = stream.producer;
        const bool imported = plan.imported(stream.producer);
        std::int64_t capacity = 0;
        for (int t : stream.tasks) {
            const int reader = plan.tasks[static_cast<std::size_t>(t)].layer;
            auto entry =
                std::find_if(needed.begin(), needed.end(), [&](const Needed& n) { return n.reader == reader; });
            if (entry == needed.end()) {
                const LayerWindows& windows = geometry.windows(reader);
                const int burst = imported ? import_burst(geometry.graph(), stream.producer) : 1;
                entry = needed.insert(entry, {reader, (distances ? distances->of(stream.producer, reader)
                                                                 : window_span(windows, stream.positions, burst)) +
                                                          read_ahead(windows, copies_of(reader))});
            }
            capacity = std::max(capacity, entry->capacity);
        }
        const int in_progress = imported ? 0 : copies_of(stream.producer) - 1;
        const int slack = hardware.mapping.line_buffer_slack_rows * import_burst(geometry.graph(), stream.producer);
        stream.capacity = static_cast<int>(capacity) + in_progress + slack;
    }
}

}  // namespace xloop
