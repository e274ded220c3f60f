#include "systemc_model/sim/probes/chip_probe.hpp"

#include <fmt/format.h>
#include <algorithm>

namespace xloop::sim {
namespace {

constexpr std::size_t most_images = 1024;  ///< on the time line

}  // namespace

ChipProbe::ChipProbe(trace::TraceBus& bus, const TraceContext& context, std::string path)
    : bus_(bus), context_(context), path_(std::move(path)) {
    for (int round = 0; round < context.network.mapping.rounds; ++round)
        plans_.push_back(make_flow_plan(context.network, round));
    bus.declare({path_, "clk", 1, trace::SignalClass::clock, context.digital.period_fs()});
    bus.declare({path_, "noc_clk", 1, trace::SignalClass::clock, context.network_clock.period_fs()});
    if (!bus.selection().regions.empty())
        finished_.resize(context.network.graph.layers.size());
    if (!bus.wants_timeline())
        return;
    for (const GraphLayer& layer : context.network.graph.layers)
        layer_tracks_.push_back(bus.declare(trace::Track{"layers", layer.name}));
    for (std::size_t i = 0; i < most_images; ++i)
        names_.push_back(fmt::format("image {}", i));
    image_tracks_ = {bus.declare(trace::Track{"images", "even images"}),
                     bus.declare(trace::Track{"images", "odd images"})};
}

std::unique_ptr<TileProbe> ChipProbe::make_tile(int tile, const std::string& path) {
    return std::make_unique<TileProbe>(bus_, context_, tile, path, plans_);
}

bool ChipProbe::of_interest(int layer, std::uint64_t image) const {
    const std::string& name = context_.network.graph.layers[static_cast<std::size_t>(layer)].name;
    const auto& regions = bus_.selection().regions;
    return std::any_of(regions.begin(), regions.end(), [&](const trace::Region& region) {
        return (region.layer.empty() || region.layer == name) &&
               (region.image < 0 || region.image == static_cast<std::int64_t>(image));
    });
}

void ChipProbe::layer_works(int layer, std::uint64_t image) {
    if (finished_.empty())
        return;
    std::vector<std::int64_t>& images = finished_[static_cast<std::size_t>(layer)];
    if (images.size() <= image)
        images.resize(image + 1, -1);
    if (images[image] >= 0)
        return;
    images[image] = 0;
    if (of_interest(layer, image))
        bus_.open_window();
}

void ChipProbe::position_finished(int layer, std::uint64_t image) {
    if (finished_.empty())
        return;
    const auto positions =
        static_cast<std::int64_t>(context_.network.graph.layers[static_cast<std::size_t>(layer)].positions());
    if (++finished_[static_cast<std::size_t>(layer)][image] == positions && of_interest(layer, image))
        bus_.close_window();
}

void ChipProbe::end(const SimulationResult& result) {
    bus_.advance(context_.time(result.cycles));
    if (bus_.wants_timeline()) {
        const std::size_t images = std::min(result.images.size(), most_images);
        for (std::size_t l = 0; l < layer_tracks_.size(); ++l) {
            std::uint64_t free = 0;  // images of a pipeline overlap by the fill of its windows
            for (std::size_t i = 0; i < images; ++i) {
                const CycleSpan& span = result.layers[l].images[i];
                if (!span.empty() && span.end > std::max(span.start, free))
                    bus_.slice(layer_tracks_[l], names_[i], "layer", context_.time(std::max(span.start, free)),
                               context_.time(span.end), static_cast<std::int64_t>(l), static_cast<std::int64_t>(i));
                free = std::max(free, span.end);
            }
        }
        std::uint64_t free[2] = {0, 0};
        for (std::size_t i = 0; i < images; ++i) {
            const CycleSpan& span = result.images[i];
            if (!span.empty() && span.end > std::max(span.start, free[i % 2]))
                bus_.slice(image_tracks_[i % 2], names_[i], "image", context_.time(std::max(span.start, free[i % 2])),
                           context_.time(span.end), -1, static_cast<std::int64_t>(i));
            free[i % 2] = std::max(free[i % 2], span.end);
        }
    }
    bus_.end(std::max(context_.time(result.cycles), bus_.now()));  // the network may have had the last word
}

}  // namespace xloop::sim
