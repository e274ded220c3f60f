#include "training/trainer.hpp"

#include "core/error.hpp"
#include "core/files.hpp"
#include "core/random.hpp"
#include "dnn/data/network_input.hpp"
#include "dnn/one_thread.hpp"
#include "training/adversaries/adversary.hpp"
#include "training/checkpoint.hpp"
#include "training/device.hpp"
#include "training/fingerprint.hpp"
#include "training/judge.hpp"
#include "training/losses/loss.hpp"
#include "training/optimiser.hpp"
#include "training/schedule.hpp"
#include "training/techniques/technique.hpp"
#include "training/train_network.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <torch/torch.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <limits>
#include <optional>

namespace xloop {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point begin) { return std::chrono::duration<double>(Clock::now() - begin).count(); }

/// Counts and times one run's steps; adversarial steps cost several clean ones, so each kind has its own mean.
class StepClock {
public:
    void add(bool adversarial, double seconds) {
        ++count_[adversarial];
        seconds_[adversarial] += seconds;
    }

    /// `passes`: of an adversarial step, in those of a clean one.
    double left(std::int64_t clean_steps, std::int64_t adversarial_steps, double passes) const {
        const double clean = count_[0] ? seconds_[0] / static_cast<double>(count_[0]) : mean(true) / passes;
        const double attacked = count_[1] ? mean(true) : clean * passes;
        return clean * static_cast<double>(clean_steps) + attacked * static_cast<double>(adversarial_steps);
    }

private:
    double mean(bool kind) const { return count_[kind] ? seconds_[kind] / static_cast<double>(count_[kind]) : 0.0; }

    std::int64_t count_[2] = {0, 0};
    double seconds_[2] = {0.0, 0.0};
};

/// The time that a training has taken over all its runs, in a file of its own: the state has the same bytes however long it took.
class TimeTaken {
public:
    explicit TimeTaken(const std::string& dir) : file_(dir.empty() ? "" : dir + "/training_time.json") {}

    void load() {
        if (file_.empty() || !std::filesystem::exists(file_))
            return;
        const Json json = Json::parse(read_file(file_), nullptr, /*allow_exceptions=*/false);
        if (json.is_object() && json.contains("seconds") && json["seconds"].is_number())
            before_ = json["seconds"].get<double>();
    }
    void save() const {
        if (!file_.empty())
            write_file_atomically(file_, Json{{"seconds", seconds()}}.dump() + "\n");
    }
    double seconds() const { return before_ + seconds_since(begin_); }

private:
    std::string file_;
    double before_ = 0.0;
    Clock::time_point begin_ = Clock::now();
};

LogitsFunction teacher_of(const TrainingTask& task) {
    FloatNetwork network = load_float_network(task.training.teacher);
    const std::string name = float_network_file(task.training.teacher);
    if (network.spec.input != task.spec.input)
        throw KeyError("training.teacher", fmt::format("{}: reads {}, the network that is trained {}", name,
                                                       network.spec.input.str(), task.spec.input.str()));
    const int classes = build_graph(task.spec.resolve(task.spec.largest_path())).logit_count();
    if (const int own = build_graph(network.spec).logit_count(); own != classes)
        throw KeyError("training.teacher",
                       fmt::format("{}: has {} logits, the network that is trained {}", name, own, classes));
    Supernet module = load_module(network);
    place(module, task.training);
    return [module](const torch::Tensor& x) mutable { return module->forward(x); };
}

std::unique_ptr<Loss> loss_of(const TrainingTask& task) {
    std::unique_ptr<Loss> loss = make_loss(task.training);
    if (task.training.teacher.empty())
        return loss;
    return make_distillation(std::move(loss), teacher_of(task), task.training.teacher_weight,
                             task.training.temperature);
}

std::vector<std::unique_ptr<Technique>> techniques_of(Supernet& supernet, const TrainingTask& task) {
    std::vector<std::unique_ptr<Technique>> all;
    for (const TechniqueKind& kind : technique_kinds())
        if (kind.asked(task))
            all.push_back(kind.make(supernet, task));
    return all;
}

