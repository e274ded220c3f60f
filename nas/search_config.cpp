#include "nas/search_config.hpp"

#include "core/config/schema.hpp"
#include "core/error.hpp"
#include "nas/search_metrics.hpp"

#include <fmt/format.h>

namespace xloop {

void describe(config::Section& s, SearchConfig& c) {
    s.formerly("subnets", "search.candidates");
    s.value("candidates", c.candidates, "candidates that the search names and judges, at most",
            "our choice: four generations of search.optimiser.population")
        .range(1, 10000000);
    s.value("minutes", c.minutes, "time after which no further generation is begun; 0: candidates alone decide",
            "our choice: results then depend on the candidates alone")
        .unit("min")
        .range(0, 100000);
    s.value("chosen", c.chosen, "candidates of the Pareto front that the cycle model and the test images judge",
            "our choice: time")
        .range(0, 1000);
    s.value("seed", c.seed,
            "of whoever names candidates, so that searches of one supernet may differ; 0: the experiment's",
            "convention")
        .range(0, 1e15);
    s.value("objectives", c.objectives, "metrics that are weighed against one another (xloop search --help lists them)",
            "XploreNAS: adversarial accuracy on crossbars, and EDAP (arXiv 2302.07769)");
    s.value("constraints", c.constraints, "what candidates must keep: `area_mm2 <= 20`, `clean >= 0.5`",
            "our choice: none");
    s.value("hardware_space", c.hardware_space,
            "file that says what of the hardware is searched too (configs/search_spaces); empty: nothing", "our choice")
        .file_path();
    describe(s.section("optimiser", "who names the candidates"), c.optimiser);
    s.value("predictor", c.predictor, "predicts accuracies, so that the best of many candidates are judged",
            "our choice: none");
    s.value("predictor_after", c.predictor_after, "judged candidates from which on it is asked", "our choice")
        .range(8, 100000)
        .only_with("search.predictor", PredictorKind::ensemble);
    s.value("phase1", c.phase1, "which subnets are trained while the supernet is", "sandwich: arXiv 1903.05134");
    auto& gates = s.section("gates", "how probabilities of choices are learnt while the supernet is trained");
    gates.only_with("search.phase1", Phase1::gates);
    describe(gates, c.gates);
    s.value("threat", c.threat,
            "candidates are attacked by what is made on the software network (sh), or with the chip in the loop (hh)",
            "XploreNAS does not say; sh: time");
    s.value("judged_images", c.judged_images,
            "validation images (data.validation_images) that candidates are judged by, of the first ones",
            "our choice: time")
        .range(1, 1000000);
    s.value("test_images", c.test_images, "test images that the chosen are judged by in the end", "our choice: time")
        .range(1, 1000000);
    s.value("calibration_images", c.calibration_images,
            "training images for batch-norm statistics and activation ranges", "our choice: time")
        .range(16, 60000);
    s.value("fine_tune_epochs", c.fine_tune_epochs,
            "the chosen are trained further by themselves, on their own hardware, before they are confirmed; 0: not",
            "our choice: none")
        .range(0, 10000);
    s.value("fine_tune_rate", c.fine_tune_rate, "of the learning rate of the section training, then", "our choice")
        .above(0, 10);
    s.value("baseline", c.baseline,
            "a network that is trained and judged in the same way beside the search; empty: none", "our choice: none")
        .file_path();
}

void validate(const SearchConfig& c, const config::Origins& origins) {
    const auto checked = [&](const char* key, auto check) {
        try {
            check();
        } catch (const InputError& e) {
            config::fail_check(origins, key, e.what());
        }
    };
    if (c.objectives.empty())
        config::fail_check(origins, "search.objectives", "one metric or more");
    checked("search.objectives", [&] {
        for (const std::string& name : c.objectives)
            metric_named(name);
    });
    checked("search.constraints", [&] {
        for (const std::string& text : c.constraints)
            parse_constraint(text);
    });
    checked("search.gates.metric", [&] {
        if (metric_named(c.gates.metric).source != MetricSource::hardware)
            throw InputError("a figure of the hardware; `" + c.gates.metric + "` is an accuracy");
    });
    for (std::size_t a = 0; a < c.objectives.size(); ++a)
        for (std::size_t b = 0; b < a; ++b)
            if (c.objectives[a] == c.objectives[b])
                config::fail_check(origins, "search.objectives", "each metric once");
}

}  // namespace xloop
