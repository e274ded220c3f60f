#include "nas/trained_space.hpp"

#include "attacks/attack.hpp"
#include "attacks/hardware_network.hpp"
#include "attacks/pgd.hpp"
#include "core/config/schema.hpp"
#include "core/error.hpp"
#include "core/files.hpp"
#include "dnn/convolution.hpp"
#include "dnn/crossbar/weight_offsets.hpp"
#include "dnn/one_thread.hpp"
#include "dnn/quantise.hpp"
#include "dnn/tensors.hpp"
#include "nas/gates.hpp"
#include "nas/path_schedule.hpp"
#include "systemc_model/chip/chip.hpp"
#include "systemc_model/chip/running_network.hpp"
#include "systemc_model/mapping/map_network.hpp"
#include "training/judge.hpp"
#include "training/schedule.hpp"
#include "training/train_network.hpp"
#include "training/trainer.hpp"

#include <fmt/format.h>
#include <torch/torch.h>

#include <algorithm>
#include <numeric>

namespace xloop {
namespace {

/// PGD with the chip forward and straight through it backward, rounded to pixels.
torch::Tensor in_the_loop(const Supernet& module, const Chip& chip, const torch::Tensor& images,
                          const torch::Tensor& labels, const SpaceConfig& config, int threads, const Watch& watch) {
    constexpr std::int64_t batch_size = 64;
    const WorkloadGraph& graph = chip.network().graph;
    // Answers may vary wherever a converter or a cell has noise; queries are then addressed one by one.
    HardwareNetwork network({module->spec(), module->tensors()}, {}, graph, chip, true, threads);
    std::vector<torch::Tensor> attacked;
    for (std::int64_t first = 0; first < images.size(0); first += batch_size) {
        const std::int64_t count = std::min(batch_size, images.size(0) - first);
        AttackBatch batch{images.narrow(0, first, count), labels.narrow(0, first, count),
                          std::vector<std::int64_t>(static_cast<std::size_t>(count))};
        std::iota(batch.numbers.begin(), batch.numbers.end(), first);
        attacked.push_back(run_attack(AttackKind::pgd, {network, batch, config.attack, config.seed, watch}));
    }
    return quantise_to_pixels(torch::cat(attacked), images, config.attack.epsilon);
}

/// What decides the probabilities that subnets are drawn by.
std::string gates_text(const SpaceConfig& config) {
    GatesConfig gates = config.search.gates;
    config::Section schema;
    describe(schema, gates);
    std::string text = " " + config::dump(schema, {}, false);
    for (const std::vector<double>& effects : config.choice_costs.effects)
        for (const double effect : effects)
            text += fmt::format(" {:.17g}", effect);
    return text;
}

}  // namespace

struct TrainedSpace::State {
    NetworkSpec space;
    SpaceConfig config;
    torch::Tensor calibration;
    struct Judging {
        torch::Tensor images, labels;
    };
    Judging validation, test;
    mutable Supernet supernet;  ///< whose subnets' shapes are worked out when they are asked for
    const SpaceImages& images;

