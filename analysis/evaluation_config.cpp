#include "analysis/evaluation_config.hpp"

#include "analysis/accuracy_table.hpp"
#include "core/config/schema.hpp"

#include <algorithm>

namespace xloop {

bool EvaluationConfig::runs(const std::string& engine) const {
    return std::find(engines.begin(), engines.end(), engine) != engines.end();
}

void describe(config::Section& s, EvaluationConfig& c) {
    constexpr double most_images = 1e7;
    s.value("engines", c.engines,
            "who computes: software (float), integer (exact sums of the hardware's widths), ideal_chip (ideal arrays "
            "with the hardware's converters), chip",
            "our choice: each step from the real network to the chip")
        .one_of(all_names<AccuracyCell::Engine>());
    s.value("test_images", c.test_images, "the first of the test images that accuracies are of; 0: data.test_images",
            "our choice: all that are loaded")
        .range(0, most_images);
    s.value("calibration_images", c.calibration_images,
            "training images for ranges of activations, and for what evaluation.recalibrate measures",
            "our choice: time")
        .range(1, most_images);
    s.value("chips", c.chips, "chips that are programmed: of seeds chip_seed, chip_seed + 1, ...", "our choice: time")
        .range(1, 10000);
    s.value(
        "recalibrate", c.recalibrate,
        "biases and factors are set anew for each chip, so that mean and deviation of each channel's sums are those "
        "of the exact network: false, true, or both, for comparison",
        "our choice: chips as they are; batch normalisation's statistics updated on the chip: Joshi et al., Nature "
        "Communications 11, 2473 (2020)");
    s.value("attack", c.attack,
            "pgd: every engine also sees images that the section `attack` made on the float network, rounded to pixels "
            "and the same "
            "for all (white box in software, transferred to the chip)",
            "none unless asked for");
    s.value("attacked_images", c.attacked_images, "the first of the test images that are attacked; 0: all",
            "our choice")
        .only_with("evaluation.attack", EvaluationAttack::pgd)
        .range(0, most_images);
    s.value("snr_images", c.snr_images,
            "test images on which the sums of each layer are compared with exact ones; 0: none",
            "our choice: some 10^4 sums a layer")
        .range(0, most_images);
}

void validate(const EvaluationConfig& c, const config::Origins& origins) {
    if (c.engines.empty())
        config::fail_check(origins, "evaluation.engines", "one or more of software, integer, ideal_chip, chip");
    for (const std::string& engine : c.engines)
        if (std::count(c.engines.begin(), c.engines.end(), engine) > 1)
            config::fail_check(origins, "evaluation.engines", "each engine once; `" + engine + "` is there again");
    for (const char* key : {"evaluation.chips", "evaluation.recalibrate", "evaluation.snr_images"})
        if (const auto origin = origins.find(key);
            !c.runs("chip") && origin != origins.end() && !origin->second.location.file.empty())
            config::fail_check(origins, key, "to be left out, as evaluation.engines has no `chip`");
}

}  // namespace xloop
