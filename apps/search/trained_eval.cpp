#include "apps/search/trained_eval.hpp"

#include "analysis/evaluation.hpp"
#include "analysis/study.hpp"
#include "apps/plot/evaluation_plot.hpp"
#include "apps/search/trained_study.hpp"
#include "attacks/attacked_images.hpp"
#include "core/error.hpp"
#include "core/files.hpp"
#include "core/interrupt.hpp"
#include "core/words.hpp"
#include "core/workload/input_pixels.hpp"
#include "dnn/trained_network.hpp"
#include "nas/run_folder.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <functional>

namespace xloop {
namespace {

/// The folder of an evaluation: engines/NAME.json for what each engine made of the images, workloads/NAME for the integer network and
/// for what chips run instead.
class EvaluationFolder : public RunFolder, public EngineResultStore {
public:
    using RunFolder::RunFolder;

    std::optional<EngineResult> find(const std::string& name) const override {
        const std::string path = file("engines/" + name + ".json");
        if (!std::filesystem::exists(path))
            return std::nullopt;
        const std::string text = read_checked(path, advice);
        try {
            return EngineResult::from_json(Json::parse(text));
        } catch (const std::exception& e) {
            throw InputError(fmt::format("{}: is damaged ({}); {}", path, e.what(), advice));
        }
    }
    /// The workload first, so that the result says that both are there.
    void keep(const EngineResult& result, const WorkloadGraph* workload) override {
        if (workload)
            save_workload(*workload, file("workloads/" + result.name()));
        make_folder(file("engines"));
        write_checked(file("engines/" + result.name() + ".json"), result.json().dump() + "\n");
    }
};

void check_counts(const ExperimentConfig& c, const config::Origins& origins) {
    demand_images(origins, "evaluation.test_images", c.evaluation.test_images, "data.test_images", c.data.test_images);
    demand_images(origins, "evaluation.calibration_images", c.evaluation.calibration_images, "data.train_images",
                  c.data.train_images);
    demand_images(origins, "evaluation.attacked_images", c.evaluation.attacked_images, "data.test_images",
                  c.data.test_images);
    demand_images(origins, "evaluation.snr_images", c.evaluation.snr_images, "data.test_images", c.data.test_images);
}

/// In slices, so that a stop is heard.
std::vector<std::vector<float>> software_logits(const TrainedNetwork& network, const StudyImages& images,
                                                const Watch& watch) {
    constexpr int slice = 64;
    const std::size_t size = images.values.size() / images.labels.size();
    std::vector<std::vector<float>> rows;
    for (int first = 0; first < images.count(); first += slice) {
        watch({static_cast<double>(first) / images.count()});
        const std::vector<float> logits = network.logits(
            {images.values.data() + static_cast<std::size_t>(first) * size, std::min(slice, images.count() - first)});
        for (auto row = logits.begin(); row != logits.end(); row += network.logit_count())
            rows.emplace_back(row, row + network.logit_count());
    }
    return rows;
}

/// The first evaluation.attacked_images of the test images, attacked.
StudyImages attack_images(const FloatNetwork& network, ImageSet test, const ExperimentConfig& config,
                          const config::Origins& origins) {
    if (!test.samples.empty())
        config::fail_check(origins, "evaluation.attack",
                           "none: epsilon is one of pixels, and the set holds samples of float32");
    if (const int count = config.evaluation.attacked_images; count > 0 && count < test.count()) {
        test.labels.resize(static_cast<std::size_t>(count));
        test.pixels.resize(static_cast<std::size_t>(count) * static_cast<std::size_t>(test.shape.size()));
    }
    Progress progress("attacking");
    return study_images(
        attacked_images(network, test, config.data.preprocessing, config.attack, config.seed, std::ref(progress)),
        config.data.preprocessing);
}

/// What is shown of layers: of the first chip, recalibrated where it is.
const EngineResult* shown_chip(const std::vector<EngineResult>& results) {
    const EngineResult* shown = nullptr;
    for (const EngineResult& result : results)
        if (!result.layers.empty() && (!shown || (result.chip_seed == shown->chip_seed && result.recalibrated)))
            shown = &result;
    return shown;
}

std::string summary(const std::vector<EngineResult>& results, const std::string& network, int images) {
    const AccuracyTable accuracy = accuracies(results);
    std::string text = fmt::format("{}, {}\n\n{}", network, counted(images, "test image"), accuracy.table().text());
    if (const Table chips = accuracy.chips(); !chips.rows.empty() && chips.rows.front().front().get<int>() > 1)
        text += "\nfrom chip to chip (top 1)\n" + chips.text();
    if (const EngineResult* chip = shown_chip(results))
        text += fmt::format("\nsums of each layer, chip {}{}, against exact ones\n{}", chip->chip_seed,
                            chip->recalibrated ? ", recalibrated" : "", layer_table({*chip}).text());
    return text;
}

Json evaluation_json(const std::vector<EngineResult>& results, const std::string& network, int images,
                     const ConfusionMatrix& confusion, const Json& configuration) {
    const AccuracyTable accuracy = accuracies(results);
    Json json = {{"network", network},
                 {"images", images},
                 {"accuracy", accuracy.table().json()},
                 {"chips", accuracy.chips().json()},
                 {"layers", layer_table(results).json()}};
    // Of more classes nobody looks at the matrix, which would be most of the file; confusion.csv has it.
    constexpr std::size_t most_classes = 100;
    if (confusion.chips > 0 && confusion.counts.size() <= most_classes)
        json["confusion"] = {
            {"chips", confusion.chips}, {"recalibrated", confusion.recalibrated}, {"counts", confusion.counts}};
    json["configuration"] = configuration;
    return json;
}

void write_results(const RunFolder& folder, const std::vector<EngineResult>& results, const EvaluationTask& task,
                   const ConfusionMatrix& confusion, const Json& json) {
    const auto write = [&](const char* name, const std::string& text) {
        write_file_atomically(folder.file(name), text);
    };
    const AccuracyTable accuracy = accuracies(results);
    write("accuracy.csv", accuracy.table().csv());
    write("predictions.csv", predictions_csv(results, task.labels));
    const std::string& network = task.integer.name;
    if (task.config.runs("chip")) {
        write("chips.csv", accuracy.chips().csv());
        write("layers.csv", layer_table(results).csv());
        write("confusion.csv", confusion.csv());
        plot_confusion(confusion, network, folder.file("confusion.svg"));
    }
    if (const EngineResult* chip = shown_chip(results))
        plot_layer_errors(*chip, network, folder.file("layers.svg"));
    write("evaluation.json", json.dump(2) + "\n");
}

}  // namespace

void evaluate_trained(const PipelineOptions& options, LoadedExperiment experiment) {
    const ExperimentConfig& config = experiment.config;
    if (!options.trained.empty())
        throw InputError(
            "--trained: takes the supernet of a results folder; with weights.from: trained weights come "
            "from weights.trained");
    check_counts(config, experiment.origins);
    check_same_network(config);
    FloatNetwork network = load_float_network(config.weights.trained);
    const WorkloadGraph shapes = build_graph(network.spec);
    EvaluationTask task;
    task.config = config.evaluation;
    task.hardware = config.hardware;
    task.threads = options.threads;
    const std::vector<LayerBits> bits = computed_widths(config.hardware, network.spec);
    const int test_images = task.config.test_images > 0 ? task.config.test_images : config.data.test_images;
    const int for_ranges = calibrates(HardwareKinds(config.hardware)) ? config.hardware.adc.calibration_images : 0;
    const StudyImages train =
        load_study_images(config, shapes.input, true, std::max(task.config.calibration_images, for_ranges));
    const ImageSet test_set = load_data(config.data, shapes.input, DataPart::test, test_images, config.seed);
    const StudyImages test = study_images(test_set, config.data.preprocessing);
    check_labels(test.labels, shapes, float_network_file(config.weights.trained));
    EvaluationFolder folder(options.out.empty() ? "results/" + config.name : options.out, experiment.yaml(false),
                            inputs_digest(config, network, {&train, &test}), options.fresh);
    set_last_words(folder.last_words());

    StudyImages attacked;
    if (task.config.attack == EvaluationAttack::pgd) {
        attacked = attack_images(network, test_set, config, experiment.origins);
        task.attack = name_of(task.config.attack);
        task.epsilon = config.attack.epsilon;
    }
    network.spec.input_order = MapOrder::chw;  // of study images, whatever files of samples have
    const TrainedNetwork trained(std::move(network));
    {
        Progress progress("quantising");
        progress({});
        task.integer = trained.quantise(config.quantise, {train.values.data(), task.config.calibration_images}, bits,
                                        std::pair(train.low, train.high));
    }
    save_workload(task.integer, folder.file("workloads/integer"));
    if (const std::string remedy = TrainedNetwork::convolution_remedy(); !remedy.empty())
        spdlog::warn("{}", remedy);
    task.test_pixels = input_pixels(task.integer, test.values.data(), test.count());
    task.train_pixels = input_pixels(task.integer, train.values.data(), train.count());
    task.attacked_pixels = input_pixels(task.integer, attacked.values.data(), attacked.count());
    task.labels = test.labels;
    task.software = [&](bool on_attacked, const Watch& watch) {
        return software_logits(trained, on_attacked ? attacked : test, watch);
    };
    Progress progress("evaluating");
    const std::vector<EngineResult> results = evaluate(task, folder, std::ref(progress));
    const ConfusionMatrix confusion = confusion_matrix(results, task.labels, task.integer.logit_count());
    const Json json = evaluation_json(results, task.integer.name, test.count(), confusion, experiment.flat());
    write_results(folder, results, task, confusion, json);
    fmt::print("{}", options.json
                         ? json.dump(2) + "\n"
                         : summary(results, task.integer.name, test.count()) +
                               fmt::format("\nAll of it, with files for each image, is in {}\n", folder.path()));
}

}  // namespace xloop
