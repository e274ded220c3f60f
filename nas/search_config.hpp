#pragma once

#include "core/config/origins.hpp"
#include "core/names.hpp"
#include "nas/gates_config.hpp"
#include "nas/optimisers/optimiser_config.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace xloop {

/// What learns which subnets are good while a supernet is trained: nothing, so that all are trained alike; or probabilities of the
/// choices (nas/gates.hpp).
enum class Phase1 { uniform, sandwich, fair, gates };
constexpr auto names_of(Phase1) { return std::array{"uniform", "sandwich", "fair", "gates"}; }

/// Who knows what when candidates are attacked: attacks made on the software network and given to the chip, or made with the chip
/// in the loop (docs/threat_models.md).
enum class SearchThreat { sh, hh };
constexpr auto names_of(SearchThreat) { return std::array{"sh", "hh"}; }

/// What predicts accuracies, to screen candidates before they are judged.
enum class PredictorKind { none, ensemble };
constexpr auto names_of(PredictorKind) { return std::array{"none", "ensemble"}; }

/// How candidates are named, judged and chosen.
struct SearchConfig {
    int candidates = 400;
    double minutes = 0.0;
    int chosen = 2;
    std::uint64_t seed = 0;
    std::vector<std::string> objectives = {"robust", "edap"};
    std::vector<std::string> constraints;
    std::string hardware_space;
    OptimiserConfig optimiser;
    PredictorKind predictor = PredictorKind::none;
    int predictor_after = 24;
    Phase1 phase1 = Phase1::sandwich;
    GatesConfig gates;
    SearchThreat threat = SearchThreat::sh;
    int judged_images = 500;
    int test_images = 500;
    int calibration_images = 512;
    int fine_tune_epochs = 0;
    double fine_tune_rate = 0.25;
    std::string baseline;
};

/// Declares every key of the section in `s`.
void describe(config::Section& s, SearchConfig& c);
/// Checks of metrics and between keys. Throws InputError.
void validate(const SearchConfig& c, const config::Origins& origins);

}  // namespace xloop