/// With random weights, or those of training.start. Throws InputError where they are not those of the network.
Supernet started(const TrainingTask& task) {
    Supernet supernet(task.spec, task.seed);
    if (task.training.start.empty())
        return supernet;
    if (task.spec.searchable())
        throw KeyError("training.start", "only one network can go on from trained weights, not a space of networks");
    FloatNetwork network = load_float_network(task.training.start);
    network.spec = task.spec;
    check_tensors(network, task.training.start);
    supernet->set_tensors(network.tensors);
    return supernet;
}

/// Those of training.part. The others keep their values.
std::vector<torch::Tensor> trained_parameters(Supernet& supernet, const TrainingTask& task) {
    std::vector<torch::Tensor> trained;
    int first = 0;  // layer
    if (task.training.part == TrainedPart::last_layers) {
        const WorkloadGraph& graph = supernet->graph(task.spec.largest_path());
        first = static_cast<int>(graph.layers.size());
        for (int left = task.training.last_layers; left > 0 && first > 0;)
            left -= graph.layers[static_cast<std::size_t>(--first)].traits().has_weights() ? 1 : 0;
    }
    for (auto& parameter : supernet->named_parameters()) {
        const std::string& name = parameter.key();  // layerNUMBER_PART
        const bool of_batch_norm = name.find("_gamma") != name.npos || name.find("_beta") != name.npos;
        const bool is_trained =
            task.training.part == TrainedPart::batch_norm ? of_batch_norm : std::stoi(name.substr(5)) >= first;
        parameter.value().requires_grad_(is_trained);
        if (is_trained)
            trained.push_back(parameter.value());
    }
    if (trained.empty())
        throw KeyError("training.part", fmt::format("network `{}` has no batch normalisation", task.spec.name));
    return trained;
}

std::vector<torch::Tensor> parameters_of(const std::vector<std::unique_ptr<Technique>>& techniques) {
    std::vector<torch::Tensor> all;
    for (const auto& technique : techniques)
        for (const torch::Tensor& p : technique->parameters())
            all.push_back(p);
    return all;
}

class TrainingRun {
public:
    TrainingRun(const TrainingTask& task, const PathOfPeriod& path_of_period, const std::string& dir,
                const Watch& watch)
        : task_(task), path_of_period_(path_of_period), dir_(dir), watch_(watch),
          schedule_(task.training, task.images.count(), task.seed), supernet_(started(task)),
          device_(place(supernet_, task.training)), loss_(loss_of(task)), taught_loss_(taught_by_largest()),
          adversary_(make_adversary(task.training, training_attack(task.training, task.attack))),
          techniques_(techniques_of(supernet_, task)),
          optimiser_(task.training, trained_parameters(supernet_, task), parameters_of(techniques_)),
          average_(task.training.average, optimiser_.parameters()), checkpoint_(dir, training_fingerprint(task)),
          time_(dir) {
        for (const auto& technique : techniques_) {
            all_hooks_.add(*technique);
            if (technique->part() == Technique::Part::network)
                network_hooks_.add(*technique);
        }
        const int attacked = adversary_ ? task.training.validation_attack_images : 0;
        constexpr int watched = 256;  // as many as are needed to see robustness vanish
        if (task.validation)
            judge_.emplace(task, *task.validation, task.validation->count(), attacked);
        else if (adversary_ && adversary_->single_step())
            judge_.emplace(task, task.images, watched, watched);
        if (const std::optional<TrainingState> state = checkpoint_.load()) {
            load(*state);
            if (record_.end.empty())
                spdlog::info("{}: continues after epoch {} of {}", checkpoint_.file(), epochs_done(),
                             task.training.epochs);
        }
    }

    bool finished() const { return !record_.end.empty(); }
    const std::string& checkpoint_file() const { return checkpoint_.file(); }
    int epochs_done() const { return static_cast<int>(step_ / schedule_.steps_per_epoch()); }
    const TrainingRecord& record() const { return record_; }
    Supernet& supernet() { return supernet_; }

    void run() {
        supernet_->train();
        if (finished())
            return;
        saved_ = Clock::now();
        while (step_ < schedule_.steps() && record_.end.empty()) {
            tell();
            if (in_epoch() == 0)
                start_epoch();
            one_step();
            if (in_epoch() == 0)
                end_epoch();
            if (seconds_since(saved_) >= 60.0 * task_.training.checkpoint_minutes)
                save();
        }
        if (record_.end.empty())
            record_.end = "epochs";
        record_.seconds = time_.seconds();
        save();
        if (done_.steps > 0)
            tell();
    }

