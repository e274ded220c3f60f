#pragma once

#include "attacks/robustness_config.hpp"
#include "core/progress.hpp"
#include "core/table.hpp"
#include "core/workload/float_network.hpp"
#include "core/workload/workload_graph.hpp"
#include "dnn/data/image_set.hpp"
#include "systemc_model/chip/running_network.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace xloop {

/// By which a change may be larger than its bound, for rounding.
inline constexpr double size_tolerance = 1e-6;

/// What became of one image.
struct AttackedImage {
    int prediction = 0;        ///< after the attack
    double size = 0.0;         ///< of the change, as the tested network reads it, in the attack's norm
    std::int64_t queries = 0;  ///< of the attacked network
};

/// One attack of one size on one tested network.
struct RobustnessCell {
    Threat threat = Threat::ss;
    EngineChoice engine;  ///< what was tested
    NamedAttack attack;
    AttackConfig how;        ///< with steps, restarts and epsilon
    std::vector<int> clean;  ///< predictions of the images as they are
    std::vector<AttackedImage> images;
    std::vector<int> labels;

    bool clean_right(std::size_t image) const { return clean[image] == labels[image]; }
    /// Right after the attack; where an attack without a bound changes more than epsilon, as it is.
    bool robust(std::size_t image) const;
    std::int64_t clean_count() const;
    std::int64_t robust_count() const;
    /// Mean size of the changes of the images that were changed: those that were wrong as they are, or withstood, are not by attacks that
    /// stop at success. NaN of none.
    double perturbation() const;
    /// Mean of each image.
    double queries() const;
};

/// Where what is finished is kept, by name.
class AttackStore {
public:
    virtual ~AttackStore() = default;
    virtual std::optional<std::string> find(const std::string& name) const = 0;
    virtual void keep(const std::string& name, const std::string& bytes) = 0;
    /// All whose name begins so.
    virtual void forget(const std::string& begin) = 0;
};

/// A few images as they are and attacked, for a picture.
struct AttackSample {
    Threat threat = Threat::ss;
    EngineChoice engine;
    std::string attack;        ///< "pgd-20_eps0.031"
    ImageSet clean, attacked;  ///< right as they are, wrong when attacked
    std::vector<int> predictions;
};

/// A network, the images that it is attacked with, and who is tested.
struct RobustnessTask {
    FloatNetwork network;
    FloatNetwork quantised;  ///< what the integer network was made of: the same, or equalised
    Preprocessing preprocessing;
    ImageSet images;  ///< pixels
    AttackConfig attack;
    RobustnessConfig config;
    std::vector<EngineChoice> engines;  ///< that are tested, in order
    std::uint64_t seed = 1;
    int threads = 1;

    // For hardware.
    HardwareConfig hardware;
    WorkloadGraph integer;
    ImageSet training;                          ///< that all of it is calibrated on
    std::vector<std::uint8_t> training_pixels;  ///< the same as the integer network reads them
    int calibration_images = 0;
    /// For transfer: the network that attacks on `engine` are made on.
    std::function<FloatNetwork(const EngineChoice& engine, const RunningNetwork& running, const Watch& watch)>
        surrogate;

    std::vector<double> epsilons() const;
};

struct RobustnessResult {
    std::vector<RobustnessCell> cells;
    std::vector<std::string> warnings;  ///< signs that a figure is not to be believed
    std::vector<AttackSample> samples;
};

/// Why figures that contradict each other are not to be believed: more steps or a larger bound that weaken, a weaker attack that beats a
/// stronger one, queries or transfer that beat gradients (Carlini et al., arXiv 1902.06705).
std::vector<std::string> contradictions(const std::vector<RobustnessCell>& cells);

/// One row for each cell.
Table robustness_table(const std::vector<RobustnessCell>& cells);
/// Over the chips of each attack: mean, standard deviation (n - 1) and the worst robust share.
Table robustness_of_chips(const std::vector<RobustnessCell>& cells);
/// One row for each image of each cell.
std::string per_image_csv(const std::vector<RobustnessCell>& cells);

}  // namespace xloop
