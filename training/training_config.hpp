#pragma once

#include "core/config/origins.hpp"
#include "core/names.hpp"
#include "training/techniques/quantise_training_config.hpp"
#include "training/techniques/sparsity_config.hpp"

#include <array>
#include <string>
#include <vector>

namespace xloop {

/// adam: Kingma and Ba, arXiv 1412.6980. sgd: with momentum, of Nesterov's kind or not.
enum class OptimiserKind { adam, sgd };
constexpr auto names_of(OptimiserKind) { return std::array{"adam", "sgd"}; }

/// How the learning rate falls from its peak: as a cosine to 0 (Loshchilov and Hutter, arXiv 1608.03983); by a factor at given
/// epochs; up to the peak and down again (Smith and Topin, arXiv 1708.07120); not at all.
enum class ScheduleKind { cosine, step, one_cycle, constant };
constexpr auto names_of(ScheduleKind) { return std::array{"cosine", "step", "one_cycle", "constant"}; }

/// Maps of forward and backward passes; weights, their gradients and the optimiser are float32 in both.
enum class TrainingPrecision { fp32, bf16 };
constexpr auto names_of(TrainingPrecision) { return std::array{"fp32", "bf16"}; }

enum class TrainingDevice { cpu, cuda };
constexpr auto names_of(TrainingDevice) { return std::array{"cpu", "cuda"}; }

/// Who changes the images that a network is trained on (training/adversaries).
enum class AdversaryKind { none, pgd, fgsm, free };
constexpr auto names_of(AdversaryKind) { return std::array{"none", "pgd", "fgsm", "free"}; }

/// What is minimised (training/losses).
enum class LossKind { cross_entropy, trades, mart };
constexpr auto names_of(LossKind) { return std::array{"cross_entropy", "trades", "mart"}; }

/// What training sees of the arrays (training/techniques): nothing; the weights that programmed arrays realise; the arrays
/// themselves, read by read; noise on sums with the mean and deviation of the arrays' errors; noise on weights.
enum class CrossbarTraining { none, offsets, arrays, output_noise, weight_noise };
constexpr auto names_of(CrossbarTraining) {
    return std::array{"none", "offsets", "arrays", "output_noise", "weight_noise"};
}

/// The chip that a training sees: of one seed, or another one in each epoch.
enum class TrainingChip { fixed, per_epoch };
constexpr auto names_of(TrainingChip) { return std::array{"fixed", "per_epoch"}; }

/// How the gradient of weights passes the arrays (dnn/crossbar/layers.hpp: WeightGradient).
enum class ArrayGradient { straight_through, own_path, exact };
constexpr auto names_of(ArrayGradient) { return std::array{"straight_through", "own_path", "exact"}; }

/// Which parameters a training moves.
enum class TrainedPart { all, batch_norm, last_layers };
constexpr auto names_of(TrainedPart) { return std::array{"all", "batch_norm", "last_layers"}; }

/// What batch normalisation's statistics of a finished network are measured through: exact products, or what training sees of
/// the arrays.
enum class StatisticsOf { network, chip };
constexpr auto names_of(StatisticsOf) { return std::array{"network", "chip"}; }

/// How a network, or a space of networks, is trained.
struct TrainingConfig {
    int epochs = 6;
    int batch_size = 128;
    OptimiserKind optimiser = OptimiserKind::adam;
    double learning_rate = 2e-3;
    double momentum = 0.9;
    bool nesterov = true;
    double weight_decay = 1e-4;
    ScheduleKind schedule = ScheduleKind::cosine;
    double ramp_epochs = 0.0;
    std::vector<double> step_epochs;
    double step_factor = 0.1;
    double label_smoothing = 0.0;
    double mixup = 0.0;
    double clip_gradient = 0.0;
    double clip_weights = 0.0;
    double average = 0.0;
    TrainingPrecision precision = TrainingPrecision::fp32;
    TrainingDevice device = TrainingDevice::cpu;

    AdversaryKind adversary = AdversaryKind::pgd;
    int attack_steps = 3;
    int replays = 4;
    double warmup_epochs = 1.0;
    LossKind loss = LossKind::cross_entropy;
    double loss_weight = 6.0;
    std::string teacher;
    bool largest_teaches = false;
    double teacher_weight = 0.9;
    double temperature = 4.0;

    CrossbarTraining crossbar = CrossbarTraining::offsets;
    int crossbar_refresh_steps = 8;
    TrainingChip crossbar_chip = TrainingChip::fixed;
    double crossbar_onset_epochs = 0.0;
    ArrayGradient array_gradient = ArrayGradient::straight_through;
    double weight_noise = 0.04;

    QuantiseTrainingConfig quantise;
    SparsityConfig sparsity;

    std::string start;
    TrainedPart part = TrainedPart::all;
    int last_layers = 1;
    StatisticsOf statistics = StatisticsOf::network;
    int statistics_images = 1024;
    int validation_attack_images = 500;
    int early_stop_epochs = 0;
    double budget_minutes = 0.0;
    double checkpoint_minutes = 1.0;
};

/// Declares every key of the section in `s`.
void describe(config::Section& s, TrainingConfig& c);

/// Checks between keys. Throws InputError.
void validate(const TrainingConfig& c, const config::Origins& origins);

}  // namespace xloop
