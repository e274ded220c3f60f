#include "analysis/evaluation.hpp"
#include "analysis/study_images.hpp"
#include "apps/command.hpp"
#include "apps/plot/attack_plot.hpp"
#include "apps/search/trained_study.hpp"
#include "attacks/hardware_faults.hpp"
#include "attacks/judge_robustness.hpp"
#include "core/config/tree.hpp"
#include "core/error.hpp"
#include "core/files.hpp"
#include "core/interrupt.hpp"
#include "core/progress.hpp"
#include "core/words.hpp"
#include "core/workload/equalise.hpp"
#include "core/workload/input_pixels.hpp"
#include "dnn/trained_network.hpp"
#include "nas/run_folder.hpp"
#include "training/train_network.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>

namespace xloop {
namespace {

struct AttackOptions : ExperimentOptions {
    std::string model, hardware, data, directory, norm, step_size, target, out, per_image;
    std::vector<std::string> attacks, epsilons, threats, faults, mean, deviation;
    std::optional<int> images, steps, restarts, draws, chips, batch;
    bool no_random_start = false, fresh = false;
};

/// A number, or a fraction of two: "8/255".
double number_of(const std::string& option, const std::string& text) {
    const auto parts = split(text, '/');
    std::vector<double> values;
    for (const std::string_view part : parts) {
        const std::string digits(part);
        char* end = nullptr;
        values.push_back(std::strtod(digits.c_str(), &end));
        if (digits.empty() || *end != '\0')
            values.clear();
        if (values.empty())
            break;
    }
    if (values.size() != parts.size() || values.size() > 2 || (values.size() == 2 && values[1] == 0.0))
        throw InputError(
            fmt::format("{}: `{}` is no number; expected one as 0.0314, or a fraction as 8/255", option, text));
    return values.size() == 2 ? values[0] / values[1] : values[0];
}

std::string list_of(const std::string& option, const std::vector<std::string>& texts) {
    std::vector<std::string> numbers;
    for (const std::string& text : texts)
        numbers.push_back(fmt::format("{:.17g}", number_of(option, text)));
    return fmt::format("[{}]", fmt::join(numbers, ", "));
}

/// Attack names with the steps of --steps, where they have none of their own.
std::vector<std::string> with_steps(std::vector<std::string> attacks, std::optional<int> steps) {
    for (std::string& text : attacks) {
        NamedAttack attack = NamedAttack::parse(text);
        if (steps && attack.steps == 0 && traits_of(attack.kind).steps_title)
            attack.steps = *steps;
        text = attack.str();
    }
    return attacks;
}

/// The options as overrides of keys. Without an experiment what is not asked for is left out: engines follow from the threats.
std::vector<std::string> overrides_of(const AttackOptions& o) {
    std::vector<std::string> all;
    const auto set = [&](const std::string& key, const std::string& value) { all.push_back(key + "=" + value); };
    const auto set_text = [&](const char* key, const std::string& value) {
        if (!value.empty())
            set(key, value);
    };
    const bool alone = o.file.empty();
    if (alone) {
        set("name", "attack");
        set("cost_table", "none");
    }
    if (alone || !o.model.empty()) {
        set("weights.from", "trained");
        set_text("weights.trained", o.model);
    }
    set_text("data.set", o.data);
    set_text("data.directory", o.directory);
    if (!o.mean.empty())
        set("data.mean", list_of("--mean", o.mean));
    if (!o.deviation.empty())
        set("data.deviation", list_of("--std", o.deviation));
    if (o.images) {
        set("robustness.images", std::to_string(*o.images));
        set("data.test_images", std::to_string(*o.images));
    }
    set_text("attack.norm", o.norm);
    const std::vector<double> epsilons = [&] {
        std::vector<double> values;
        for (const std::string& text : o.epsilons)
            values.push_back(number_of("--epsilon", text));
        return values;
    }();
    if (!epsilons.empty()) {
        set("attack.epsilon", fmt::format("{:.17g}", epsilons.front()));
        set("robustness.epsilons", epsilons.size() > 1 ? list_of("--epsilon", o.epsilons) : "[]");
    }
    if (o.steps)
        set("attack.steps", std::to_string(*o.steps));
    if (!o.step_size.empty())
        set("attack.step_size", fmt::format("{:.17g}", number_of("--step-size", o.step_size)));
    else if (!epsilons.empty())
        set("attack.step_size", "0");
    if (o.restarts)
        set("attack.restarts", std::to_string(*o.restarts));
    if (o.draws)
        set("attack.draws", std::to_string(*o.draws));
    if (o.no_random_start)
        set("attack.random_start", "false");
    set_text("attack.target", o.target);
    if (!o.attacks.empty())
        set("robustness.attacks", fmt::format("[{}]", fmt::join(with_steps(o.attacks, o.steps), ", ")));
    const std::vector<std::string> threats =
        o.threats.empty() && alone ? std::vector<std::string>{name_of(Threat::ss)} : o.threats;
    if (!threats.empty())
        set("robustness.threats", fmt::format("[{}]", fmt::join(threats, ", ")));
    if (alone)
        set("evaluation.engines",
            threats == std::vector<std::string>{name_of(Threat::ss)} ? "[software]" : "[software, chip]");
    if (!o.faults.empty())
        set("robustness.faults", fmt::format("[{}]", fmt::join(o.faults, ", ")));
    if (o.chips)
        set("evaluation.chips", std::to_string(*o.chips));
    if (o.batch)
        set("robustness.batch", std::to_string(*o.batch));
    all.insert(all.end(), o.overrides.begin(), o.overrides.end());
    if (!o.seed.empty())
        set("seed", o.seed);
    return all;
}

LoadedExperiment load(const AttackOptions& o) {
    if (o.file.empty() && o.model.empty())
        throw InputError("attack: expected EXPERIMENT, or a network by --model; xloop attack --help has examples");
    if (!o.file.empty() && !o.hardware.empty())
        throw InputError("--hardware: the experiment has its own; override its keys by -s");
    const std::vector<std::string> overrides = overrides_of(o);
    if (!o.file.empty())
        return load_experiment(o.file, overrides);
    return load_experiment(o.hardware.empty() ? config::load_text("{}", "command line") : config::load_file(o.hardware),
                           overrides);
}

class FolderStore : public AttackStore {
public:
    explicit FolderStore(const RunFolder& folder) : folder_(folder) {}
    std::optional<std::string> find(const std::string& name) const override {
        const std::string path = folder_.file(name);
        return std::filesystem::exists(path) ? std::optional(read_checked(path, RunFolder::advice)) : std::nullopt;
    }
    void keep(const std::string& name, const std::string& bytes) override {
        make_folder(std::filesystem::path(folder_.file(name)).parent_path().string());
        write_checked(folder_.file(name), bytes);
    }
    void forget(const std::string& begin) override { std::filesystem::remove_all(folder_.file(begin)); }

private:
    const RunFolder& folder_;
};

class MemoryStore : public AttackStore {
public:
    std::optional<std::string> find(const std::string& name) const override {
        const auto found = kept_.find(name);
        return found == kept_.end() ? std::nullopt : std::optional(found->second);
    }
    void keep(const std::string& name, const std::string& bytes) override { kept_[name] = bytes; }
    void forget(const std::string& begin) override {
        auto at = kept_.lower_bound(begin);
        while (at != kept_.end() && at->first.rfind(begin, 0) == 0)
            at = kept_.erase(at);
    }

private:
    std::map<std::string, std::string> kept_;
};

/// A trained network, its images, and what is asked of them.
class AttackRun {
public:
    AttackRun(const AttackOptions& options, LoadedExperiment experiment);
    void run();

private:
    const ExperimentConfig& config() const { return experiment_.config; }
    void check_data() const;
    void choose_engines();
    void prepare_hardware();
    std::string digest() const;
    /// What a chip answers to the training images, learnt by a network of the same description.
    FloatNetwork surrogate(const EngineChoice& engine, const RunningNetwork& running, const Watch& watch);
    Json json(const RobustnessResult& result) const;
    std::string text(const RobustnessResult& result, double seconds) const;
    void write(const RobustnessResult& result, const Json& json) const;

