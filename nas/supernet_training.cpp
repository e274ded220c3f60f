#include "nas/supernet_training.hpp"

#include "attacks/pgd.hpp"
#include "core/digest.hpp"
#include "core/error.hpp"
#include "core/files.hpp"
#include "core/random.hpp"
#include "dnn/crossbar/weight_offsets.hpp"
#include "dnn/tensors.hpp"

#include <spdlog/spdlog.h>
#include <torch/torch.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <numeric>
#include <sstream>

namespace xloop {
namespace {

constexpr double pi = 3.14159265358979323846;

void write_layer(std::ostream& out, const LayerSpec& l) {
    out << "layer " << l.name << ' ' << name_of(l.kind) << " inputs";
    for (const std::string& input : l.inputs)
        out << ' ' << input;
    const auto list = [&out](const char* key, const std::vector<int>& values) {
        out << ' ' << key;
        for (int v : values)
            out << ' ' << v;
    };
    list("widths", l.out_channels);
    list("kernels", l.kernel);
    if (!l.kernel_hw.empty())
        list("kernel_hw", l.kernel_hw);
    list("stride", l.stride);
    if (l.dilation != std::vector<int>{1})
        list("dilation", l.dilation);
    list("padding", l.padding);
    out << " groups " << l.groups << " bn " << l.batch_norm << " activation " << name_of(l.activation) << '\n';
}

/// What effective weights depend on.
void write_hardware(std::ostream& out, const HardwareConfig& h) {
    const DeviceConfig& d = h.device;
    const auto file = [](const std::string& path) {
        return path.empty() ? std::string("none") : Digest().add(read_file(path)).hex();
    };
    out << "device " << d.r_on_ohm << ' ' << d.r_off_ohm << ' ' << name_of(d.storage) << ' ' << d.bits_per_cell << ' '
        << file(d.level_table) << ' ' << name_of(d.programming_distribution) << ' ' << name_of(d.programming_spread)
        << ' ' << d.programming_sigma << ' ' << d.programming_sigma_off << ' ' << d.programming_sigma_us << ' '
        << d.stuck_on_rate << ' ' << d.stuck_off_rate << ' ' << d.open_rate << ' ' << file(d.fault_map) << ' '
        << d.drift_time_s << ' ' << d.drift_t0_s << ' ' << d.drift_nu << ' ' << d.drift_nu_sigma << ' '
        << d.r_access_ohm << ' ' << d.nonlinearity_per_volt << "\ncrossbar " << h.crossbar.rows << ' '
        << h.crossbar.cols << ' ' << h.crossbar.r_driver_ohm << ' ' << h.crossbar.r_wire_row_ohm << ' '
        << h.crossbar.r_wire_col_ohm << ' ' << h.crossbar.r_sense_ohm << ' ' << h.crossbar.read_voltage_v << ' '
        << name_of(h.crossbar.weights) << ' ' << name_of(h.crossbar.circuit) << ' ' << name_of(h.crossbar.precision)
        << "\nconverters " << h.dac.bits << ' ' << h.adc.gain_sigma << ' ' << h.adc.columns_per_adc << "\nnumerics "
        << h.numerics.activation_bits << ' ' << h.numerics.weight_bits << "\nchip " << h.chip_seed << '\n';
}

/// Counts and times one run's steps; adversarial steps cost several clean ones, so each kind has its own mean.
class Clock {
public:
    void add(bool adversarial, double seconds) {
        ++count_[adversarial];
        seconds_[adversarial] += seconds;
    }

    double left(std::int64_t clean_steps, std::int64_t adversarial_steps, int attack_steps) const {
        const double passes = 1.0 + attack_steps;
        const double clean = count_[0] ? seconds_[0] / static_cast<double>(count_[0]) : mean(true) / passes;
        const double attacked = count_[1] ? mean(true) : clean * passes;
        return clean * static_cast<double>(clean_steps) + attacked * static_cast<double>(adversarial_steps);
    }

private:
    double mean(bool kind) const { return count_[kind] ? seconds_[kind] / static_cast<double>(count_[kind]) : 0.0; }

