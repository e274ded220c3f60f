#include "systemc_model/mapping/flow_geometry.hpp"

#include "core/error.hpp"

#include <algorithm>
#include <utility>

namespace xloop {
namespace {

std::size_t slot(int producer) { return static_cast<std::size_t>(producer + 1); }

/// The network, untimed and on demand: each layer makes its positions in order, one only when it is asked for.
/// Positions are numbered on through the images, as in the timed run.
///
/// The chip can follow this run, copies included: the copy whose turn it is makes the position, and each copy has
/// released at least what its layer as a whole has.
class DemandRun {
public:
    DemandRun(const FlowGeometry& geometry, const std::vector<bool>& here, const std::vector<int>& imports)
        : graph_(geometry.graph()), geometry_(geometry), made_(graph_.layers.size() + 1, 0), burst_(made_.size(), 0) {
        for (int producer : imports)
            burst_[slot(producer)] = import_burst(graph_, producer);
        distances_.readers.resize(made_.size());
        for (int producer = -1; producer < static_cast<int>(graph_.layers.size()); ++producer)
            for (int reader : geometry.consumers(producer))
                if (here[static_cast<std::size_t>(reader)])
                    distances_.readers[slot(producer)].push_back({reader, 0, 0});
    }

    DemandDistances run(const std::vector<int>& exports) {
        // At the end of every image but the first, the layers stand as they stood an image before: two images show all.
        for (int image = 0; image < 2; ++image)
            ask_for(image, exports);
        return std::move(distances_);
    }

private:
    /// An image of each export, side by side: the one that has come least far is next.
    void ask_for(int image, const std::vector<int>& exports) {
        std::vector<std::int64_t> asked(exports.size(), 0);
        const auto share = [&](std::size_t e) {
            return static_cast<double>(asked[e]) / graph_.map_of(exports[e]).positions();
        };
        for (;;) {
            std::size_t next = 0;
            for (std::size_t e = 1; e < exports.size(); ++e)
                if (share(e) < share(next))
                    next = e;
            const std::int64_t positions = graph_.map_of(exports[next]).positions();
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
        for (DemandDistances::Reader& reader : distances_.readers[slot(producer)])
            reader.largest_distance = std::max(reader.largest_distance, made - reader.released);
    }

    void read_window(int l, std::int64_t position) {
        const GraphLayer& layer = graph_.layers[static_cast<std::size_t>(l)];
        const LayerWindows& windows = geometry_.windows(l);
        const std::int64_t image = position / layer.positions();
        const auto own = static_cast<std::size_t>(position % layer.positions());
        const auto positions_of = [&](int input) { return graph_.map_of(input).positions(); };
        for (int input : layer.inputs)
            make_until(input, image * positions_of(input) + windows.last_in(own, positions_of(input)));
        const bool ends_image = own + 1 == windows.last.size();
        for (int input : layer.inputs) {
            const int positions = positions_of(input);
            const std::int64_t released = image * positions + (ends_image ? positions + windows.first_in(0, positions)
                                                                          : windows.first_in(own + 1, positions));
            for (DemandDistances::Reader& reader : distances_.readers[slot(input)])
                if (reader.layer == l)
                    reader.released = released;
        }
    }

    const WorkloadGraph& graph_;
    const FlowGeometry& geometry_;
    std::vector<std::int64_t> made_;  ///< positions of each producer, -1 first
    std::vector<int> burst_;          ///< that an import makes at once; 0: a layer of this round
    DemandDistances distances_;
};

}  // namespace

std::int64_t DemandDistances::of(int producer, int reader) const {
    for (const Reader& r : readers[slot(producer)])
        if (r.layer == reader)
            return r.largest_distance;
    throw Error("a stream has a reader that its producer does not know");
}

FlowGeometry::FlowGeometry(const WorkloadGraph& graph) : graph_(graph), consumers_(graph.layers.size() + 1) {
    windows_.reserve(graph.layers.size());
    for (const GraphLayer& layer : graph.layers) {
        const int number = static_cast<int>(windows_.size());
        windows_.emplace_back(layer);
        for (int input : layer.inputs)
            if (auto& readers = consumers_[slot(input)]; readers.empty() || readers.back() != number)
                readers.push_back(number);
    }
}

DemandDistances FlowGeometry::demand_distances(const std::vector<bool>& here, const std::vector<int>& imports,
                                               const std::vector<int>& exports) const {
    return DemandRun(*this, here, imports).run(exports);
}

const DemandDistances& FlowGeometry::demand_distances() const {
    if (!whole_)
        whole_ = demand_distances(std::vector<bool>(graph_.layers.size(), true), {-1}, graph_.outputs);
    return *whole_;
}

int import_burst(const WorkloadGraph& graph, int producer) { return graph.map_of(producer).width; }

}  // namespace xloop