    /// What is handed over: the best epoch's network, else the one that there is.
    FloatNetwork network() { return best_ ? FloatNetwork{task_.spec, *best_} : handed_over(); }

private:
    /// What an epoch has done so far.
    struct EpochSums {
        int epoch = 0, steps = 0;
        bool adversarial = false;  ///< the last step
        double loss = 0.0;
        std::int64_t right = 0, images = 0;
    };

    /// What other subnets than the largest minimise where that one teaches; else null. The teacher computes with its own weights:
    /// arrays are mapped for the subnet that learns.
    std::unique_ptr<Loss> taught_by_largest() {
        if (!task_.training.largest_teaches)
            return nullptr;
        return make_distillation(
            make_loss(task_.training),
            [this, largest = task_.spec.largest_path()](const torch::Tensor& x) {
                return supernet_->forward(x, largest);
            },
            task_.training.teacher_weight, task_.training.temperature);
    }

    int in_epoch() const { return static_cast<int>(step_ % schedule_.steps_per_epoch()); }

    TrainingMoment now() const {
        const int epoch = epochs_done();
        return {step_,
                epoch,
                static_cast<double>(step_) / schedule_.steps_per_epoch(),
                task_.training.epochs,
                schedule_.period(step_),
                path_};
    }

    void start_epoch() {
        done_ = {};
        done_.epoch = epochs_done();
    }

    const std::vector<int>& order() {
        if (const int epoch = epochs_done(); order_epoch_ != epoch) {
            order_ = schedule_.order(epoch);
            order_epoch_ = epoch;
        }
        return order_;
    }

    void start_period() {
        path_ = path_of_period_(schedule_.period(step_), supernet_);
        const TrainingMoment moment = now();
        for (const auto& technique : techniques_)
            technique->start_period(moment);
    }

    void one_step() {
        const auto begin = Clock::now();
        if (schedule_.starts_period(step_)) {
            start_period();
            // Shared among the period's steps, for the estimate of the time left.
            period_cost_ = seconds_since(begin) / task_.training.crossbar_refresh_steps;
        } else if (path_.empty()) {
            path_ = path_of_period_(schedule_.period(step_), supernet_);  // of a run that continues within a period
        }
        const auto of_step = Clock::now();
        const TrainingMoment moment = now();
        for (const auto& technique : techniques_)
            technique->start_step(moment);
        done_.adversarial = adversary_ && step_ >= schedule_.clean_steps();
        StepImages images = batch();
        const int replays = done_.adversarial ? adversary_->replays() : 1;
        for (int replay = 0; replay < replays; ++replay)
            update(images);
        for (const auto& technique : techniques_)
            technique->end_step(moment);
        average_.add(step_);
        ++step_;
        ++done_.steps;
        clock_.add(done_.adversarial, seconds_since(of_step) + period_cost_);
    }

    StepImages batch() {
        const int size = schedule_.batch();
        const int* indices = order().data() + std::ptrdiff_t{in_epoch()} * size;
        StepImages images;
        images.clean =
            torch::empty({size, task_.images.shape.channels, task_.images.shape.height, task_.images.shape.width});
        training_input(task_.images, indices, size, task_.preprocessing, task_.augmentation, task_.seed,
                       static_cast<std::uint64_t>(epochs_done()), images.clean.data_ptr<float>());
        images.labels = torch::empty({size}, torch::kInt64);
        for (int i = 0; i < size; ++i)
            images.labels.data_ptr<std::int64_t>()[i] = task_.images.labels[static_cast<std::size_t>(indices[i])];
        images.clean = images.clean.to(device_);
        images.labels = images.labels.to(device_);
        if (task_.training.mixup > 0.0)
            mix(images);
        return images;
    }

    /// Each image with its neighbour in the batch, whose order is random (Zhang et al., arXiv 1710.09412).
    void mix(StepImages& images) const {
        auto generator = torch::make_generator<at::CPUGeneratorImpl>(
            KeyedRandom(task_.seed, RandomUse::mixup).bits(static_cast<std::uint64_t>(step_)));
        images.own_share =
            at::_sample_dirichlet(torch::full({2}, task_.training.mixup, torch::kFloat64), generator)[0].item<double>();
        images.other_labels = images.labels.roll(1);
        images.clean = images.clean * images.own_share + images.clean.roll(1, 0) * (1.0 - images.own_share);
    }

