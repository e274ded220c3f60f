#pragma once

#include "systemc_model/mapping/flow_plan.hpp"
#include "systemc_model/sim/probes/network_probe.hpp"
#include "systemc_model/sim/probes/tile_probe.hpp"
#include "systemc_model/sim/probes/trace_context.hpp"
#include "systemc_model/sim/simulation_result.hpp"
#include "traces/bus/trace_bus.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace xloop::sim {

/// All probes of a run; declares the clocks, watches the regions of interest, and draws layers and images on the time line.
class ChipProbe {
public:
    ChipProbe(trace::TraceBus& bus, const TraceContext& context, std::string path);

    trace::TraceBus& bus() { return bus_; }
    std::unique_ptr<TileProbe> make_tile(int tile, const std::string& path);
    const TraceContext& context() const { return context_; }
    int declare_instance(const std::string& path, int kind = 0) {
        return bus_.wants_counts() ? bus_.declare(trace::Instance{path, kind}) : -1;
    }
    void begin() { bus_.begin(); }

    void advance(std::uint64_t cycle) { bus_.advance(context_.time(cycle)); }
    /// A layer begins, or has finished one of its positions of an image.
    void layer_works(int layer, std::uint64_t image);
    void position_finished(int layer, std::uint64_t image);
    void count(int instance, Event event, std::int64_t n, std::uint64_t begin, std::uint64_t end) {
        if (instance >= 0)
            bus_.count(instance, event, static_cast<std::uint64_t>(n), begin, end);
    }
    /// The run is over: layers and images on the time line, files finished.
    void end(const SimulationResult& result);

private:
    bool of_interest(int layer, std::uint64_t image) const;

    trace::TraceBus& bus_;
    TraceContext context_;
    std::string path_;
    std::vector<FlowPlan> plans_;
    std::vector<std::vector<std::int64_t>>
        finished_;                    ///< positions of [layer][image], -1: not begun; only with regions
    std::vector<std::string> names_;  ///< "image 0", ...
    std::vector<int> layer_tracks_, image_tracks_;
};

}  // namespace xloop::sim
