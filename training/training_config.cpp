#include "training/training_config.hpp"

#include "core/config/schema.hpp"

namespace xloop {

void describe(config::Section& s, TrainingConfig& c) {
    s.affects(config::Affects::weights);
    s.value("epochs", c.epochs, "passes over the training images", "our choice: time").range(0, 10000);
    s.value("batch_size", c.batch_size, "images a step", "our choice").range(1, 65536).unit("images");
    s.value("learning_rate", c.learning_rate, "peak rate of Adam; decays by a cosine", "our choice").above(0, 1e3);
    s.value("weight_decay", c.weight_decay, "L2 penalty", "our choice").range(0, 1e3);
    s.value("crossbar_aware", c.crossbar_aware, "weights in the forward pass are those of programmed arrays",
            "XploreNAS (arXiv 2302.07769) trains crossbar-aware; the method here is ours");
    s.value("crossbar_refresh_steps", c.crossbar_refresh_steps,
            "steps for which one sampled subnet and its effective weights are kept", "our choice: time")
        .range(1, 1000000)
        .unit("steps");
    s.value("adversarial", c.adversarial, "train on adversarial examples (PGD)", "Madry et al., arXiv 1706.06083");
    s.value("attack_steps", c.attack_steps, "PGD steps of a training example", "our choice: time; 7 in Madry et al.")
        .only_with("training.adversarial", true)
        .range(1, 1000)
        .unit("steps");
    s.value("warmup_epochs", c.warmup_epochs, "clean training before the attacks start", "our choice")
        .only_with("training.adversarial", true)
        .range(0, 10000)
        .unit("epochs");
}

}  // namespace xloop
