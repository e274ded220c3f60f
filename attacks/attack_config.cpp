#include "attacks/attack_config.hpp"

#include "core/config/schema.hpp"

namespace xloop {

void describe(config::Section& s, AttackConfig& c) {
    s.affects(config::Affects::weights);
    s.value("norm", c.norm, "how the size of a change is measured: linf (largest change of a value) or l2",
            "L-infinity: Madry et al., arXiv 1706.06083");
    s.value("epsilon", c.epsilon, "largest change: of a pixel, or with l2 of the whole image; pixels are in [0, 1]",
            "8/255, the customary bound for colour images")
        .range(0, 1000);
    s.value("step_size", c.step_size,
            "change in one step; xloop attack: 0 is 2.5 epsilon / steps, and other bounds keep the share",
            "epsilon / 4")
        .range(0, 1000);
    s.value("steps", c.steps, "PGD steps", "Madry et al., arXiv 1706.06083: 7").range(1, 100000).unit("steps");
    s.value("random_start", c.random_start, "start at a random point of the ball", "Madry et al.");

    s.affects(config::Affects::nothing);
    s.value("restarts", c.restarts, "starts of PGD, APGD and FAB; an image counts as broken when one of them breaks it",
            "our choice: one")
        .range(1, 1000000);
    s.value("target", c.target,
            "class that FGSM, PGD, MI-FGSM and CW aim at: none (any but the label), next, least_likely or random",
            "none unless asked for");
    s.value("draws", c.draws,
            "answers that a gradient is the mean of, where they vary (expectation over transformation)",
            "Athalye et al., arXiv 1802.00420, take more than one only where answers vary")
        .range(1, 1000);
    s.value("decay", c.decay, "MI-FGSM: decay of the momentum", "Dong et al., arXiv 1710.06081: 1.0").range(0, 10);
    s.value("step_decay", c.step_decay, "APGD: share of steps that must raise the loss, or the step size is halved",
            "Croce and Hein, arXiv 2003.01690: rho 0.75")
        .range(0, 1);
    s.value("target_classes", c.target_classes, "APGD-T and FAB-T: the most likely wrong classes that are tried",
            "Croce and Hein, arXiv 2003.01690: 9")
        .range(1, 100000);
    s.value("square_share", c.square_share, "Square: share of the image that the first square covers",
            "Croce and Hein, arXiv 2003.01690: 0.8 in their ensemble")
        .above(0, 1);
    s.value("square_stretched", c.square_stretched,
            "Square: its schedule, which is for 10,000 queries, is stretched to the steps; never in the ensemble",
            "the authors' program");
    s.value("learning_rate", c.learning_rate, "CW: learning rate of Adam", "the authors' program: 0.01").above(0, 100);
    s.value("search_steps", c.search_steps, "CW: steps of the binary search for the constant",
            "the authors' program: 9")
        .range(1, 100);
    s.value("first_constant", c.first_constant, "CW: constant that the search begins with",
            "the authors' program: 0.001")
        .above(0, 1e10);
    s.value("confidence", c.confidence, "CW: margin of logits (kappa)",
            "Carlini and Wagner, arXiv 1608.04644: 0 for white boxes")
        .range(0, 1e6);
    s.value("overshoot", c.overshoot, "DeepFool: how far beyond the boundary",
            "Moosavi-Dezfooli et al., arXiv 1511.04599: 0.02")
        .range(0, 10);
    s.value("pixels", c.pixels, "one-pixel: pixels that are changed", "Su et al., arXiv 1710.08864: 1, 3 or 5")
        .range(1, 1000);
    s.value("population", c.population, "one-pixel: candidates of a generation", "Su et al., arXiv 1710.08864: 400")
        .range(4, 100000);
}

}  // namespace xloop