    /// A subnet with statistics for the chip's effective weights, quantised, and the module that it was made of.
    struct Prepared {
        Supernet module{nullptr};
        std::shared_ptr<const Chip> chip;
    };
    std::string name(const SubnetPath& path) const {
        return space.searchable() ? space.name + " " + space.path_text(path) : space.name;
    }
    Supernet module_of(const Subnet& subnet) const {
        return subnet.weights.empty() ? extract(supernet, subnet.path)
                                      : load_module(load_float_network(subnet.weights));
    }
    Supernet exact(const Subnet& subnet) const {
        Supernet software = module_of(subnet);
        recalibrate_batch_norm(software, calibration);
        return software;
    }
    Prepared prepare(const Subnet& subnet, const HardwareConfig& hardware, int threads) const;
};

TrainedSpace::State::Prepared TrainedSpace::State::prepare(const Subnet& subnet, const HardwareConfig& hardware,
                                                           int threads) const {
    Prepared prepared{module_of(subnet), nullptr};
    OffsetHooks offsets(crossbar_offsets(prepared.module, prepared.module->spec().largest_path(), hardware));
    recalibrate_batch_norm(prepared.module, calibration, &offsets);
    QuantiseOptions with_offsets;
    with_offsets.hooks = &offsets;
    WorkloadGraph corrected = quantise(prepared.module, calibration, name(subnet.path), with_offsets);
    const std::vector<std::uint8_t> pixels = pixels_of(corrected, calibration);
    const auto count = static_cast<int>(calibration.size(0));
    prepared.chip = program(map_network(std::move(corrected), hardware),
                            {pixels.data(), std::min(hardware.adc.calibration_images, count)}, threads);
    return prepared;
}

TrainedSpace::TrainedSpace(std::unique_ptr<State> state) : state_(std::move(state)) {}
TrainedSpace::TrainedSpace(TrainedSpace&&) noexcept = default;
TrainedSpace::~TrainedSpace() = default;

template <class Supply>
TrainedSpace TrainedSpace::with(const NetworkSpec& space, const SpaceConfig& config, const SpaceImages& images,
                                const Supply& supernet_of) {
    use_one_thread();
    const auto judging = [](const ImageSet& set, int count) {
        return set.count() == 0 ? State::Judging{}
                                : State::Judging{image_tensor(set, 0, count), label_tensor(set, 0, count)};
    };
    TrainingTask task{space, images.train, config.training, config.attack, config.hardware, config.seed};
    task.augmentation = config.augmentation;
    if (images.validation.count() > 0)
        task.validation = &images.validation;
    if (space.searchable()) {
        task.subnets = name_of(config.search.phase1);
        if (config.search.phase1 == Phase1::gates)
            task.subnets += gates_text(config);
    }
    return TrainedSpace(
        std::make_unique<State>(State{space, config, image_tensor(images.train, 0, config.search.calibration_images),
                                      judging(images.validation, config.search.judged_images),
                                      judging(images.test, config.search.test_images), supernet_of(task), images}));
}

TrainedSpace TrainedSpace::train(const NetworkSpec& space, const SpaceConfig& config, const SpaceImages& images,
                                 const std::string& checkpoint_dir, const Watch& watch) {
    if (config.search.phase1 != Phase1::gates || !space.searchable()) {
        const auto path = path_schedule(space, config.search.phase1, config.seed);
        return with(space, config, images, [&](const TrainingTask& task) {
            return train_supernet(
                task, [&](std::uint64_t period, Supernet&) { return path(period); }, checkpoint_dir, watch);
        });
    }
    if (images.validation.count() == 0)
        throw KeyError("data.validation_images",
                       "above 0: search.phase1: gates learns on images that weights are not "
                       "trained on");
    if (config.training.device != TrainingDevice::cpu)
        throw KeyError("training.device", "cpu: search.phase1: gates learns there");
    const TrainingSchedule schedule(config.training, images.train.count(), config.seed);
    Gates gates(space, config.search.gates, config.choice_costs,
                {image_tensor(images.validation), label_tensor(images.validation),
                 config.training.adversary == AdversaryKind::none ? 0.0 : config.attack.epsilon},
                config.seed, schedule.period(schedule.steps() - 1) + 1, checkpoint_dir);
    return with(space, config, images, [&](const TrainingTask& task) {
        return train_supernet(
            task, [&](std::uint64_t period, Supernet& supernet) { return gates.path(period, supernet); },
            checkpoint_dir, watch);
    });
}

TrainedSpace TrainedSpace::load(const NetworkSpec& space, const SpaceConfig& config, const SpaceImages& images,
                                const std::string& dir) {
    return with(space, config, images, [&](const TrainingTask& task) { return load_supernet(task, dir); });
}

std::string TrainedSpace::convolution_remedy() const { return convolution_trials().check().remedy; }

void TrainedSpace::fine_tune(const SubnetPath& path, const HardwareConfig& hardware, const std::string& folder,
                             const Watch& watch) const {
    const State& s = *state_;
    const std::string start = folder + "/start";
    make_folder(folder);
    save_float_network(network({path}), start);
    TrainingConfig training = s.config.training;
    training.epochs = s.config.search.fine_tune_epochs;
    training.learning_rate *= s.config.search.fine_tune_rate;
    training.warmup_epochs = 0.0;
    training.start = start;
    const NetworkSpec spec = s.space.resolve(path);
    TrainingTask task{spec, s.images.train, training, s.config.attack, hardware, s.config.seed};
    task.augmentation = s.config.augmentation;
    save_float_network(train_network(task, folder, watch).network, folder + "/network");
}

WorkloadGraph TrainedSpace::prepare(const Subnet& subnet, const HardwareConfig& hardware, int threads) const {
    return state_->prepare(subnet, hardware, threads).chip->network().graph;
}

std::vector<std::vector<double>> TrainedSpace::probabilities(const std::string& dir) { return Gates::kept(dir); }

FloatNetwork TrainedSpace::network(const Subnet& subnet) const {
    const Supernet software = state_->exact(subnet);
    return {software->spec(), software->tensors()};
}

EvaluatedSubnet TrainedSpace::evaluate(const Subnet& subnet, const HardwareConfig& hardware, JudgedBy by, int threads,
                                       const Watch& watch) const {
    const State& s = *state_;
    const auto& [images, labels] = by == JudgedBy::test ? s.test : s.validation;
    if (!images.defined())
        throw KeyError("data.validation_images",
                       "above 0: candidates are judged by images that are neither trained on nor "
                       "the test images");
    Supernet software = s.exact(subnet);
    const LogitsFunction logits = [&](const torch::Tensor& x) { return software->forward(x); };
    const torch::Tensor adversarial = adversarial_pixels(logits, images, labels, s.config.attack, s.config.seed, watch);
    EvaluatedSubnet result;
    using Engine = AccuracyCell::Engine;
    const auto note = [&, &all = labels](Engine engine, bool attacked, double share) {
        AccuracyCell cell{engine, engine == Engine::chip ? hardware.chip_seed : 0};
        cell.total = all.size(0);
        if (attacked) {
            cell.attack = "pgd";
            cell.epsilon = s.config.attack.epsilon;
        }
        result.accuracy.add(cell, share);
    };
    note(Engine::software, false, accuracy(logits, images, labels));
    note(Engine::software, true, accuracy(logits, adversarial, labels));
    // As narrow as the hardware has it.
    const WorkloadGraph ideal = map_network(quantise(software, s.calibration, s.name(subnet.path)), hardware).graph;
    const State::Prepared prepared = s.prepare(subnet, hardware, threads);
    const Chip& chip = *prepared.chip;
    result.workload = chip.network().graph;
    const torch::Tensor for_chip = s.config.search.threat == SearchThreat::hh
                                       ? in_the_loop(prepared.module, chip, images, labels, s.config, threads, watch)
                                       : adversarial;
    note(Engine::integer, false, integer_accuracy(ideal, IntegerEngine(ideal), images, labels, threads, watch));
    note(Engine::chip, false, integer_accuracy(result.workload, chip, images, labels, threads, watch));
    note(Engine::chip, true, integer_accuracy(result.workload, chip, for_chip, labels, threads, watch));
    return result;
}

}  // namespace xloop
