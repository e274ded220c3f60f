#include "systemc_model/mapping/line_buffers.hpp"

#include <algorithm>
#include <map>
#include <optional>

namespace xloop {
namespace {

const Shape& map_of(const WorkloadGraph& graph, int producer) {
    return producer < 0 ? graph.input : graph.layers[static_cast<std::size_t>(producer)].out;
}

/// The network, untimed and on demand: each layer makes its positions in order, one only when it is asked for.
/// Positions are numbered on through the images, as in the timed run.
///
/// The chip can follow this run, copies included: the copy whose turn it is makes the position, and each copy has
/// released at least what its layer as a whole has.
class DemandRun {
public:
    DemandRun(const WorkloadGraph& graph, const FlowPlan& plan)
        : graph_(graph), made_(graph.layers.size() + 1, 0), burst_(made_.size(), 0), readers_(made_.size()) {
        for (int producer : plan.imports)
            burst_[slot(producer)] = import_burst(graph, producer);
        for (const Stream& stream : plan.streams)
            for (int t : stream.tasks) {
                const int layer = plan.tasks[static_cast<std::size_t>(t)].layer;
                if (!find_reader(stream.producer, layer))
                    readers_[slot(stream.producer)].push_back({layer, 0, 0});
            }
        // At the end of every image but the first, the layers stand as they stood an image before: two images show all.
        for (int image = 0; image < 2; ++image)
            ask_for(image, plan.exports);
    }

    /// Largest number of positions of `producer` that were there and not released by layer `reader`.
    std::int64_t largest_distance(int producer, int reader) { return find_reader(producer, reader)->largest_distance; }

private:
    struct Reader {
        int layer;
        std::int64_t released, largest_distance;
    };

    static std::size_t slot(int producer) { return static_cast<std::size_t>(producer + 1); }

    Reader* find_reader(int producer, int layer) {
        for (Reader& reader : readers_[slot(producer)])
            if (reader.layer == layer)
                return &reader;
        return nullptr;
    }

    /// An image of each export, side by side: the one that has come least far is next.
    void ask_for(int image, const std::vector<int>& exports) {
        std::vector<std::int64_t> asked(exports.size(), 0);
        const auto share = [&](std::size_t e) {
            return static_cast<double>(asked[e]) / map_of(graph_, exports[e]).positions();
        };
        for (;;) {
            std::size_t next = 0;
            for (std::size_t e = 1; e < exports.size(); ++e)
                if (share(e) < share(next))
                    next = e;
            const std::int64_t positions = map_of(graph_, exports[next]).positions();
            if (asked[next] == positions)
                return;
            make_until(exports[next], image * positions + asked[next]++);
        }
    }

    void make_until(int producer, std::int64_t position) {
        while (made_[slot(producer)] <= position)
            make_next(producer);
    }

    void make_next(int producer) {
        std::int64_t& made = made_[slot(producer)];
        if (burst_[slot(producer)] == 0)
            read_window(producer, made);
        made += std::max(burst_[slot(producer)], 1);
        for (Reader& reader : readers_[slot(producer)])
            reader.largest_distance = std::max(reader.largest_distance, made - reader.released);
    }

    void read_window(int l, std::int64_t position) {
        const GraphLayer& layer = graph_.layers[static_cast<std::size_t>(l)];
        const std::int64_t before = position / layer.positions() * layer.in.positions();
        const int own = static_cast<int>(position % layer.positions());
        for (int input : layer.inputs)
            make_until(input, before + last_needed(layer, own));
        const bool ends_image = own + 1 == layer.positions();
        for (int input : layer.inputs)
            find_reader(input, l)->released = ends_image ? before + layer.in.positions() + first_needed(layer, 0)
                                                         : before + first_needed(layer, own + 1);
    }

    const WorkloadGraph& graph_;
    std::vector<std::int64_t> made_;            ///< positions of each producer, -1 first
    std::vector<int> burst_;                    ///< that an import makes at once; 0: a layer of this round
    std::vector<std::vector<Reader>> readers_;  ///< layers that read it
};

/// Positions that the window of one output position spans, from the first that is still needed to the last; whole
/// bursts.
std::int64_t window_span(const GraphLayer& layer, int burst) {
    int largest = 0;
    for (int p = 0; p < layer.positions(); ++p)
        if (const int last = last_needed(layer, p); last >= 0)
            largest = std::max(largest, (last / burst + 1) * burst - first_needed(layer, p));
    return largest;
}

/// How much further the last of `copies` successive windows reaches than the first.
std::int64_t read_ahead(const GraphLayer& layer, int copies) {
    int largest = 0;
    for (int p = 0; p < layer.positions() && copies > 1; ++p)
        largest =
            std::max(largest, last_needed(layer, std::min(p + copies, layer.positions()) - 1) - last_needed(layer, p));
    return largest;
}

}  // namespace

void size_streams(FlowPlan& plan, const WorkloadGraph& graph, const Mapping& mapping, const HardwareConfig& hardware) {
    if (!hardware.pipelined()) {
        for (Stream& stream : plan.streams)
            stream.capacity = stream.positions;
        return;
    }
    const auto copies_of = [&](int l) { return mapping.layers[static_cast<std::size_t>(l)].replica_count(); };
    const bool safe = hardware.mapping.line_buffers == "safe";
    std::optional<DemandRun> run;
    if (safe)
        run.emplace(graph, plan);
    std::map<std::pair<int, int>, std::int64_t> needed;  // by producer and reader
    for (Stream& stream : plan.streams) {
        const bool imported = std::count(plan.imports.begin(), plan.imports.end(), stream.producer) > 0;
        std::int64_t capacity = 0;
        for (int t : stream.tasks) {
            const int reader = plan.tasks[static_cast<std::size_t>(t)].layer;
            const auto [entry, is_new] = needed.try_emplace({stream.producer, reader}, 0);
            if (is_new) {
                const GraphLayer& layer = graph.layers[static_cast<std::size_t>(reader)];
                const int burst = imported ? import_burst(graph, stream.producer) : 1;
                entry->second = (safe ? run->largest_distance(stream.producer, reader) : window_span(layer, burst)) +
                                read_ahead(layer, copies_of(reader));
            }
            capacity = std::max(capacity, entry->second);
        }
        const int in_progress = imported ? 0 : copies_of(stream.producer) - 1;
        const int slack = hardware.mapping.line_buffer_slack_rows * map_of(graph, stream.producer).width;
        stream.capacity = static_cast<int>(capacity) + in_progress + slack;
    }
}

}  // namespace xloop
