#include "analysis/sensitivity.hpp"
#include "analysis/study.hpp"
#include "apps/plot/sensitivity_plot.hpp"
#include "apps/search/pipeline.hpp"
#include "apps/search/trained_study.hpp"
#include "attacks/noise_sensitivity.hpp"
#include "core/error.hpp"
#include "core/files.hpp"
#include "core/interrupt.hpp"
#include "core/progress.hpp"
#include "core/words.hpp"
#include "core/workload/input_pixels.hpp"
#include "dnn/trained_network.hpp"
#include "nas/run_folder.hpp"
#include "systemc_model/chip/layer_errors.hpp"
#include "systemc_model/mapping/map_network.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <algorithm>
#include <filesystem>
#include <functional>

namespace xloop {
namespace {

/// A trained network, the training images that it is measured on, and the folder that keeps what is finished.
class Analysis {
public:
    Analysis(const PipelineOptions& options, LoadedExperiment experiment);
    Sensitivity run();
    void write(const Sensitivity& sensitivity, const Json& json) const;

    Json json(const Sensitivity& sensitivity) const {
        return {{"network", network_.spec.name},
                {"images", config().sensitivity.images},
                {"rule", name_of(config().sensitivity.rule)},
                {"layers", sensitivity.table().json()},
                {"bits_file", folder_->file("bits.yaml")},
                {"configuration", experiment_.flat()}};
    }
    std::string text(const Sensitivity& sensitivity) const {
        return fmt::format(
            "{}, {}\n\n{}\nBits by rule {} are in {},\na section `layers` for the end of an experiment's list "
            "`base`; all of it is in {}\n",
            network_.spec.name, counted(config().sensitivity.images, "training image"), sensitivity.table().text(),
            name_of(config().sensitivity.rule), folder_->file("bits.yaml"), folder_->path());
    }

private:
    using Measured = std::vector<LayerMeasure>;
    const ExperimentConfig& config() const { return experiment_.config; }
    /// Throws KeyError where the attack is none of what the data are.
    void load_attacked();
    /// Of so many layers; what the folder has is taken from there.
    Measured measure(SensitivityMeasure measure, std::size_t layers) const;
    Measured noise() const;
    Measured snr() const;
    Measured components() const;