    std::int64_t count_[2] = {0, 0};
    double seconds_[2] = {0.0, 0.0};
};

class Trainer {
public:
    Trainer(const NetworkSpec& spec, const ImageSet& images, const TrainingConfig& training, const AttackConfig& attack,
            const HardwareConfig& hardware, std::uint64_t seed, const std::string& checkpoint_dir,
            const TrainingCallbacks& callbacks)
        : supernet_(spec, seed),
          optimiser_(supernet_->parameters(),
                     torch::optim::AdamOptions(training.learning_rate).weight_decay(training.weight_decay)),
          images_(images), training_(training), attack_(training_attack(training, attack)), hardware_(hardware),
          seed_(seed), callbacks_(callbacks),
          fingerprint_(training_fingerprint(spec, images, training, attack, hardware, seed)) {
        batch_ = std::min(training.batch_size, images.count());
        steps_per_epoch_ = images.count() / batch_;  // the rest changes from epoch to epoch with the order
        warmup_steps_ = training.adversarial ? std::llround(training.warmup_epochs * steps_per_epoch_) : total_steps();
        warmup_steps_ = std::min<std::int64_t>(warmup_steps_, total_steps());
        if (!checkpoint_dir.empty())
            open_checkpoint(checkpoint_dir);
    }

    Supernet run() {
        supernet_->train();
        for (; epoch_ < training_.epochs; ++epoch_) {
            train_epoch();
            if (!checkpoint_.empty())
                save();
        }
        return supernet_;
    }

private:
    std::int64_t total_steps() const { return std::int64_t{steps_per_epoch_} * training_.epochs; }

    void train_epoch() {
        const std::vector<int> order = batch_order();
        loss_sum_ = 0.0;
        right_ = 0;
        for (int step = 0; step < steps_per_epoch_; ++step) {
            if (callbacks_.interrupted && callbacks_.interrupted())
                throw Interrupted("training stopped in epoch " + std::to_string(epoch_ + 1) + " of " +
                                  std::to_string(training_.epochs) +
                                  (checkpoint_.empty() ? "" : "; the same command continues from " + checkpoint_));
            // A period ends with the epoch, so that a resumed run starts with the offsets the other one had.
            if (step % training_.crossbar_refresh_steps == 0)
                start_period(step / training_.crossbar_refresh_steps);
            const auto begin = std::chrono::steady_clock::now();
            const std::int64_t global = std::int64_t{epoch_} * steps_per_epoch_ + step;
            train_step(&order[static_cast<std::size_t>(step) * static_cast<std::size_t>(batch_)], global);
            const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begin + period_start_cost_;
            clock_.add(global >= warmup_steps_, taken.count());
            report(step, global);
        }
    }

    std::vector<int> batch_order() const {
        const KeyedRandom random(seed_, RandomUse::batch_order);
        std::vector<int> order(static_cast<std::size_t>(images_.count()));
        std::iota(order.begin(), order.end(), 0);
        for (std::size_t i = order.size(); i > 1; --i)  // Fisher-Yates
            std::swap(order[i - 1], order[random.below(i, static_cast<std::uint64_t>(epoch_), i)]);
        return order;
    }

    void start_period(int period_in_epoch) {
        const auto begin = std::chrono::steady_clock::now();
        const int length = training_.crossbar_refresh_steps;
        const int periods = (steps_per_epoch_ + length - 1) / length;
        path_ = sample_path(static_cast<std::uint64_t>(epoch_) * static_cast<std::uint64_t>(periods) +
                            static_cast<std::uint64_t>(period_in_epoch));
        if (training_.crossbar_aware)
            offsets_ = crossbar_offsets(supernet_, path_, hardware_);
        // Shared among the period's steps, for the estimate of the time left.
        period_start_cost_ = (std::chrono::steady_clock::now() - begin) / length;
    }

    SubnetPath sample_path(std::uint64_t period) const {
        const NetworkSpec& spec = supernet_->spec();
        if (period % 4 == 0)
            return spec.largest_path();
        if (period % 4 == 2)
            return spec.smallest_path();
        return spec.path(KeyedRandom(seed_, RandomUse::path_sampling).below(spec.path_count(), period));
    }

    torch::Tensor logits(const torch::Tensor& x) {
        return supernet_->forward(x, path_, offsets_.empty() ? nullptr : &offsets_);
    }

