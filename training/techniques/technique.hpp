#pragma once

#include "dnn/layer_hooks.hpp"
#include "dnn/supernet.hpp"
#include "training/training_state.hpp"
#include "training/training_task.hpp"

#include <torch/types.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace xloop {

/// Where a training run is.
struct TrainingMoment {
    std::int64_t step = 0;     ///< of all steps, from 0
    int epoch = 0;             ///< from 0
    double epochs = 0.0;       ///< epochs done, with the fraction of this one
    int all_epochs = 0;        ///< of the whole run
    std::uint64_t period = 0;  ///< of the subnet that is trained, over all epochs
    SubnetPath path;           ///< the subnet
};

/// One way in which training goes beyond the plain network: it changes forward passes (LayerHooks, in training and when
/// the network is judged), adds to the loss, or changes weights between steps. What it does in a step follows from the seed, the
/// moment, the weights and its own state, so that a run can continue from a checkpoint.
class Technique : public LayerHooks {
public:
    /// Whether what it does stays with the network that is handed over, or stands for hardware that the network will meet.
    enum class Part { network, hardware };
    virtual Part part() const { return Part::network; }
    /// Parameters of its own, which the optimiser trains beside the network's. The same list at every call.
    virtual std::vector<torch::Tensor> parameters() { return {}; }
    /// A period begins: the steps that train one subnet, after which what was derived from weights is derived anew.
    virtual void start_period(const TrainingMoment& /*now*/) {}
    /// Before each step's first forward pass.
    virtual void start_step(const TrainingMoment& /*now*/) {}
    /// Is added to the step's loss; undefined: nothing.
    virtual torch::Tensor penalty() { return {}; }
    /// After each step of the optimiser.
    virtual void end_step(const TrainingMoment& /*now*/) {}
    /// After the last step of an epoch, before the network is judged.
    virtual void end_epoch(const TrainingMoment& /*now*/) {}
    /// Puts what it must know into `state`, under names that begin with its own; the reverse.
    virtual void save(TrainingState& /*state*/) const {}
    virtual void load(const TrainingState& /*state*/) {}
    /// Of the last epoch, for the metrics: one object of numbers; empty: none.
    virtual Json figures() const { return Json::object(); }
    /// The network as it is handed over: `network` has the weights of the module and may get other values and more tensors.
    virtual void hand_over(FloatNetwork& /*network*/) const {}
};

/// A row of the table of techniques: whether settings ask for it, and how it is made for a network. Both references outlive it.
struct TechniqueKind {
    const char* name;
    bool (*asked)(const TrainingTask& task);
    std::unique_ptr<Technique> (*make)(Supernet& supernet, const TrainingTask& task);
};

/// In the order in which their hooks are applied.
const std::vector<TechniqueKind>& technique_kinds();

}  // namespace xloop