    int threads_;
    LoadedExperiment experiment_;
    FloatNetwork network_;
    WorkloadGraph shapes_;
    StudyImages images_;
    ImageSet attacked_;  ///< the first of them, as pixels
    std::unique_ptr<RunFolder> folder_;
};

Analysis::Analysis(const PipelineOptions& options, LoadedExperiment experiment)
    : threads_(options.threads), experiment_(std::move(experiment)) {
    const SensitivityConfig& s = config().sensitivity;
    if (config().weights.from != WeightsSource::trained)
        throw KeyError("weights.from",
                       "a network with weights of its own is measured: set trained, and weights.trained");
    const auto demand = [&](const char* key, int count) {
        demand_images(experiment_.origins, key, count, "data.train_images", config().data.train_images);
    };
    demand("sensitivity.images", s.images);
    demand("sensitivity.snr_images", s.snr_images);
    demand("evaluation.calibration_images", config().evaluation.calibration_images);
    check_same_network(config());
    network_ = load_float_network(config().weights.trained);
    network_.spec.input_order = MapOrder::chw;  // of study images, whatever files of samples have
    shapes_ = build_graph(network_.spec);
    computed_widths(config().hardware, network_.spec);
    const int for_chip =
        s.measures_of(SensitivityMeasure::snr)
            ? std::max({s.snr_images, config().evaluation.calibration_images,
                        std::min(config().hardware.adc.calibration_images, config().data.train_images)})
            : 0;
    images_ = load_study_images(config(), shapes_.input, true, std::max(s.images, for_chip));
    if (s.measures_of(SensitivityMeasure::noise))
        load_attacked();
    folder_ = std::make_unique<RunFolder>(options.out.empty() ? "results/" + config().name + "_analysis" : options.out,
                                          experiment_.yaml(false), inputs_digest(config(), network_, {&images_}),
                                          options.fresh);
    set_last_words(folder_->last_words());
}

void Analysis::load_attacked() {
    check_labels(images_.labels, shapes_, float_network_file(config().weights.trained));
    attacked_ = load_data(config().data, shapes_.input, DataPart::training, config().sensitivity.images, config().seed);
    const auto refuse = [](const char* key, const std::string& why) {
        throw KeyError(key, why + "; leave noise out of sensitivity.measures, or change the key");
    };
    if (!attacked_.samples.empty())
        refuse("data.set", "the attack's bound is of pixels, these are samples");
    if (config().data.preprocessing.bits > 0)
        refuse("data.input_bits", "the attack changes pixels by steps of 1 / 255");
    if (config().attack.epsilon * 255.0 < 0.99)
        refuse("attack.epsilon", "an attack within less than a pixel's step of 1 / 255 changes nothing");
}

Analysis::Measured Analysis::noise() const {
    Progress progress("attacking");
    Measured measured;
    for (const MapChange& m : noise_sensitivity(network_, attacked_, config().data.preprocessing, config().attack,
                                                config().seed, std::ref(progress)))
        measured.push_back({m.change, m.magnitude});
    return measured;
}

Analysis::Measured Analysis::snr() const {
    Progress progress("running the chip");
    const HardwareConfig& hardware = config().hardware;
    const WorkloadGraph integer = TrainedNetwork(network_).quantise(
        config().quantise, {images_.values.data(), config().evaluation.calibration_images},
        computed_widths(hardware, network_.spec), std::pair(images_.low, images_.high));
    const std::vector<std::uint8_t> pixels = input_pixels(integer, images_.values.data(), images_.count());
    const std::unique_ptr<const Chip> chip = program(
        map_network(integer, hardware), {pixels.data(), std::min(hardware.adc.calibration_images, images_.count())},
        threads_, std::ref(progress));
    const WorkloadGraph& on_chip = chip->network().graph;
    Measured measured;
    for (const LayerErrors& e : layer_errors(on_chip, on_chip, *chip, {pixels.data(), config().sensitivity.snr_images},
                                             threads_, std::ref(progress)))
        measured.push_back({e.variance, e.squared_error});
    return measured;
}

Analysis::Measured Analysis::components() const {
    Progress progress("counting components");
    const std::vector<int> counts = TrainedNetwork(network_).principal_components(
        {images_.values.data(), config().sensitivity.images}, config().sensitivity.variance_share, std::ref(progress));
    Measured measured;
    for (std::size_t l = 0; l < shapes_.layers.size(); ++l)
        if (const GraphLayer& layer = shapes_.layers[l]; layer.on_crossbars())
            measured.push_back({static_cast<double>(counts[l + 1]),
                                static_cast<double>(counts[static_cast<std::size_t>(layer.inputs.front() + 1)])});
    return measured;
}

Analysis::Measured Analysis::measure(SensitivityMeasure measure, std::size_t layers) const {
    const std::string path = folder_->file(fmt::format("measures/{}.json", name_of(measure)));
    if (std::filesystem::exists(path)) {
        const std::string kept = read_checked(path, RunFolder::advice);
        try {
            Measured measured = measures_from(Json::parse(kept));
            if (measured.size() == layers)
                return measured;
            throw Error(fmt::format("of {} layers in place of {}", measured.size(), layers));
        } catch (const std::exception& e) {
            throw InputError(fmt::format("{}: is damaged ({}); {}", path, e.what(), RunFolder::advice));
        }
    }
    const Measured measured = measure == SensitivityMeasure::noise ? noise()
                              : measure == SensitivityMeasure::snr ? snr()
                                                                   : components();
    make_folder(folder_->file("measures"));
    write_checked(path, json_of(measured).dump() + "\n");
    return measured;
}

Sensitivity Analysis::run() {
    Sensitivity sensitivity{config().sensitivity, sensitive_layers(shapes_), {}};
    for (const std::string& name : config().sensitivity.measures) {
        const SensitivityMeasure m = *value_named<SensitivityMeasure>(name);
        sensitivity.measured[m] = measure(m, sensitivity.layers.size());
    }
    // Known once a network has been made.
    if (const std::string remedy = TrainedNetwork::convolution_remedy(); !remedy.empty())
        spdlog::warn("{}", remedy);
    return sensitivity;
}

void Analysis::write(const Sensitivity& sensitivity, const Json& json) const {
    const auto write = [&](const char* name, const std::string& text) {
        write_file_atomically(folder_->file(name), text);
    };
    const SensitivityConfig& s = config().sensitivity;
    write("layers.csv", sensitivity.table().csv());
    write("bits.yaml",
          sensitivity.bits_yaml({fmt::format("Bits of {} by layer, rule {} of xloop analyse: {} to {} bits.",
                                             network_.spec.name, name_of(s.rule), s.bits_min, s.bits_max),
                                 "To be named last in an experiment's list `base`."}));
    plot_sensitivity(sensitivity, network_.spec.name, folder_->file("layers.svg"));
    write("analyse.json", json.dump(2) + "\n");
}

void run_analyse(const PipelineOptions& options) {
    Analysis analysis(options, options.load());
    const Sensitivity sensitivity = analysis.run();
    const Json json = analysis.json(sensitivity);
    analysis.write(sensitivity, json);
    fmt::print("{}", options.json ? json.dump(2) + "\n" : analysis.text(sensitivity));
}

}  // namespace

void add_analyse_command(CommandLine& line) {
    CommandLine command =
        line.command("analyse", "how sensitive each layer of a trained network is, and bits by layer that follow");
    command.footer(
        "Three measures of each layer (docs/sensitivity.md), on training images: how far an attack changes its map,\n"
        "the signal-to-noise ratio of its sums on the chip, the principal components of its map. Keys: sections\n"
        "`sensitivity` and `attack`. The folder gets bits.yaml, which sets widths by layer where an experiment names\n"
        "it last in `base`.\n\n"
        "Examples:\n"
        "  xloop analyse configs/experiments/imported.yaml -s weights.trained=DIR --out results/layers\n"
        "  xloop analyse configs/experiments/imported.yaml -s weights.trained=DIR -s sensitivity.rule=snr --json\n"
        "  xloop analyse configs/experiments/imported.yaml -s weights.trained=DIR -s attack.steps=1 \\\n"
        "      -s attack.step_size=0.03137 -s attack.random_start=false         one step: FGSM\n"
        "  echo 'base: [configs/experiments/imported.yaml, results/layers/bits.yaml]' > mixed.yaml\n"
        "  xloop eval mixed.yaml -s weights.trained=DIR");
    PipelineOptions& o = command.runs(run_analyse);
    add_experiment_options(command, o, true);
    command.option("--out", &o.out, "results folder; default: results/NAME_analysis, NAME of the experiment");
    command.option("--fresh", &o.fresh, "remove earlier results in the folder instead of going on from them");
}

}  // namespace xloop
