#include "nas/trained_space.hpp"

#include "attacks/pgd.hpp"
#include "dnn/convolution.hpp"
#include "dnn/crossbar/weight_offsets.hpp"
#include "dnn/one_thread.hpp"
#include "dnn/quantise.hpp"
#include "dnn/tensors.hpp"
#include "nas/sandwich.hpp"
#include "systemc_model/chip/chip.hpp"
#include "systemc_model/mapping/map_network.hpp"
#include "training/judge.hpp"
#include "training/trainer.hpp"

namespace xloop {

struct TrainedSpace::State {
    NetworkSpec space;
    SpaceConfig config;
    torch::Tensor calibration, test, labels;
    Supernet supernet;
};

TrainedSpace::TrainedSpace(std::unique_ptr<State> state) : state_(std::move(state)) {}
TrainedSpace::TrainedSpace(TrainedSpace&&) noexcept = default;
TrainedSpace::~TrainedSpace() = default;

template <class Supply>
TrainedSpace TrainedSpace::with(const NetworkSpec& space, const SpaceConfig& config, const SpaceImages& images,
                                const Supply& supernet_of) {
    use_one_thread();
    const int count = config.search.test_images;
    TrainingTask task{space, images.train, config.training, config.attack, config.hardware, config.seed};
    task.augmentation = config.augmentation;
    if (images.validation.count() > 0)
        task.validation = &images.validation;
    return TrainedSpace(std::make_unique<State>(
        State{space, config, image_tensor(images.train, 0, config.search.calibration_images),
              image_tensor(images.test, 0, count), label_tensor(images.test, 0, count), supernet_of(task)}));
}

TrainedSpace TrainedSpace::train(const NetworkSpec& space, const SpaceConfig& config, const SpaceImages& images,
                                 const std::string& checkpoint_dir, const Watch& watch) {
    const auto path_of_period = [&](std::uint64_t period) { return sandwich_path(space, config.seed, period); };
    return with(space, config, images,
                [&](const TrainingTask& task) { return train_supernet(task, path_of_period, checkpoint_dir, watch); });
}

TrainedSpace TrainedSpace::load(const NetworkSpec& space, const SpaceConfig& config, const SpaceImages& images,
                                const std::string& dir) {
    return with(space, config, images, [&](const TrainingTask& task) { return load_supernet(task, dir); });
}

std::string TrainedSpace::convolution_remedy() const { return convolution_trials().check().remedy; }

EvaluatedSubnet TrainedSpace::evaluate(const SubnetPath& path, int threads, const Watch& watch) const {
    State& s = *state_;
    const std::string name = s.space.searchable() ? s.space.name + " " + s.space.path_text(path) : s.space.name;

    Supernet software = extract(s.supernet, path);
    recalibrate_batch_norm(software, s.calibration);
    const LogitsFunction logits = [&](const torch::Tensor& x) { return software->forward(x); };
    const torch::Tensor adversarial =
        adversarial_pixels(logits, s.test, s.labels, s.config.attack, s.config.seed, watch);
    EvaluatedSubnet result;
    using Engine = AccuracyCell::Engine;
    const auto note = [&](Engine engine, bool attacked, double share) {
        AccuracyCell cell{engine, engine == Engine::chip ? s.config.hardware.chip_seed : 0};
        cell.total = s.labels.size(0);
        if (attacked) {
            cell.attack = "pgd";
            cell.epsilon = s.config.attack.epsilon;
        }
        result.accuracy.add(cell, share);
    };
    note(Engine::software, false, accuracy(logits, s.test, s.labels));
    note(Engine::software, true, accuracy(logits, adversarial, s.labels));
    // As narrow as the hardware has it.
    const WorkloadGraph ideal = map_network(quantise(software, s.calibration, name), s.config.hardware).graph;

    Supernet hardware = extract(s.supernet, path);
    OffsetHooks offsets(crossbar_offsets(hardware, hardware->spec().largest_path(), s.config.hardware));
    recalibrate_batch_norm(hardware, s.calibration, &offsets);
    QuantiseOptions with_offsets;
    with_offsets.hooks = &offsets;
    WorkloadGraph corrected = quantise(hardware, s.calibration, name, with_offsets);
    const std::vector<std::uint8_t> calibration = pixels_of(corrected, s.calibration);
    const auto calibration_images = static_cast<int>(s.calibration.size(0));
    const auto chip =
        program(map_network(std::move(corrected), s.config.hardware),
                {calibration.data(), std::min(s.config.hardware.adc.calibration_images, calibration_images)}, threads);
    result.workload = chip->network().graph;

    note(Engine::integer, false, integer_accuracy(ideal, IntegerEngine(ideal), s.test, s.labels, threads, watch));
    note(Engine::chip, false, integer_accuracy(result.workload, *chip, s.test, s.labels, threads, watch));
    note(Engine::chip, true, integer_accuracy(result.workload, *chip, adversarial, s.labels, threads, watch));
    return result;
}

}  // namespace xloop