    /// One step of the optimiser.
    void update(StepImages& images) {
        const LogitsFunction logits = [this](const torch::Tensor& x) {
            return supernet_->forward(x, path_, &all_hooks_);
        };
        if (done_.adversarial) {
            images.attacked =
                adversary_->attack({logits, *loss_, images.clean, images.labels, task_.seed,
                                    static_cast<std::uint64_t>(step_) * static_cast<std::uint64_t>(schedule_.batch())});
            if (adversary_->learns())
                images.attacked.requires_grad_(true);
        }
        optimiser_.zero_grad();
        const bool taught = taught_loss_ && path_ != task_.spec.largest_path();
        const StepLoss result = (taught ? *taught_loss_ : *loss_)(logits, images);
        torch::Tensor loss = result.loss;
        for (const auto& technique : techniques_)
            if (const torch::Tensor penalty = technique->penalty(); penalty.defined())
                loss = loss + penalty;
        loss.backward();
        if (done_.adversarial && adversary_->learns())
            adversary_->learn(images.attacked.grad());
        optimiser_.step(schedule_.learning_rate(step_));
        const double value = loss.item<double>();
        if (!std::isfinite(value))
            throw Error("the loss is no longer finite in step " + std::to_string(step_ + 1) +
                        "; a smaller training.learning_rate may help");
        done_.loss += value;
        done_.right += result.logits.detach().argmax(1).eq(images.labels).sum().item<std::int64_t>();
        done_.images += schedule_.batch();
    }

    void end_epoch() {
        TrainingMoment moment = now();
        moment.epoch = done_.epoch;
        for (const auto& technique : techniques_)
            technique->end_epoch(moment);
        Json line = {{"epoch", done_.epoch + 1},
                     {"steps", step_},
                     {"learning_rate", schedule_.learning_rate(step_ - 1)},
                     {"loss", done_.loss / (static_cast<double>(done_.images) / schedule_.batch())},
                     {"accuracy", train_accuracy()},
                     {"adversary", done_.adversarial ? adversary_->title() : "none"}};
        for (const auto& technique : techniques_)
            line.update(technique->figures());
        if (judge_ && (task_.validation || done_.adversarial))
            judge(line);
        record_.epochs.push_back(std::move(line));
        write_metrics();
        const int patience = task_.training.early_stop_epochs;
        if (patience > 0 && record_.best_epoch > 0 && done_.epoch + 1 - record_.best_epoch >= patience)
            record_.end = "early stop";
        if (task_.training.budget_minutes > 0.0 && time_.seconds() >= 60.0 * task_.training.budget_minutes &&
            step_ < schedule_.steps())
            record_.end = "budget";
    }

    double train_accuracy() const { return static_cast<double>(done_.right) / static_cast<double>(done_.images); }

    void judge(Json& line) {
        average_.swap();
        const bool concrete = !task_.spec.searchable();
        HookChain& hooks = concrete ? all_hooks_ : network_hooks_;
        Supernet judged = with_statistics(hooks);
        const Judgement found = (*judge_)(judged, hooks);
        const char* where = task_.validation ? "validation" : "watched";
        line[where] = {{"images", judge_->images()}, {"clean", found.clean}};
        if (found.attacked >= 0.0) {
            line[where]["attacked_images"] = judge_->attacked_images();
            line[where]["attacked"] = found.attacked;
            look_for_collapse(found.attacked, line);
        }
        const double score = found.attacked >= 0.0 ? found.attacked : found.clean;
        if (task_.validation && concrete && score > best_score_) {
            best_score_ = score;
            record_.best_epoch = done_.epoch + 1;
            best_ = handed_over_now().tensors;
        }
        average_.swap();
    }

