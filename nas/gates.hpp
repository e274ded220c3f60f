#pragma once

#include "core/workload/network_spec.hpp"
#include "dnn/supernet.hpp"
#include "nas/choice_costs.hpp"
#include "nas/gates_config.hpp"

#include <torch/types.h>

#include <cstdint>
#include <string>
#include <vector>

namespace xloop {

/// Logits of the largest subnet through soft gates: `gates` [choice of NetworkSpec::open_choices()], float [values in rising order], which
/// add up to 1. Gates that are 1 for one value of each choice give the logits of that subnet.
torch::Tensor gated_logits(Supernet& supernet, const torch::Tensor& x, const std::vector<torch::Tensor>& gates);

/// Probabilities of the choices of a space, learnt while its shared weights are: every few periods, with the weights as they are, on
/// images that weights are not trained on. A pass of the largest subnet goes through soft gates: each width, kernel, group count and
/// presence of a branch counts as its Gumbel-softmax weight (Jang et al., arXiv 1611.01144), as masks on one set of weights and maps
/// (Wan et al., FBNetV2, arXiv 2004.05565). The loss is cross-entropy, of images attacked in one step (R-FGSM) where training has an
/// adversary, and `weight` times the expected logarithm of a figure of the hardware (ChoiceCosts; a differentiable cost as in Cai et
/// al., ProxylessNAS, arXiv 1812.00332). Adam (Kingma and Ba) moves the logits. Periods between are trained on subnets drawn from the
/// probabilities. What is learnt is kept line by line in FOLDER/gates.jsonl, so that a run that continues draws the same subnets.
class Gates {
public:
    struct HeldOut {
        torch::Tensor images, labels;  ///< [N, C, H, W], [N]
        double epsilon = 0.0;          ///< of the attack; 0: none
    };
    /// `periods`: of the whole training. Throws InputError where a layer that may be absent is no branch of an addition.
    Gates(const NetworkSpec& space, const GatesConfig& config, ChoiceCosts costs, HeldOut held_out, std::uint64_t seed,
          std::uint64_t periods, std::string folder);

    /// The subnet of a period (PathOfPeriod).
    SubnetPath path(std::uint64_t period, Supernet& supernet);
    /// [choice][value in rising order].
    std::vector<std::vector<double>> probabilities() const;

    /// Those that a finished training left in the folder; none where it learnt none.
    static std::vector<std::vector<double>> kept(const std::string& folder);

private:
    struct State {
        std::vector<std::vector<double>> logits, mean, variance;
    };
    void learn(std::uint64_t update, Supernet& supernet);
    std::uint64_t update_of(std::uint64_t period) const;
    std::string file() const { return folder_ + "/gates.jsonl"; }

    const NetworkSpec& space_;
    const GatesConfig config_;
    const ChoiceCosts costs_;
    const HeldOut held_out_;
    const std::uint64_t seed_;
    const std::uint64_t periods_;
    const std::string folder_;
    std::vector<std::vector<int>> values_;  ///< sorted_values
    std::vector<State> states_;             ///< by update
};

}  // namespace xloop
