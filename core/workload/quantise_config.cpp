#include "core/workload/quantise_config.hpp"

#include "core/config/schema.hpp"

namespace xloop {

void describe(config::Section& s, QuantiseConfig& c) {
    s.value("activations", c.activations,
            "range of an activation, from calibration images: all of it (max), a share of the values (percentile), the "
            "range of least squared error (mse) or of least information lost (entropy)",
            "our choice: with 8 bits rounding, not clipping, should be most of the error");
    s.value("percentile", c.percentile, "share of the values that is not clipped", "our choice")
        .unit("%")
        .range(50.0, 100.0)
        .only_with("quantise.activations", RangeRule::percentile);
    s.value("weights", c.weights, "range of an output channel's weights: the largest, or that of least squared error",
            "Jacob et al., arXiv 1712.05877: the largest magnitude");
    s.value("equalise", c.equalise,
            "scales channels so that ranges of consecutive layers match (cross-layer equalisation)",
            "our choice: Nagel et al., arXiv 1906.04721, section 4.1, on request");
    s.value("bias_correction", c.bias_correction, "takes off what rounded weights add to the mean of each channel",
            "our choice: Nagel et al., arXiv 1906.04721, section 4.2, on request");
}

}  // namespace xloop
