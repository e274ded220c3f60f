#include "training/techniques/sparsity_config.hpp"

#include "core/config/schema.hpp"

#include <algorithm>
#include <cmath>

namespace xloop {

double pruned_share(const SparsityConfig& config, double epochs) {
    if (epochs < config.begin_epochs)
        return 0.0;
    const double way = config.end_epochs - config.begin_epochs;
    const double left = way > 0.0 ? std::clamp((config.end_epochs - epochs) / way, 0.0, 1.0) : 0.0;
    return config.share * (1.0 - left * left * left);
}

void describe(config::Section& s, SparsityConfig& c) {
    s.affects(config::Affects::weights);
    constexpr const char* method = "training.sparsity.method";
    s.value(
        "method", c.method,
        "what becomes zero: magnitude: the smallest weights of a layer; dub: those, with columns of arrays that are "
        "equally full and then cut to powers of two; patterns: five of the nine weights of 3 x 3 kernels, and whole "
        "kernels; filters: whole filters",
        "off");
    s.only_with(method, SparsityMethod::magnitude, SparsityMethod::dub, SparsityMethod::patterns,
                SparsityMethod::filters);
    s.value("share", c.share,
            "zeros at the end: share of the weights; patterns: of the 3 x 3 kernels; filters: of a layer's filters",
            "our choice")
        .range(0, 0.999);
    s.value("begin_epochs", c.begin_epochs, "when the first weights become zero",
            "our choice: a network that has learned something")
        .range(0, 10000)
        .unit("epochs");
    s.value("end_epochs", c.end_epochs,
            "when the share is reached; the share grows with the cube of what is left of the way (Zhu and Gupta, "
            "arXiv 1710.01878); at the latest after the last step",
            "our choice: two of the default six epochs to recover")
        .range(0, 10000)
        .unit("epochs");
    s.value("every_steps", c.every_steps, "steps from one choice of zeros to the next", "Zhu and Gupta: 100 to 1000")
        .range(1, 1000000)
        .unit("steps");
    auto& dub = s.section("dub", "method dub");
    dub.affects(config::Affects::weights);
    dub.only_with(method, SparsityMethod::dub);
    dub.value("penalty", c.dub.penalty,
              "factor in the loss of the variance of how full the columns of an array are, summed over all arrays",
              "our choice: the paper's value is not known to us")
        .range(0, 1e6);
    dub.value("threshold_begin", c.dub.threshold_begin,
              "t in tanh(abs(w) / 2 t), which stands for `w is not 0`, over the root mean square of the layer's "
              "weights, at the start",
              "our choice")
        .above(0, 1e3);
    dub.value("threshold_end", c.dub.threshold_end, "the same at end_epochs; falls geometrically", "our choice")
        .above(0, 1e3);
    dub.value("level", c.dub.level,
              "at the end each column keeps at most 1 / 2^level of its rows; 0: those near the next power of two",
              "our choice: near ones (the dynamic rule of the group's PUMA functional model; this is its static one)")
        .range(0, 10);
    dub.value("snap_margin", c.dub.snap_margin,
              "level 0: columns that are fuller than the next power of two by at most this share of their rows are cut "
              "to it",
              "our choice")
        .range(0, 1);
    s.value("patterns", c.patterns,
            "kinds of 3 x 3 kernels in a layer: the most frequent of the 56 with the middle and three more weights",
            "our choice")
        .only_with(method, SparsityMethod::patterns)
        .range(1, 56);
    s.value("criterion", c.criterion, "filters that go: least L1 norm, least mean magnitude of their outputs, or any",
            "Roy et al., arXiv 2003.02800: l1 is best")
        .only_with(method, SparsityMethod::filters);
}

}  // namespace xloop
