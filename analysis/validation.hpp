#pragma once

#include "analysis/hardware_report.hpp"
#include "analysis/reported_figures.hpp"
#include "core/workload/workload_graph.hpp"
#include "systemc_model/estimate/estimate.hpp"
#include "systemc_model/mapping/mapping.hpp"
#include "systemc_model/sim/simulation_result.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace xloop {

/// One figure of the estimate beside the cycle model's.
struct Comparison {
    double estimated = 0, simulated = 0;
    /// Of the estimate: 0 where both are equal, infinite where only the cycle model's is 0.
    double error_percent() const;
};

/// How far the estimate may be off before a verdict is broken.
struct Tolerances {
    double layer_percent = 5, total_percent = 2;
    bool strict = false;  ///< also where the estimate says that something is contended
};

/// The two sides of a validation, both of the same images, and what the verdicts need to know of them.
struct TwoModels {
    const MappedNetwork& network;
    const HardwareReport& estimate;
    const HardwareReport& simulation;
    const SimulationResult& timed;
    bool pipelined = false;
    std::string no_interval;  ///< why the run does not show the interval; empty: it does
    std::vector<ReportedFigure> reported;
};

/// Estimate and cycle model side by side. Energies are those of the run over its images, in J, with averages for data
/// on both sides: data is no error of the estimate. What the counted data makes of them is told besides.
struct Validation {
    struct Layer {
        std::string name;
        Comparison cycles;  ///< of the first image
        Comparison energy_j;
        double energy_with_data_j = 0;
        std::string stall;                   ///< where most of its active cycles went, with the share
        std::vector<std::string> contended;  ///< why its times may be too short; empty: nothing known
    };
    struct Class {
        Component component;
        Comparison energy_j, dynamic_j, area_mm2;
        double energy_with_data_j = 0;
        double dynamic_with_data_j = 0;
        Comparison static_j() const;
    };
    /// Cycles that all servers of a kind work: bus, buffer, vector_unit, router, xbar.
    struct Busy {
        std::string kind;
        Comparison cycles;
    };
    struct Total {
        std::string name, unit;
        Comparison value;
        bool depends_on_time = true;  ///< contention may excuse an error
    };
    struct CountDifference {
        std::string instance, event;
        std::uint64_t estimated = 0, simulated = 0;
    };
    struct Verdict {
        enum class Outcome { passed, warning, failed } outcome = Outcome::passed;
        std::string name;
        double tolerance_percent = 0;
        double worst_percent = 0;
        std::string worst_at;
        std::string worst_remark;         ///< why the percentage is not that of the table; mostly empty
        std::vector<std::string> broken;  ///< what is beyond the tolerance
        bool passed() const { return outcome != Outcome::failed; }
    };

    std::string network;
    int images = 0;
    bool data_from_values = false;
    std::vector<Layer> layers;
    std::vector<Class> classes;  ///< all of them, in the order of Component
    std::vector<Busy> busy;
    std::vector<Total> totals;  ///< latency first, interval, run, energies, area, EDAP; not a number: not known
    double energy_with_data_j = 0;
    std::string no_interval;
    bool pipelined = false;
    std::string powers;                      ///< what energies hold
    std::vector<std::string> cost_warnings;  ///< of the cost table on this hardware
    std::vector<Estimate::Contended> contended;
    std::vector<FigureAgainst> against;
    Tolerances tolerances;
    std::uint64_t count_differences = 0;
    std::vector<CountDifference> first_differences;  ///< at most ten
    std::vector<Verdict> verdicts;

    /// EDAP multiplies energy and delay, which may each be off by the tolerance: twice of it.
    double tolerance_of(const Total& total) const;
    /// Error of a layer's cycles; of layers shorter than 2 % of the latency, over these 2 %: a few cycles of a short layer
    /// are no concern of anybody.
    double judged_cycles_percent(const Layer& layer) const;
    /// Layers of a pipeline hold each other up, so there any contended place excuses all of them.
    bool excused(const Layer& layer) const { return !layer.contended.empty() || (pipelined && !contended.empty()); }
    bool counts_equal() const { return count_differences == 0; }
    bool passed() const;
};

Validation compare_models(const TwoModels& models, const Tolerances& tolerances);

/// "waiting for input 63 %": where a layer's tasks spent most of the cycles between their first and last work. `digital`: its arrays
/// are multiply-accumulate units, which make no reads.
std::string dominant_stall(const SimulationResult::Layer& layer, bool digital = false);

}  // namespace xloop