    void train_step(const int* indices, std::int64_t global) {
        auto [x, y] = batch(indices);
        // The attack sees the network as this step trains it: batch statistics, and the arrays' weights.
        if (global >= warmup_steps_)
            x = pgd([this](const torch::Tensor& images) { return logits(images); }, x, y, attack_, seed_,
                    static_cast<std::uint64_t>(global) * static_cast<std::uint64_t>(batch_));
        set_learning_rate(global);
        optimiser_.zero_grad();
        const torch::Tensor out = logits(x);
        const torch::Tensor loss = torch::nn::functional::cross_entropy(out, y);
        loss.backward();
        optimiser_.step();
        const double value = loss.item<double>();
        if (!std::isfinite(value))
            throw Error("the loss is no longer finite in step " + std::to_string(global + 1) +
                        "; a smaller training.learning_rate may help");
        loss_sum_ += value;
        right_ += out.detach().argmax(1).eq(y).sum().item<std::int64_t>();
    }

    std::pair<torch::Tensor, torch::Tensor> batch(const int* indices) const {
        ImageSet chosen;
        chosen.shape = images_.shape;
        const auto size = static_cast<std::ptrdiff_t>(images_.shape.size());
        for (int i = 0; i < batch_; ++i) {
            const std::uint8_t* image = images_.image(indices[i]);
            chosen.pixels.insert(chosen.pixels.end(), image, image + size);
            chosen.labels.push_back(images_.labels[static_cast<std::size_t>(indices[i])]);
        }
        return {image_tensor(chosen), label_tensor(chosen)};
    }

    void set_learning_rate(std::int64_t global) {
        const double progress = static_cast<double>(global) / static_cast<double>(total_steps());
        const double rate = 0.5 * training_.learning_rate * (1.0 + std::cos(pi * progress));
        for (auto& group : optimiser_.param_groups())
            group.options().set_lr(rate);
    }

    void report(int step, std::int64_t global) const {
        if (!callbacks_.progress)
            return;
        TrainingProgress p;
        p.epoch = epoch_ + 1;
        p.step = global + 1;
        p.steps_total = total_steps();
        p.adversarial = global >= warmup_steps_;
        p.loss = loss_sum_ / (step + 1);
        p.accuracy = static_cast<double>(right_) / (static_cast<double>(step + 1) * batch_);
        const std::int64_t clean_left = std::max<std::int64_t>(0, warmup_steps_ - p.step);
        p.seconds_left = clock_.left(clean_left, p.steps_total - p.step - clean_left, attack_.steps);
        callbacks_.progress(p);
    }

    void open_checkpoint(const std::string& dir) {
        std::error_code failed;
        std::filesystem::create_directories(dir, failed);
        if (failed)
            throw InputError(dir + ": cannot make the folder for checkpoints: " + failed.message());
        checkpoint_ = dir + "/supernet.pt";
        if (std::filesystem::exists(checkpoint_))
            load();
    }

    void load() {
        try {
            torch::serialize::InputArchive archive;
            archive.load_from(checkpoint_);
            c10::IValue fingerprint, epoch;
            archive.read("fingerprint", fingerprint);
            archive.read("epoch", epoch);
            if (fingerprint.toStringRef() != fingerprint_) {
                spdlog::warn("{}: made with another network, data or settings; ignored, training starts anew",
                             checkpoint_);
                return;
            }
            torch::serialize::InputArchive model, optimiser;
            archive.read("model", model);
            archive.read("optimiser", optimiser);
            supernet_->load(model);
            optimiser_.load(optimiser);
            epoch_ = static_cast<int>(epoch.toInt());
            spdlog::info("{}: continues after epoch {} of {}", checkpoint_, epoch_, training_.epochs);
        } catch (const c10::Error& problem) {
            // Reading may have stopped half-way, with some weights replaced.
            throw InputError(checkpoint_ + ": unreadable checkpoint; delete it to train anew (" +
                             problem.what_without_backtrace() + ")");
        }
    }

