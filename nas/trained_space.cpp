#include "nas/trained_space.hpp"

#include "attacks/pgd.hpp"
#include "core/error.hpp"
#include "dnn/crossbar/weight_offsets.hpp"
#include "dnn/quantise.hpp"
#include "dnn/tensors.hpp"
#include "nas/supernet_training.hpp"
#include "systemc_model/chip/chip.hpp"
#include "systemc_model/mapping/map_network.hpp"

#include <fmt/format.h>

namespace xloop {
namespace {

/// Accuracy of an integer network on `images`, in slices so that a stop is heard.
double integer_accuracy(const WorkloadGraph& graph, const MatrixEngine& engine, const ImageSet& images, int threads,
                        const std::function<void()>& between) {
    constexpr int slice = 50;
    std::vector<std::vector<std::int32_t>> logits;
    for (int first = 0; first < images.count(); first += slice) {
        between();
        for (auto& row :
             run_images(graph, engine, images.pixels.data(), first, std::min(slice, images.count() - first), threads))
            logits.push_back(std::move(row));
    }
    return top1(logits, images.labels.data());
}

/// PGD on the logits of a network, in batches, rounded to pixel levels.
torch::Tensor attacked_pixels(const LogitsFunction& logits, const torch::Tensor& images, const torch::Tensor& labels,
                              const ExperimentConfig& config, const std::function<void()>& between) {
    constexpr std::int64_t batch = 256;
    std::vector<torch::Tensor> parts;
    for (std::int64_t first = 0; first < images.size(0); first += batch) {
        between();
        const torch::Tensor x = images.slice(0, first, first + batch), y = labels.slice(0, first, first + batch);
        parts.push_back(
            quantise_to_pixels(pgd(logits, x, y, config.attack, config.seed, static_cast<std::uint64_t>(first)), x,
                               config.attack.epsilon));
    }
    return torch::cat(parts);
}

}  // namespace

struct TrainedSpace::State {
    NetworkSpec space;
    ExperimentConfig config;
    torch::Tensor calibration, test, labels;
    Supernet supernet{nullptr};
};

TrainedSpace::TrainedSpace(const NetworkSpec& space, const ExperimentConfig& config, const ImageSet& train,
                           const ImageSet& test, const std::string& checkpoint_dir, const Progress& progress,
                           const std::function<bool()>& interrupted)
    : state_(std::make_unique<State>()) {
    torch::set_num_threads(1);  // sums of floats depend on the number of threads; results must not
    TrainingCallbacks callbacks;
    callbacks.interrupted = interrupted;
    callbacks.progress = [&](const TrainingProgress& p) {
        progress(static_cast<double>(p.step) / static_cast<double>(p.steps_total), p.seconds_left,
                 fmt::format("epoch {}{}, loss {:.3f}, accuracy {:.1f} %", p.epoch, p.adversarial ? " (PGD)" : "",
                             p.loss, 100.0 * p.accuracy));
    };
    state_->space = space;
    state_->config = config;
    state_->calibration = image_tensor(train, 0, config.search.calibration_images);
    state_->test = image_tensor(test, 0, config.search.test_images);
    state_->labels = label_tensor(test, 0, config.search.test_images);
    state_->supernet = train_supernet(space, train, config.training, config.attack, config.hardware, config.seed,
                                      checkpoint_dir, callbacks);
}

TrainedSpace::~TrainedSpace() = default;

EvaluatedSubnet TrainedSpace::evaluate(const SubnetPath& path, int threads,
                                       const std::function<void()>& between) const {
    State& s = *state_;
    const std::string name = s.space.searchable() ? s.space.name + " " + s.space.path_text(path) : s.space.name;

    Supernet software = extract(s.supernet, path);
    recalibrate_batch_norm(software, s.calibration);
    const LogitsFunction logits = [&](const torch::Tensor& x) { return software->forward(x); };
    const torch::Tensor adversarial = attacked_pixels(logits, s.test, s.labels, s.config, between);
    EvaluatedSubnet result;
    result.accuracy.software_clean = accuracy(logits, s.test, s.labels);
    result.accuracy.software_pgd = accuracy(logits, adversarial, s.labels);
    const WorkloadGraph ideal = quantise(software, s.calibration, name);

    Supernet hardware = extract(s.supernet, path);
    const WeightOffsets offsets = crossbar_offsets(hardware, hardware->spec().largest_path(), s.config.hardware);
    recalibrate_batch_norm(hardware, s.calibration, &offsets);
    const ImageSet calibration = image_set(s.calibration, torch::zeros({s.calibration.size(0)}, torch::kInt64));
    const auto chip = program(
        map_network(quantise(hardware, s.calibration, name, &offsets), s.config.hardware),
        {calibration.pixels.data(), std::min(s.config.hardware.adc.calibration_images, calibration.count())}, threads);
    result.workload = chip->network().graph;

    const ImageSet clean_images = image_set(s.test, s.labels), pgd_images = image_set(adversarial, s.labels);
    result.accuracy.integer_clean = integer_accuracy(ideal, IntegerEngine(ideal), clean_images, threads, between);
    result.accuracy.chip_clean = integer_accuracy(result.workload, *chip, clean_images, threads, between);
    result.accuracy.chip_pgd = integer_accuracy(result.workload, *chip, pgd_images, threads, between);
    return result;
}

}  // namespace xloop