    /// Robustness that falls to less than half of its best, while the adversary of training is still withstood: catastrophic
    /// overfitting (Wong et al., arXiv 2001.03994, section 5.4). The bounds are ours.
    void look_for_collapse(double attacked, Json& line) {
        if (!done_.adversarial || !adversary_->single_step())
            return;
        most_robust_ = std::max(most_robust_, attacked);
        const bool now = attacked < 0.5 * most_robust_ && train_accuracy() > attacked + 0.2;
        if (now && !record_.collapsed)
            spdlog::warn(
                "epoch {}: the network has learnt to fool its adversary ({}): {:.1f} % right under it, {:.1f} % under "
                "the "
                "attack it is judged by, after {:.1f} %; more attack steps or a smaller step size help",
                done_.epoch + 1, adversary_->title(), 100.0 * train_accuracy(), 100.0 * attacked, 100.0 * most_robust_);
        record_.collapsed = record_.collapsed || now;
        line["collapsed"] = now;
    }

    /// The largest subnet by itself, with statistics of batch normalisation measured through `hooks`.
    Supernet with_statistics(HookChain& hooks) {
        if (!statistics_.defined())
            statistics_ = input_tensor(task_.images, task_.training.statistics_images, task_.preprocessing).to(device_);
        Supernet concrete = extract(supernet_, task_.spec.largest_path());
        recalibrate_batch_norm(concrete, statistics_, &hooks);
        return concrete;
    }

    FloatNetwork handed_over_now() {
        const bool of_chip = task_.training.statistics == StatisticsOf::chip;
        FloatNetwork network{task_.spec, with_statistics(of_chip ? all_hooks_ : network_hooks_)->tensors()};
        for (const auto& technique : techniques_)
            technique->hand_over(network);
        return network;
    }
    FloatNetwork handed_over() {
        average_.swap();
        FloatNetwork network = handed_over_now();
        average_.swap();
        return network;
    }

    void write_metrics() const {
        if (dir_.empty())
            return;
        std::string text;
        for (const Json& line : record_.epochs)
            text += line.dump() + "\n";
        write_file_atomically(dir_ + "/metrics.jsonl", text);
    }

    void save() {
        saved_ = Clock::now();
        if (checkpoint_.file().empty())
            return;
        TrainingState state;
        for (const auto& parameter : supernet_->named_parameters())
            state.tensors["weights." + parameter.key()] = parameter.value();
        optimiser_.save(state);
        average_.save(state);
        if (adversary_)
            adversary_->save(state);
        for (const auto& technique : techniques_)
            technique->save(state);
        if (best_)
            for (const auto& [name, tensor] : *best_)
                state.tensors["best." + name] = torch::tensor(tensor.values).view(tensor.shape);
        state.figures["run"] = {
            {"step", step_},
            {"end", record_.end},
            {"epochs", record_.epochs},
            {"best_epoch", record_.best_epoch},
            {"best_score", best_score_},
            {"most_robust", most_robust_},
            {"collapsed", record_.collapsed},
            {"sums", {done_.epoch, done_.steps, done_.adversarial, done_.loss, done_.right, done_.images}}};
        checkpoint_.save(state);
        time_.save();
    }

    void load(const TrainingState& state) {
        const torch::NoGradGuard no_grad;
        for (auto& parameter : supernet_->named_parameters())
            parameter.value().copy_(state.tensors.at("weights." + parameter.key()));
        optimiser_.load(state);
        average_.load(state);
        if (adversary_)
            adversary_->load(state);
        for (const auto& technique : techniques_)
            technique->load(state);
        for (const auto& [name, tensor] : state.tensors)
            if (name.rfind("best.", 0) == 0) {
                if (!best_)
                    best_.emplace();
                const float* values = tensor.data_ptr<float>();
                (*best_)[name.substr(5)] = {tensor.sizes().vec(), {values, values + tensor.numel()}};
            }
        const Json& run = state.figures.at("run");
        step_ = run.at("step").get<std::int64_t>();
        record_.end = run.at("end").get<std::string>();
        record_.epochs = run.at("epochs").get<std::vector<Json>>();
        record_.best_epoch = run.at("best_epoch").get<int>();
        best_score_ = run.at("best_score").get<double>();
        most_robust_ = run.at("most_robust").get<double>();
        record_.collapsed = run.at("collapsed").get<bool>();
        const Json& sums = run.at("sums");
        done_ = {sums[0].get<int>(),    sums[1].get<int>(),          sums[2].get<bool>(),
                 sums[3].get<double>(), sums[4].get<std::int64_t>(), sums[5].get<std::int64_t>()};
        time_.load();
        record_.seconds = time_.seconds();
        // A larger budget is a reason to go on.
        if (record_.end == "budget" &&
            (task_.training.budget_minutes == 0.0 || record_.seconds < 60.0 * task_.training.budget_minutes))
            record_.end.clear();
        if (!finished())
            write_metrics();
    }