    const AttackOptions& options_;
    LoadedExperiment experiment_;
    RobustnessTask task_;
    std::optional<FloatNetwork> given_surrogate_;
    std::unique_ptr<RunFolder> folder_;
};

AttackRun::AttackRun(const AttackOptions& options, LoadedExperiment experiment)
    : options_(options), experiment_(std::move(experiment)) {
    if (config().weights.from != WeightsSource::trained)
        throw KeyError("weights.from",
                       "a network with weights of its own is attacked: set trained, and weights.trained");
    task_.network = load_trained(config().weights.trained);
    task_.network.spec.input_order = MapOrder::chw;  // of images here, whatever files of samples have
    const WorkloadGraph shapes = build_graph(task_.network.spec);
    const RobustnessConfig& robustness = config().robustness;
    demand_images(experiment_.origins, "robustness.images", robustness.images, "data.test_images",
                  config().data.test_images);
    const int images = robustness.images > 0 ? robustness.images : config().data.test_images;
    task_.images = load_data(config().data, shapes.input, DataPart::test, images, config().seed);
    check_data();
    check_labels(task_.images.labels, shapes, config().weights.trained);
    task_.preprocessing = config().data.preprocessing;
    task_.attack = config().attack;
    task_.config = robustness;
    task_.seed = config().seed;
    task_.threads = options.threads;
    task_.hardware = config().hardware;
    choose_engines();
    if (std::any_of(task_.engines.begin(), task_.engines.end(),
                    [](const EngineChoice& e) { return e.kind != EngineKind::software; }))
        prepare_hardware();
    if (!robustness.surrogate.empty() && robustness.has(Threat::transfer)) {
        given_surrogate_ = load_trained(robustness.surrogate);
        if (build_graph(given_surrogate_->spec).input != shapes.input)
            throw KeyError(
                "robustness.surrogate",
                fmt::format("reads other images than the attacked network, which takes {}", shapes.input.str()));
    }
    task_.surrogate = [this](const EngineChoice& engine, const RunningNetwork& running, const Watch& watch) {
        return given_surrogate_ ? *given_surrogate_ : surrogate(engine, running, watch);
    };
    check_fit(task_);
    if (options.file.empty() && options.out.empty())
        return;
    folder_ = std::make_unique<RunFolder>(options.out.empty() ? "results/" + config().name + "_attack" : options.out,
                                          experiment_.yaml(false), digest(), options.fresh);
    set_last_words(folder_->last_words());
}

void AttackRun::check_data() const {
    if (!task_.images.samples.empty())
        throw KeyError("data.set", "attacks change pixels, and this set holds samples of float32");
    if (config().data.preprocessing.bits > 0)
        throw KeyError("data.input_bits", "attacks change pixels, which the key would round away");
}

void AttackRun::choose_engines() {
    task_.engines = engines_of(config().evaluation, config().hardware.chip_seed);
    const auto tested = [&](const EngineChoice& engine) {
        return std::any_of(task_.config.threats.begin(), task_.config.threats.end(),
                           [&](const std::string& name) { return tests(*value_named<Threat>(name), engine); });
    };
    const std::vector<EngineChoice> sound = task_.engines;
    for (const std::string& faults : task_.config.faults)
        for (EngineChoice engine : sound)
            if (engine.kind != EngineKind::software) {
                engine.faults = faults;
                task_.engines.push_back(std::move(engine));
            }
    task_.engines.erase(std::remove_if(task_.engines.begin(), task_.engines.end(),
                                       [&](const EngineChoice& engine) { return !tested(engine); }),
                        task_.engines.end());
}

void AttackRun::prepare_hardware() {
    const EvaluationConfig& evaluation = config().evaluation;
    demand_images(experiment_.origins, "evaluation.calibration_images", evaluation.calibration_images,
                  "data.train_images", config().data.train_images);
    const std::vector<LayerBits> bits = computed_widths(config().hardware, task_.network.spec);
    const int for_ranges = calibrates(HardwareKinds(config().hardware)) ? config().hardware.adc.calibration_images : 0;
    const bool learns = task_.config.has(Threat::transfer) && task_.config.surrogate.empty();
    const int count = learns ? config().data.train_images : std::max(evaluation.calibration_images, for_ranges);
    task_.training = load_data(config().data, task_.images.shape, DataPart::training, count, config().seed);
    const StudyImages train = study_images(task_.training, config().data.preprocessing);
    Progress progress("quantising");
    progress({});
    task_.quantised = config().quantise.equalise ? equalise(task_.network) : task_.network;
    task_.integer = TrainedNetwork(task_.network)
                        .quantise(config().quantise, {train.values.data(), evaluation.calibration_images}, bits,
                                  std::pair(train.low, train.high));
    task_.training_pixels = input_pixels(task_.integer, train.values.data(), train.count());
    task_.calibration_images = evaluation.calibration_images;
}

std::string AttackRun::digest() const {
    Digest digest;
    const auto add_network = [&](const FloatNetwork& network) {
        digest.add(network_yaml(network.spec));
        for (const auto& [name, tensor] : network.tensors)
            digest.add(name).add(tensor.values.data(), tensor.values.size() * sizeof(float));
    };
    add_network(task_.network);
    if (given_surrogate_)
        add_network(*given_surrogate_);
    for (const std::string& file :
         {config().hardware.device.level_table, config().hardware.device.fault_map, config().robustness.memory_table})
        digest.add(file.empty() ? std::string() : read_file(file));
    add_to_digest(digest, task_.images);
    add_to_digest(digest, task_.training);
    return digest.hex();
}

FloatNetwork AttackRun::surrogate(const EngineChoice& engine, const RunningNetwork& running, const Watch& watch) {
    ImageSet answered = task_.training;
    constexpr double share_of_asking = 0.5;
    const auto size = static_cast<std::size_t>(task_.integer.input.size());
    const int slice = 16 * options_.threads;
    for (int first = 0; first < answered.count(); first += slice) {
        watch({share_of_asking * first / answered.count()});
        const int some = std::min(slice, answered.count() - first);
        const auto logits = run_images(running.graph(), running.engine(),
                                       task_.training_pixels.data() + static_cast<std::size_t>(first) * size, 0, some,
                                       options_.threads);
        for (int i = 0; i < some; ++i) {
            const auto& row = logits[static_cast<std::size_t>(i)];
            answered.labels[static_cast<std::size_t>(first + i)] =
                static_cast<int>(std::max_element(row.begin(), row.end()) - row.begin());
        }
    }
    TrainingConfig training = config().training;
    training.adversary = AdversaryKind::none;
    training.loss = LossKind::cross_entropy;
    training.crossbar = CrossbarTraining::none;
    training.quantise = {};
    training.sparsity = {};
    training.epochs = task_.config.surrogate_epochs;
    training.start.clear();
    training.teacher.clear();
    TrainingTask task{task_.network.spec, answered, training, config().attack, config().hardware, config().seed};
    task.preprocessing = config().data.preprocessing;
    const TrainedResult trained =
        train_network(task, folder_ ? folder_->file("surrogates/" + engine.name()) : std::string(),
                      [&](const StepState& state) { watch({share_of_asking + (1.0 - share_of_asking) * state.done}); });
    return trained.network;
}

Json AttackRun::json(const RobustnessResult& result) const {
    return {{"network", task_.network.spec.name},
            {"images", task_.images.count()},
            {"cells", robustness_table(result.cells).json()},
            {"chips", robustness_of_chips(result.cells).json()},
            {"warnings", result.warnings},
            {"configuration", experiment_.flat()}};
}

std::string AttackRun::text(const RobustnessResult& result, double seconds) const {
    std::string text =
        fmt::format("{}, {}, {}\n\n{}", task_.network.spec.name, counted(task_.images.count(), "test image"),
                    duration_text(seconds), robustness_table(result.cells).text());
    if (const Table chips = robustness_of_chips(result.cells); std::any_of(
            chips.rows.begin(), chips.rows.end(), [](const auto& row) { return row[6].template get<int>() > 1; }))
        text += "\nfrom chip to chip\n" + chips.text();
    text += "\nThreat models:\n";
    for (const std::string& name : task_.config.threats)
        text += fmt::format("  {:<12} {}\n", name, traits_of(*value_named<Threat>(name)).purpose);
    if (!result.warnings.empty()) {
        text += "\nSigns that robust figures above are too good to be believed:\n";
        for (const std::string& warning : result.warnings)
            text += "  " + warning + "\n";
    }
    if (folder_)
        text += fmt::format("\nAll of it, with pictures and a row for each image, is in {}\n", folder_->path());
    return text;
}

void AttackRun::write(const RobustnessResult& result, const Json& json) const {
    const auto write = [&](const char* name, const std::string& text) {
        write_file_atomically(folder_->file(name), text);
    };
    write("cells.csv", robustness_table(result.cells).csv());
    write("images.csv", per_image_csv(result.cells));
    if (const Table chips = robustness_of_chips(result.cells); !chips.rows.empty())
        write("chips.csv", chips.csv());
    plot_robustness(result.cells, task_.network.spec.name, folder_->file("robustness.svg"));
    plot_samples(result.samples, folder_->file("images.png"));
    write("attack.json", json.dump(2) + "\n");
}

void AttackRun::run() {
    MemoryStore memory;
    std::unique_ptr<FolderStore> files = folder_ ? std::make_unique<FolderStore>(*folder_) : nullptr;
    const auto start = std::chrono::steady_clock::now();
    RobustnessResult result;
    {
        Progress progress("attacking");
        result = judge_robustness(task_, files ? static_cast<AttackStore&>(*files) : memory, std::ref(progress));
    }
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    if (const std::string remedy = TrainedNetwork::convolution_remedy(); !remedy.empty())
        spdlog::warn("{}", remedy);
    const Json as_json = json(result);
    if (folder_)
        write(result, as_json);
    if (!options_.per_image.empty())
        write_file_atomically(options_.per_image, per_image_csv(result.cells));
    if (options_.json) {
        for (const std::string& warning : result.warnings)
            spdlog::warn("{}", warning);
        fmt::print("{}\n", as_json.dump(2));
    } else {
        fmt::print("{}", text(result, seconds));
    }
}

void run_attack_command(const AttackOptions& options) { AttackRun(options, load(options)).run(); }

}  // namespace

void add_attack_command(CommandLine& line) {
    CommandLine command =
        line.command("attack", "how robust a trained network is, in software and on chips, under attacks of 14 kinds");
    std::string threats;
    for (const std::string& name : all_names<Threat>())
        threats += fmt::format("  {:<12} {}\n", name, traits_of(*value_named<Threat>(name)).purpose);
    command.footer(fmt::format(
        "Options stand for keys of the experiment: sections `attack`, `robustness`, `data` and `evaluation`\n"
        "(xloop config schema); with --model none is needed.\n\n"
        "Attacks, as NAME, NAME-STEPS or NAME-STEPSxRESTARTS (pgd-20x5):\n{}\nThreat models "
        "(docs/threat_models.md):\n{}\n"
        "Faults of hardware (robustness.faults):\n{}\n"
        "Examples:\n"
        "  xloop attack --model net.onnx --data cifar10 --data-dir DIR --images 500 --attack pgd --steps 20 \\\n"
        "      --epsilon 8/255 --step-size 2/255 --json --per-image flags.csv\n"
        "  xloop attack --model net.onnx --data cifar10 --data-dir DIR --attack fgsm,pgd-20,square --epsilon "
        "2/255,8/255 \\\n"
        "      --out results/net_attack\n"
        "  xloop attack --model net.onnx --data cifar10 --data-dir DIR --threat sh,hh --chips 5 \\\n"
        "      --hardware configs/hw/reram_64x64.yaml --attack pgd-7\n"
        "  xloop attack configs/experiments/robustness.yaml -s weights.trained=DIR -s data.directory=DIR --json",
        attack_list(), threats, fault_list()));
    AttackOptions& o = command.runs(run_attack_command);
    command.option("EXPERIMENT", &o.file, "experiment file (YAML) with weights.from: trained");
    command
        .option("--model", &o.model,
                "network in place of weights.trained: folder that xloop import wrote, or a model file")
        .type("PATH");
    command.option("--data", &o.data, "set of images, as data.set").type("SET");
    command.option("--data-dir", &o.directory, "folder of its files, as data.directory").type("DIR");
    command.option("--images", &o.images, "the first of the test images that are attacked").type("N");
    command.option("--mean", &o.mean, "subtracted from pixels / 255 before the network, as data.mean").commas();
    command.option("--std", &o.deviation, "divides them then, as data.deviation").commas();
    command.option("--attack", &o.attacks, "attacks, see below; default: pgd-20").commas();
    command.option("--threat", &o.threats, "threat models, see below; without EXPERIMENT the default is ss").commas();
    command.option("--norm", &o.norm, "linf or l2").type("NORM");
    command.option("--epsilon", &o.epsilons, "bounds, numbers or fractions as 8/255").commas();
    command
        .option("--step-size", &o.step_size,
                "of the first bound, in proportion for others; default: 2.5 epsilon / steps")
        .type("NUMBER");
    command.option("--steps", &o.steps, "of attacks that do not say so themselves; default: as published").type("N");
    command.option("--restarts", &o.restarts, "of PGD, APGD and FAB").type("N");
    command.option("--no-random-start", &o.no_random_start, "PGD starts at the image itself");
    command.option("--target", &o.target, "none, next, least_likely or random").type("WHICH");
    command.option("--eot", &o.draws, "answers that a gradient is the mean of, for noisy chips").type("N");
    command.option("--chips", &o.chips, "chips that are tested, as evaluation.chips").type("N");
    command.option("--faults", &o.faults, "faults that hardware is tested with beside none, see below").commas();
    command.option("--hardware", &o.hardware, "hardware file, without EXPERIMENT; default: the built-in one")
        .type("FILE");
    command.option("--batch", &o.batch, "images attacked together").type("N");
    add_override_options(command, o, true);
    command
        .option("--out", &o.out,
                "results folder, which a stopped run goes on from; default: results/NAME_attack, "
                "with --model alone none")
        .type("DIR");
    command.option("--fresh", &o.fresh, "remove earlier results in the folder instead of going on from them");
    command.output("--per-image", &o.per_image, "CSV with a row for each image of each attack").type("FILE");
}

}  // namespace xloop
