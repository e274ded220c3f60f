#include "training/techniques/quantise_training_config.hpp"

#include "core/config/schema.hpp"

namespace xloop {

void describe(config::Section& s, QuantiseTrainingConfig& c) {
    using Method = QuantiseTrainingMethod;
    s.affects(config::Affects::weights);
    s.value("method", c.method,
            "trains with weights and activations of the hardware's bits: with steps that are learned (lsq), or with "
            "learned ends of activations (pact; weights as in lsq); none: real numbers",
            "our choice: on request; Esser et al., arXiv 1902.08153 (lsq); Choi et al., arXiv 1805.06085 (pact)");
    s.value("start_epoch", c.start_epoch, "epochs of training with real numbers before",
            "our choice: none, a network trained before can be continued from")
        .range(0, 10000)
        .unit("epochs")
        .only_with("training.quantise.method", Method::lsq, Method::pact);
    s.value("alpha_decay", c.alpha_decay, "L2 penalty of the ends of activations, half of it times their squares",
            "Choi et al., arXiv 1805.06085: that of the weights; the value is the default of training.weight_decay")
        .range(0, 1e3)
        .only_with("training.quantise.method", Method::pact);
}

}  // namespace xloop