    void save() {
        torch::serialize::OutputArchive archive;
        archive.write("fingerprint", c10::IValue(fingerprint_));
        archive.write("epoch", c10::IValue(static_cast<std::int64_t>(epoch_ + 1)));
        torch::serialize::OutputArchive model(archive.compilation_unit()), optimiser(archive.compilation_unit());
        supernet_->save(model);
        optimiser_.save(optimiser);
        archive.write("model", model);
        archive.write("optimiser", optimiser);
        // A reader, or a run killed half-way, sees either the old checkpoint or all of the new one.
        const std::string temporary = checkpoint_ + ".tmp";
        try {
            archive.save_to(temporary);
            std::filesystem::rename(temporary, checkpoint_);
        } catch (const std::exception& problem) {
            throw InputError(checkpoint_ + ": cannot be written: " + problem.what());
        }
    }

    Supernet supernet_;
    torch::optim::Adam optimiser_;
    const ImageSet& images_;
    const TrainingConfig& training_;
    const AttackConfig attack_;
    const HardwareConfig& hardware_;
    const std::uint64_t seed_;
    const TrainingCallbacks& callbacks_;
    const std::string fingerprint_;
    std::string checkpoint_;
    int batch_ = 1, steps_per_epoch_ = 1, epoch_ = 0;
    std::int64_t warmup_steps_ = 0;
    SubnetPath path_;
    WeightOffsets offsets_;
    double loss_sum_ = 0.0;
    std::int64_t right_ = 0;
    std::chrono::steady_clock::duration period_start_cost_{};
    Clock clock_;
};

void check_inputs(const NetworkSpec& spec, const ImageSet& images) {
    if (images.count() == 0)
        throw InputError("training needs one image or more");
    if (images.shape != spec.input)
        throw InputError("training images have shape " + images.shape.str() + ", but the input of network `" +
                         spec.name + "` is " + spec.input.str());
    const int classes = build_graph(spec.resolve(spec.smallest_path())).logit_count();
    const int top = *std::max_element(images.labels.begin(), images.labels.end());
    if (top >= classes)
        throw InputError("training images have labels up to " + std::to_string(top) + ", but network `" + spec.name +
                         "` has " + std::to_string(classes) + " logits");
}

}  // namespace

AttackConfig training_attack(const TrainingConfig& training, const AttackConfig& attack) {
    AttackConfig mine = attack;
    if (training.attack_steps == attack.steps)
        return mine;
    mine.steps = training.attack_steps;
    mine.step_size = std::min(2.5 / training.attack_steps, 1.25) * attack.epsilon;
    return mine;
}

std::string training_fingerprint(const NetworkSpec& spec, const ImageSet& images, const TrainingConfig& training,
                                 const AttackConfig& attack, const HardwareConfig& hardware, std::uint64_t seed) {
    std::ostringstream out;
    out.precision(17);
    out << "xloop supernet 1\nseed " << seed << "\ninput " << spec.input.str() << '\n';
    for (const LayerSpec& layer : spec.layers)
        write_layer(out, layer);
    out << "training " << training.epochs << ' ' << training.batch_size << ' ' << training.learning_rate << ' '
        << training.weight_decay << " period " << training.crossbar_refresh_steps << " crossbar "
        << training.crossbar_aware << '\n';
    if (training.adversarial) {
        const AttackConfig mine = training_attack(training, attack);
        out << "attack " << mine.epsilon << ' ' << mine.step_size << ' ' << mine.steps << ' ' << mine.random_start
            << " after " << training.warmup_epochs << '\n';
    }
    if (training.crossbar_aware)
        write_hardware(out, hardware);
    out << "images " << images.count() << ' ' << std::hex
        << Digest()
               .add(images.pixels.data(), images.pixels.size())
               .add(images.labels.data(), images.labels.size())
               .hex()
        << '\n';
    return out.str();
}

Supernet train_supernet(const NetworkSpec& spec, const ImageSet& images, const TrainingConfig& training,
                        const AttackConfig& attack, const HardwareConfig& hardware, std::uint64_t seed,
                        const std::string& checkpoint_dir, const TrainingCallbacks& callbacks) {
    check_inputs(spec, images);
    return Trainer(spec, images, training, attack, hardware, seed, checkpoint_dir, callbacks).run();
}

}  // namespace xloop
