#include "nas/gates_config.hpp"

#include "core/config/schema.hpp"

namespace xloop {

void describe(config::Section& s, GatesConfig& c) {
    s.value("metric", c.metric, "figure of the hardware whose expected logarithm is added to the loss",
            "XploreNAS: EDAP (arXiv 2302.07769)");
    s.value("weight", c.weight, "of that in the loss; 0: no hardware term", "our choice").range(0, 1000);
    s.value("every_periods", c.every_periods, "periods of training between two steps of the gates", "our choice")
        .range(1, 100000);
    s.value("batch", c.batch, "held-out images of a step", "our choice: time").range(1, 4096);
    s.value("warmup", c.warmup, "share of the training before the first step, with all subnets alike",
            "our choice: weights that know nothing tell nothing")
        .range(0, 1);
    s.value("learning_rate", c.learning_rate, "of Adam on the logits", "our choice").above(0, 10);
    s.value("temperature", c.temperature, "of the Gumbel-softmax at the first step",
            "FBNet (arXiv 1812.03443): 5, falling exponentially")
        .above(0, 100);
    s.value("temperature_end", c.temperature_end, "at the end of training", "our choice").above(0, 100);
    s.value("decided", c.decided, "share of the first candidates of a search that are drawn from the probabilities",
            "our choice")
        .range(0, 1);
}

}  // namespace xloop