    void tell() {
        if (!watch_)
            return;
        const std::int64_t clean_left = std::max<std::int64_t>(0, schedule_.clean_steps() - step_);
        StepState state{
            static_cast<double>(step_) / static_cast<double>(schedule_.steps()),
            clock_.left(clean_left, schedule_.steps() - step_ - clean_left, adversary_ ? adversary_->passes() : 1.0)};
        if (done_.steps > 0)
            state.detail = fmt::format("epoch {}{}, loss {:.3f}, accuracy {:.1f} %", done_.epoch + 1,
                                       done_.adversarial ? fmt::format(" ({})", adversary_->title()) : "",
                                       done_.loss / (static_cast<double>(done_.images) / schedule_.batch()),
                                       100.0 * train_accuracy());
        try {
            watch_(state);
        } catch (const Interrupted&) {
            save();
            throw Interrupted(fmt::format(
                "training stopped in epoch {} of {}{}", std::min(epochs_done() + 1, task_.training.epochs),
                task_.training.epochs,
                checkpoint_.file().empty() ? "" : "; the same command continues from " + checkpoint_.file()));
        }
    }

    const TrainingTask& task_;
    const PathOfPeriod& path_of_period_;
    const std::string dir_;
    const Watch& watch_;
    const TrainingSchedule schedule_;
    Supernet supernet_;
    const torch::Device device_;
    const std::unique_ptr<Loss> loss_, taught_loss_;
    const std::unique_ptr<Adversary> adversary_;
    const std::vector<std::unique_ptr<Technique>> techniques_;
    HookChain all_hooks_, network_hooks_;
    Optimiser optimiser_;
    WeightAverage average_;
    std::optional<Judge> judge_;
    torch::Tensor statistics_;

    const Checkpoint checkpoint_;
    TimeTaken time_;
    Clock::time_point saved_;

    std::int64_t step_ = 0;  ///< steps done
    SubnetPath path_;
    std::vector<int> order_;
    int order_epoch_ = -1;
    EpochSums done_;
    TrainingRecord record_;
    double best_score_ = -1.0, most_robust_ = 0.0;
    std::optional<TensorMap> best_;
    double period_cost_ = 0.0;
    StepClock clock_;
};

}  // namespace

Supernet train_supernet(const TrainingTask& task, const PathOfPeriod& path_of_period, const std::string& checkpoint_dir,
                        const Watch& watch) {
    check_fit(task);
    TrainingRun run(task, path_of_period, checkpoint_dir, watch);
    run.run();
    return run.supernet();
}

Supernet load_supernet(const TrainingTask& task, const std::string& dir) {
    if (!std::filesystem::exists(dir + "/" + Checkpoint::file_name))
        throw InputError(fmt::format("{}: holds no trained supernet ({}); expected the results folder of a run", dir,
                                     Checkpoint::file_name));
    check_fit(task);
    const PathOfPeriod none;
    const Watch nobody;
    TrainingRun run(task, none, dir, nobody);
    if (!run.finished())
        throw InputError(
            run.checkpoint_file() +
            (run.epochs_done() > 0
                 ? fmt::format(": holds epoch {} of {}; train it to the end first", run.epochs_done(),
                               task.training.epochs)
                 : std::string(": was trained otherwise (network, data, section training, or hardware that "
                               "crossbar-aware training sees); leave --trained out to train for this experiment")));
    return run.supernet();
}

TrainedResult train_network(const TrainingTask& task, const std::string& checkpoint_dir, const Watch& watch) {
    if (task.spec.searchable())
        throw Error("`" + task.spec.name + "` is a space of networks; train_supernet() trains those");
    check_fit(task);
    const PathOfPeriod only = [&](std::uint64_t, Supernet&) { return task.spec.largest_path(); };
    TrainingRun run(task, only, checkpoint_dir, watch);
    run.run();
    return {run.network(), run.record()};
}

}  // namespace xloop
