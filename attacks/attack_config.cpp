#include "attacks/attack_config.hpp"

namespace xloop {

void describe(config::Section& s, AttackConfig& c) {
    s.affects(config::Affects::weights);
    s.value("epsilon", c.epsilon)
        .range(0, 1)
        .doc("largest change of a pixel; pixels are in [0, 1]")
        .source("8/255, the customary bound for colour images");
    s.value("step_size", c.step_size).range(0, 1).doc("change of a pixel in one step").source("epsilon / 4");
    s.value("steps", c.steps)
        .range(1, 10000)
        .unit("steps")
        .doc("PGD steps")
        .source("Madry et al., arXiv 1706.06083: 7");
    s.value("random_start", c.random_start).doc("start at a random point of the ball").source("Madry et al.");
}

}  // namespace xloop
