#pragma once

#include "systemc_model/estimate/activity_count.hpp"
#include "systemc_model/estimate/copy_pace.hpp"
#include "systemc_model/estimate/recurrence.hpp"

#include <cmath>
#include <vector>

namespace xloop {

/// Works out the constants of a round's recurrence: durations, ways through the idle network, and how closely positions
/// follow one another at parts that several share.
class LineBuilder {
public:
    /// Busy cycles of an image.
    struct Load {
        double bus = 0, port = 0, vector_unit = 0;
    };

    LineBuilder(const FlowGeometry& geometry, const MappedNetwork& network, const FlowPlan& plan,
                const RoundActivity& activity, int images);

    /// For `images` images.
    std::vector<StreamTimes> streams(int images) const;
    std::vector<LayerLine> lines() const;
    std::vector<Receiver> import_receivers(int producer) const;
    /// Distance of the rows of an imported map at the border, in cycles.
    double import_spacing(int producer) const;
    /// Fine enough for means over positions, and few enough that rounds of 2^43 cycles are exact.
    static constexpr double ticks_per_cycle = 1024;
    static Ticks ticks(double cycles) { return std::nearbyint(cycles * ticks_per_cycle); }
    static double cycles(Ticks ticks) { return ticks / ticks_per_cycle; }
    /// What the slowest part of a pipeline needs for an image.
    double slowest_part() const { return slowest_; }
    Load load_of(int tile) const;
    double busiest(const Load& load, int tile) const;

private:
    struct Paces {
        std::vector<CopyPace> copies;  ///< of a layer with a matrix
        double time = 0;               ///< that its slowest copy needs for an image by what is its own
    };
    /// A message on the idle network.
    struct Sent {
        int from;
        const std::vector<int>& to;  ///< in rising order
        std::int64_t bytes, port_flits;
        bool tree;
    };

    Paces paces_of(int layer) const;
    double own_positions(int layer, std::size_t copy) const;
    Sent sent(int from, const std::vector<int>& to, std::int64_t bytes) const;
    Sent sent_row(int producer, const std::vector<int>& tiles) const;
    double transfer(const Sent& message, std::size_t number) const;
    Receiver receiver(int stream, const Sent& message) const;
    std::vector<int> import_tiles(int producer) const;
    Input input(int stream, int task) const;
    void find_slowest_part();
    double pace_beside(const Load& own, double positions, const Load& load, double time, int tile) const;
    LayerLine line(int layer) const;
    void add_digital(LayerLine& line) const;
    void add_matrix(LayerLine& line) const;
    CopyLine line_of_copy(int layer, std::size_t copy, CopyLine::Constants of) const;
    PartLine part(const CopyPace::Part& pace, int task, int home) const;

    const MappedNetwork& network_;
    const WorkloadGraph& graph_;
    const FlowGeometry& geometry_;
    const Mapping& mapping_;
    const HardwareConfig& hardware_;
    const FlowPlan& plan_;
    const RoundActivity& activity_;
    double images_;
    double flit_;
    std::vector<Paces> paces_;  ///< by layer
    double slowest_ = 0;
};

}  // namespace xloop
