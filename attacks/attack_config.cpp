#include "attacks/attack_config.hpp"

#include "core/config/schema.hpp"

namespace xloop {

void describe(config::Section& s, AttackConfig& c) {
    s.affects(config::Affects::weights);
    s.value("epsilon", c.epsilon, "largest change of a pixel; pixels are in [0, 1]",
            "8/255, the customary bound for colour images")
        .range(0, 1);
    s.value("step_size", c.step_size, "change of a pixel in one step", "epsilon / 4").range(0, 1);
    s.value("steps", c.steps, "PGD steps", "Madry et al., arXiv 1706.06083: 7").range(1, 10000).unit("steps");
    s.value("random_start", c.random_start, "start at a random point of the ball", "Madry et al.");
}

}  // namespace xloop
