#pragma once

#include "core/hardware_config.hpp"
#include "core/workload/engine_kind.hpp"
#include "core/workload/network_spec.hpp"
#include "core/workload/quantise_config.hpp"
#include "systemc_model/chip/running_network.hpp"

#include <torch/custom_class.h>
#include <torch/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

namespace xloop {

/// What a network on an engine is made of.
struct NetworkArguments {
    /// The folder of a network (xloop import, xloop train), a model file as xloop import takes it, or a workload.yaml, or its folder
    /// (xloop eval).
    std::string model;
    std::string hardware;  ///< by hardware_of, with the settings
    std::vector<std::string> settings;
    std::optional<torch::Tensor> calibration;  ///< training images as NetworkOperator takes them; a workload needs none
    std::string engine = name_of(EngineKind::chip), ranges = name_of(QuantiseConfig().activations);
    bool recalibrate = false;  ///< biases and factors corrected for this chip, by the same images
    /// Ranges are those that activations have with the weights that the arrays realise: for networks trained on arrays.
    bool effective_weights = false;
    std::vector<std::int64_t> input_shape;  ///< of a model file that does not say it, without the axis of images
    std::int64_t threads = 1;
};

/// A trained network as integers on an engine: exact sums, an ideal chip or the programmed one.
class NetworkOperator : public torch::CustomClassHolder {
public:
    /// `spec`: orders and host functions of the float network; of a workload, which has none, the defaults.
    NetworkOperator(NetworkSpec spec, HardwareConfig hardware, EngineKind kind, RunningNetwork running, int threads);
    /// Throws InputError for what is wrong with any of them.
    static c10::intrusive_ptr<NetworkOperator> make(const NetworkArguments& arguments);

    /// images: float [N][C][height][width], or [N][height][width][C] where the network's file has that order, before the network's own
    /// normalisation; -> float [N][values], the bits of `xloop infer`. Read noise of image n is that of image `first` + n.
    torch::Tensor forward(const torch::Tensor& images, std::int64_t first) const;
    /// What an image costs on the hardware, by the closed form: the figures of the table in analysis/hardware_figures.hpp, in SI units and
    /// mm2, and `contended`: the number of places whose queues the times leave out.
    c10::Dict<std::string, double> estimate(const std::string& cost_table, std::int64_t images) const;
    /// Writes workload.yaml and weights.bin, for `xloop simulate`.
    void save(const std::string& folder) const { save_workload(running_.graph(), folder); }
    std::string hardware() const;

    /// workload.yaml and weights.bin of what runs, network.yaml or nothing, hardware, engine, threads.
    using State = std::tuple<std::string, torch::Tensor, std::string, std::string, std::string, std::int64_t>;
    State state() const;
    static c10::intrusive_ptr<NetworkOperator> from_state(const State& state);

private:
    NetworkSpec spec_;
    HardwareConfig hardware_;
    EngineKind kind_;
    RunningNetwork running_;
    int threads_;
};

}  // namespace xloop
