#pragma once

#include "analysis/accuracy_table.hpp"
#include "core/json.hpp"
#include "nas/optimisers/optimiser.hpp"
#include "systemc_model/cost/figures_of_merit.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace xloop {

/// What the hardware takes for one image of a candidate.
struct HardwareFigures {
    FiguresOfMerit figures;
    std::uint64_t cycles = 0;  ///< latency of an image
    bool contended = false;    ///< of an estimate: its times leave out that parts hold each other up
};

/// What the cycle model found.
struct Confirmation {
    HardwareFigures hardware;
    bool logits_equal = false;  ///< those of the timed run and of the untimed chip, bit for bit
    double stall_share = 0.0;   ///< of the arrays' tasks' time
};

/// A network on a piece of hardware, with all that a search knows of it.
struct Candidate {
    int id = 0;  ///< from 1, in the order in which candidates were named
    Genome genome;
    std::string network, hardware;         ///< SearchSpace::network_text, hardware_text
    std::vector<std::string> assignments;  ///< what its hardware sets: `key=value`
    int generation = 0;                    ///< from 1
    int parent = 0;                        ///< id of the candidate that it comes from; 0: none
    std::string origin;                    ///< how the optimiser made it
    std::string refused;                   ///< why the network does not fit the hardware; empty: it does
    double violation = 0.0;                ///< of the constraints, relative; 0: none
    std::int64_t weights = 0;
    HardwareFigures estimate;
    AccuracyTable accuracy;  ///< on the images that candidates are judged by; empty: not judged
    AccuracyTable test;      ///< on the test images; chosen ones only
    std::vector<double>
        predicted;  ///< of each objective that is an accuracy, before it was judged; none: no predictor yet
    std::optional<Confirmation> confirmed;
    bool on_front = false, chosen = false;
    bool tuned = false;  ///< trained further; its accuracies are those of the new weights
    int rank = 0;        ///< among the chosen by what is known last, from 1

    bool judged() const { return !accuracy.cells().empty(); }
    /// By the cycle model where it was asked, else the estimate.
    const HardwareFigures& figures() const { return confirmed ? confirmed->hardware : estimate; }

    Json json() const;
    /// The reverse. Throws InputError, which names `file`.
    static Candidate from_json(const Json& json, const std::string& file);
};

/// Figures as an object, and the reverse. Throws InputError, which names `file`.
Json figures_json(const HardwareFigures& figures);
HardwareFigures figures_from_json(const Json& json, const std::string& file);

}  // namespace xloop
