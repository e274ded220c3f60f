#include "training/training_config.hpp"

namespace xloop {

void describe(config::Section& s, TrainingConfig& c) {
    s.affects(config::Affects::weights);
    s.value("epochs", c.epochs).range(0, 10000).doc("passes over the training images").source("our choice: time");
    s.value("batch_size", c.batch_size).range(1, 65536).unit("images").doc("images a step").source("our choice");
    s.value("learning_rate", c.learning_rate)
        .above(0, 1e3)
        .doc("peak rate of Adam; decays by a cosine")
        .source("our choice");
    s.value("weight_decay", c.weight_decay).range(0, 1e3).doc("L2 penalty").source("our choice");
    s.value("crossbar_aware", c.crossbar_aware)
        .doc("weights in the forward pass are those of programmed arrays")
        .source("XploreNAS (arXiv 2302.07769) trains crossbar-aware; the method here is ours");
    s.value("crossbar_refresh_steps", c.crossbar_refresh_steps)
        .range(1, 1000000)
        .unit("steps")
        .doc("steps for which one sampled subnet and its effective weights are kept")
        .source("our choice: time");
    s.value("adversarial", c.adversarial)
        .doc("train on adversarial examples (PGD)")
        .source("Madry et al., arXiv 1706.06083");
    s.value("attack_steps", c.attack_steps)
        .only_with("training.adversarial", true)
        .range(1, 1000)
        .unit("steps")
        .doc("PGD steps of a training example")
        .source("our choice: time; 7 in Madry et al.");
    s.value("warmup_epochs", c.warmup_epochs)
        .only_with("training.adversarial", true)
        .range(0, 10000)
        .unit("epochs")
        .doc("clean training before the attacks start")
        .source("our choice");
}

}  // namespace xloop
