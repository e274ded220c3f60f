#pragma once

#include "core/config/schema.hpp"
#include "core/hardware_config.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace xloop {

/// random: uniform pixels by seed, labels by seed.
enum class DataSet { fashion_mnist, random };
constexpr auto names_of(DataSet) { return std::array{"fashion_mnist", "random"}; }

/// Where images come from.
struct DataConfig {
    DataSet set = DataSet::fashion_mnist;
    std::string directory = "/usr/share/datasets/fashion-mnist";
    int train_images = 20000;
    int test_images = 1000;
};

enum class WeightsSource { random, workload };
constexpr auto names_of(WeightsSource) { return std::array{"random", "workload"}; }

/// Where weights come from when nothing is trained: estimate and simulate.
struct WeightsConfig {
    WeightsSource from = WeightsSource::random;
    std::string workload;  ///< a workload.yaml written by a run
};

/// Training of the supernet.
struct TrainingConfig {
    int epochs = 6;
    int batch_size = 128;
    double learning_rate = 2e-3;
    double weight_decay = 1e-4;
    bool crossbar_aware = true;
    int crossbar_refresh_steps = 8;
    bool adversarial = true;
    int attack_steps = 3;
    double warmup_epochs = 1.0;
};

/// The attack a network must withstand (L-infinity, pixel values in [0, 1]).
struct AttackConfig {
    double epsilon = 0.03137;
    double step_size = 0.00784;
    int steps = 7;
    bool random_start = true;
};

/// Sampling and choice of subnets.
struct SearchConfig {
    int subnets = 6;
    int chosen = 2;
    int test_images = 500;
    int calibration_images = 512;
};

enum class SimulatedValues { compute, counts };
constexpr auto names_of(SimulatedValues) { return std::array{"compute", "counts"}; }

/// The cycle model.
struct SimulationConfig {
    int images = 2;
    SimulatedValues values = SimulatedValues::compute;
    std::string statistics;  ///< file of activities that a computing run recorded; empty: none
    std::uint64_t watchdog_cycles = 10'000'000;
    std::uint64_t power_window_cycles = 1000;

    bool computes() const { return values == SimulatedValues::compute; }
    /// A computing run measures activities itself.
    std::string recorded_statistics() const { return computes() ? "" : statistics; }
};

/// Traces of the cycle model.
struct TraceConfig {
    std::vector<std::string> formats;          ///< vcd, saif, activity, power, timeline; none: nothing is traced
    std::string output;                        ///< names of the files begin with it; empty: the experiment's name
    std::string detail = "data";               ///< control | data | all
    std::vector<std::string> classes;          ///< of signals, instead of the detail's
    std::vector<std::string> select, exclude;  ///< patterns of paths
    std::vector<std::string> windows;  ///< "cycles:0-2000", "ns:0-100", "layer:conv3,image:2"; none: the whole run
    int limit_mb = 4000;
    std::string name_map;  ///< file; empty: the model's own names
    bool gzip = false;
};

/// Everything an experiment file can say.
struct ExperimentConfig {
    std::string name = "experiment";
    std::string network;     ///< file
    std::string cost_table;  ///< file
    std::string path = "";   ///< of a searchable network: "stage1=w8k3 ..."; empty = the largest
    std::uint64_t seed = 1;
    HardwareConfig hardware;
    DataConfig data;
    WeightsConfig weights;
    TrainingConfig training;
    AttackConfig attack;
    SearchConfig search;
    SimulationConfig simulation;
    TraceConfig trace;
};

void describe(config::Section& root, ExperimentConfig& experiment);

/// A configuration with where each value came from.
struct LoadedExperiment {
    ExperimentConfig config;
    config::Origins origins;
    /// The effective configuration as YAML, with or without provenance comments.
    std::string yaml(bool provenance) const;
};

/// Reads an experiment file with its bases, applies `-s key=value` overrides in order, and validates.
/// Throws InputError.
LoadedExperiment load_experiment(const std::string& path, const std::vector<std::string>& overrides);

}  // namespace xloop
