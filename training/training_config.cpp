#include "training/training_config.hpp"

#include "core/config/schema.hpp"

#include <algorithm>

namespace xloop {
namespace {

void describe_optimiser(config::Section& s, TrainingConfig& c) {
    s.value("epochs", c.epochs, "passes over the training images", "our choice: time").range(0, 10000);
    s.value("batch_size", c.batch_size, "images a step", "our choice").range(1, 65536).unit("images");
    s.value("optimiser", c.optimiser, "how gradients become steps", "our choice: needs the least tuning");
    s.value("learning_rate", c.learning_rate, "its peak", "our choice").above(0, 1e3);
    s.value("momentum", c.momentum, "of the mean of past gradients", "customary with SGD")
        .only_with("training.optimiser", OptimiserKind::sgd)
        .range(0, 0.9999);
    s.value("nesterov", c.nesterov, "Nesterov's momentum", "Sutskever et al., ICML 2013; needs a momentum above 0")
        .only_with("training.optimiser", OptimiserKind::sgd);
    s.value("weight_decay", c.weight_decay, "L2 penalty", "our choice").range(0, 1e3);
    s.value("schedule", c.schedule, "how the learning rate changes",
            "our choice; Loshchilov and Hutter, arXiv 1608.03983, without restarts");
    s.value("ramp_epochs", c.ramp_epochs, "epochs in which the learning rate grows from 0 to the schedule's",
            "none unless asked for; Goyal et al., arXiv 1706.02677, use 5")
        .range(0, 10000)
        .unit("epochs");
    s.value("step_epochs", c.step_epochs, "epochs after which the learning rate takes step_factor",
            "empty: after half and three quarters of all epochs, our choice")
        .only_with("training.schedule", ScheduleKind::step)
        .range(0, 10000)
        .unit("epochs");
    s.value("step_factor", c.step_factor, "of the learning rate at each step", "He et al., arXiv 1512.03385")
        .only_with("training.schedule", ScheduleKind::step)
        .above(0, 1);
    s.value("clip_gradient", c.clip_gradient, "largest norm of all gradients together; 0: any", "none unless asked for")
        .range(0, 1e9);
    s.value("clip_weights", c.clip_weights,
            "after each step the weights of a layer are clipped to so many of their standard deviations; 0: any",
            "none unless asked for; 2 in Joshi et al., Nature Communications 11, 2473 (2020)")
        .range(0, 100);
    s.value("average", c.average, "share of the past in the moving average of weights that is judged and kept; 0: none",
            "none unless asked for; 0.999 is customary")
        .range(0, 0.999999);
    s.value(
        "precision", c.precision,
        "of maps and products; bf16 is faster where the processor has instructions for it and does not give the same "
        "bits on every processor",
        "fp32 is the reference");
    s.value("device", c.device, "where LibTorch computes; cuda needs a LibTorch with it", "what every machine has");
}

void describe_objective(config::Section& s, TrainingConfig& c) {
    s.value("loss", c.loss,
            "what is minimised; trades: Zhang et al., arXiv 1901.08573; mart: Wang et al., ICLR 2020; both need "
            "adversary pgd",
            "customary");
    s.value("loss_weight", c.loss_weight, "of the difference between clean and attacked answers",
            "beta of both papers: 6 for TRADES (1 / lambda), 5 to 6 for MART")
        .only_with("training.loss", LossKind::trades, LossKind::mart)
        .range(0, 1e6);
    s.value("label_smoothing", c.label_smoothing, "share of the label that all classes get",
            "none unless asked for; Szegedy et al., arXiv 1512.00567, use 0.1")
        .only_with("training.loss", LossKind::cross_entropy, LossKind::trades)
        .range(0, 0.9);
    s.value("mixup", c.mixup, "parameter of the beta distribution by which images and labels are mixed; 0: not at all",
            "none unless asked for; Zhang et al., arXiv 1710.09412, use 0.2 to 1")
        .only_with("training.adversary", AdversaryKind::none)
        .range(0, 100);
    s.value("teacher", c.teacher,
            "folder of a trained network whose answers to the clean images are learnt too (Hinton et al., arXiv "
            "1503.02531)",
            "none unless asked for")
        .file_path();
    s.value("largest_teaches", c.largest_teaches,
            "of a space: other subnets learn the answers of the largest one too, as it is at that moment (in-place "
            "distillation: Yu and Huang, arXiv 1903.05134, with teacher_weight 1 and temperature 1)",
            "none unless asked for");
    s.value("teacher_weight", c.teacher_weight, "share of the teacher's part in the loss", "our choice")
        .only_beside({"training.teacher", "training.largest_teaches"})
        .range(0, 1);
    s.value("temperature", c.temperature, "that teacher's and network's answers are softened by",
            "Hinton et al., arXiv 1503.02531, try 1 to 20")
        .only_beside({"training.teacher", "training.largest_teaches"})
        .above(0, 1e3);
    s.value(
        "adversary", c.adversary,
        "who changes the training images: pgd (Madry et al., arXiv 1706.06083), fgsm with a random start (Wong et al., "
        "arXiv 2001.03994), free (Shafahi et al., arXiv 1904.12843), none",
        "Madry et al., arXiv 1706.06083");
    s.value("attack_steps", c.attack_steps, "PGD steps of a training example", "our choice: time; 7 in Madry et al.")
        .only_with("training.adversary", AdversaryKind::pgd)
        .range(1, 1000)
        .unit("steps");
    s.value("replays", c.replays, "steps on each batch, which also move its perturbation",
            "Shafahi et al., arXiv 1904.12843: 4 to 8 for CIFAR-10")
        .only_with("training.adversary", AdversaryKind::free)
        .range(1, 1000)
        .unit("steps");
    s.value("warmup_epochs", c.warmup_epochs, "clean training before the attacks start", "our choice")
        .only_with("training.adversary", AdversaryKind::pgd, AdversaryKind::fgsm, AdversaryKind::free)
        .range(0, 10000)
        .unit("epochs");
}

void describe_crossbar(config::Section& s, TrainingConfig& c) {
    s.value(
        "crossbar", c.crossbar,
        "what forward passes see of the arrays. offsets: the weights that they realise; arrays: every read, with its "
        "ADC and noise; "
        "output_noise: on each channel's sums, of the mean and deviation that the arrays' errors have on some images; "
        "weight_noise: on the weights; none",
        "XploreNAS (arXiv 2302.07769) trains crossbar-aware; the methods here are ours, but for weight_noise: Joshi et "
        "al., Nature Communications 11, 2473 (2020)");
    s.value("crossbar_refresh_steps", c.crossbar_refresh_steps,
            "steps for which a sampled subnet, and what was programmed with its weights, is kept; of output_noise "
            "errors are "
            "measured once an epoch",
            "our choice: time")
        .range(1, 1000000)
        .unit("steps");
    s.value("crossbar_chip", c.crossbar_chip,
            "fixed: the chip of chip_seed in all epochs; per_epoch: of chip_seed, then chip_seed + 1, ...",
            "our choice: the chip at hand")
        .only_with("training.crossbar", CrossbarTraining::offsets, CrossbarTraining::arrays,
                   CrossbarTraining::output_noise);
    s.value("crossbar_onset_epochs", c.crossbar_onset_epochs,
            "epochs over which what the arrays change grows from nothing to all of it", "none unless asked for")
        .only_with("training.crossbar", CrossbarTraining::offsets, CrossbarTraining::arrays,
                   CrossbarTraining::output_noise, CrossbarTraining::weight_noise)
        .range(0, 10000)
        .unit("epochs");
    s.value("array_gradient", c.array_gradient,
            "of the weights: straight_through, as if the arrays multiplied with them; own_path and exact go through "
            "cells and "
            "wires (docs/crossbar_layers.md)",
            "Bengio et al., arXiv 1308.3432")
        .only_with("training.crossbar", CrossbarTraining::arrays);
    s.value("weight_noise", c.weight_noise, "deviation, as a share of the largest weight of the layer",
            "Joshi et al., Nature Communications 11, 2473 (2020): about 0.038 for their devices")
        .only_with("training.crossbar", CrossbarTraining::weight_noise)
        .range(0, 10);
}

void describe_repair(config::Section& s, TrainingConfig& c) {
    s.value("start", c.start, "folder of a trained network that training goes on from; empty: random weights",
            "none unless asked for")
        .file_path();
    s.value("part", c.part,
            "parameters that are trained: all, those of batch normalisation, or all of the last layers with weights",
            "customary");
    s.value("last_layers", c.last_layers, "how many layers with weights are trained", "our choice: the classifier")
        .only_with("training.part", TrainedPart::last_layers)
        .range(1, 100000);
    s.value(
         "statistics", c.statistics,
         "what batch normalisation's statistics are measured through in the end: the network's exact products, or what "
         "training.crossbar sees of the arrays; the network then belongs to that chip",
         "our choice: a network for any chip")
        .only_with("training.crossbar", CrossbarTraining::offsets, CrossbarTraining::arrays,
                   CrossbarTraining::output_noise, CrossbarTraining::weight_noise);
}

void describe_run(config::Section& s, TrainingConfig& c) {
    s.value("statistics_images", c.statistics_images,
            "training images that statistics of batch normalisation are measured on before a network is judged",
            "our choice")
        .range(1, 1000000)
        .unit("images");
    s.value("validation_attack_images", c.validation_attack_images,
            "validation images (data.validation_images) that are attacked after each epoch, where training has an "
            "adversary; the best epoch is the most robust one then",
            "our choice: time")
        .range(0, 1000000)
        .unit("images");
    s.value("early_stop_epochs", c.early_stop_epochs,
            "ends the training when so many epochs have brought nothing better on the validation images; 0: never",
            "none unless asked for")
        .range(0, 10000)
        .unit("epochs");
    s.value("budget_minutes", c.budget_minutes, "ends the training after this time, of all its runs together; 0: never",
            "none unless asked for")
        .affects(config::Affects::nothing)
        .range(0, 1e6)
        .unit("min");
    s.value("checkpoint_minutes", c.checkpoint_minutes, "time between checkpoints; a killed run loses no more",
            "our choice")
        .affects(config::Affects::nothing)
        .range(0, 1e4)
        .unit("min");
}

}  // namespace

void describe(config::Section& s, TrainingConfig& c) {
    s.affects(config::Affects::weights);
    s.formerly("adversarial", "`adversary: pgd` for true, `adversary: none` for false");
    s.formerly("crossbar_aware", "`crossbar: offsets` for true, `crossbar: none` for false");
    describe_optimiser(s, c);
    describe_objective(s, c);
    describe_crossbar(s, c);
    describe(s.section("quantise", "training with the integers of the hardware"), c.quantise);
    describe(s.section("sparsity", "weights that become zero in training, and so cost no hardware"), c.sparsity);
    describe_repair(s, c);
    describe_run(s, c);
}

void validate(const TrainingConfig& c, const config::Origins& origins) {
    const auto demand = [&](bool good, const char* key, const char* expected) {
        if (!good)
            config::fail_check(origins, key, expected);
    };
    demand(c.loss == LossKind::cross_entropy || c.adversary == AdversaryKind::pgd, "training.loss",
           "cross_entropy, or training.adversary: pgd, whose examples the others compare with the clean images");
    demand(c.optimiser != OptimiserKind::sgd || !c.nesterov || c.momentum > 0.0, "training.nesterov",
           "false where training.momentum is 0");
    demand(c.teacher.empty() || !c.largest_teaches, "training.largest_teaches", "false beside training.teacher");
    demand(c.mixup == 0.0 || (c.teacher.empty() && !c.largest_teaches), "training.mixup",
           "0 with a teacher, whose answers are to clean images");
    demand(c.quantise.method == QuantiseTrainingMethod::none || c.crossbar == CrossbarTraining::none ||
               c.crossbar == CrossbarTraining::weight_noise,
           "training.crossbar",
           "none or weight_noise with training.quantise, whose integers are not those that the others program");
    demand(c.statistics == StatisticsOf::network || c.crossbar_chip == TrainingChip::fixed, "training.statistics",
           "network, as training.crossbar_chip is per_epoch and there is no one chip to measure on");
    demand(std::is_sorted(c.step_epochs.begin(), c.step_epochs.end()), "training.step_epochs", "epochs that grow");
}

}  // namespace xloop
