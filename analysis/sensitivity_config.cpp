#include "analysis/sensitivity_config.hpp"

#include "core/config/schema.hpp"

#include <fmt/format.h>
#include <algorithm>

namespace xloop {

bool SensitivityConfig::measures_of(SensitivityMeasure measure) const {
    return std::find(measures.begin(), measures.end(), name_of(measure)) != measures.end();
}

void describe(config::Section& s, SensitivityConfig& c) {
    constexpr double most_images = 1e7;
    s.value(
         "measures", c.measures,
         "what is measured of each layer: noise (change of its map under the attack of section attack), snr (what the "
         "arrays leave of its sums), components (dimensions of its map)",
         "our choice: all")
        .one_of(all_names<SensitivityMeasure>());
    s.value("images", c.images, "training images for noise and components", "our choice: time").range(1, most_images);
    s.value("snr_images", c.snr_images, "training images on which sums of the chip are compared with exact ones",
            "our choice: some 10^4 sums a layer")
        .range(1, most_images);
    s.value("variance_share", c.variance_share,
            "share of a map's variance that its counted principal components hold together",
            "our choice: the threshold of Hybrid-Net was not found")
        .above(0, 0.999999);
    s.value("rule", c.rule, "the measure that bits.yaml follows; the table has the bits of all", "our choice");
    s.value("bits_min", c.bits_min, "fewest bits that are suggested",
            "our choice: networks that are rounded, not trained, lose most below")
        .unit("bits")
        .range(1, 8);
    s.value("bits_max", c.bits_max, "most bits that are suggested", "our choice: numerics' 8").unit("bits").range(1, 8);
    s.value("keep_ends", c.keep_ends,
            "layers that read the network's input, and its outputs, get bits_max whatever was measured",
            "our choice: customary for networks of few bits");
}

void validate(const SensitivityConfig& c, const config::Origins& origins) {
    for (const std::string& measure : c.measures)
        if (std::count(c.measures.begin(), c.measures.end(), measure) > 1)
            config::fail_check(origins, "sensitivity.measures", "each measure once; `" + measure + "` is there again");
    if (!c.measures_of(c.rule))
        config::fail_check(origins, "sensitivity.rule",
                           fmt::format("one of sensitivity.measures, not {}", name_of(c.rule)));
    if (c.bits_min > c.bits_max)
        config::fail_check(origins, "sensitivity.bits_min",
                           fmt::format("at most sensitivity.bits_max = {}", c.bits_max));
}

}  // namespace xloop
