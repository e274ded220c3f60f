#include "apps/command.hpp"
#include "core/files.hpp"
#include "core/hardware_kinds.hpp"
#include "core/progress.hpp"
#include "core/standard_streams.hpp"
#include "core/words.hpp"
#include "dnn/torchscript.hpp"
#include "dnn/trained_network.hpp"
#include "systemc_model/chip/chip.hpp"
#include "systemc_model/chip/ideal_hardware.hpp"
#include "systemc_model/mapping/map_network.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <functional>
#include <limits>
#include <optional>

namespace xloop {
namespace {

enum class InferEngine { real, integer, ideal, chip };
constexpr auto names_of(InferEngine) { return std::array{"float", "integer", "ideal", "chip"}; }

struct InferOptions {
    std::string model, inputs, out, expected, calibration, hardware, engine = "float",
                                                                     ranges = name_of(QuantiseConfig().activations);
    std::vector<std::string> overrides;
    std::vector<int> input_shape;
    std::optional<double> tolerance;
    int threads = 1;
    bool batch_first = false, batch_last = false;
};

/// How far results are from those of somebody else.
struct Comparison {
    double largest = 0.0;
    int samples = 0, same_top = 0;
};

constexpr const char* examples = R"(
Files of samples and results are float32, little-endian, without a header: one sample after the other, each in the order that the
model's own file has (a file that takes N x height x width x channels takes them so here), results likewise. With --batch-last
the samples are the last axis of all files: the first value of all samples, then the second of all.

Engines:
  float     the network as it was trained
  integer   integers of the hardware's widths, exact sums
  ideal     the chip with ideal cells and wires: what remains is its converters
  chip      the chip as it is programmed, seed chip_seed

Examples:
  xloop infer resnet20 --inputs test.f32 --out logits.f32                 a folder that xloop import wrote
  xloop infer resnet20.onnx --inputs test.f32 --expect onnxruntime.f32 --atol 1e-3     the file itself, against another runtime
  xloop infer resnet20 --inputs test.f32 --out chip.f32 --engine chip --calibrate train.f32 \
      --hardware configs/hw/reram_64x64.yaml -s adc.bits=7)";

FloatNetwork network_of(const InferOptions& options) {
    if (std::filesystem::is_directory(options.model))
        return load_float_network(options.model);
    ImportOptions how;
    how.input_shape.assign(options.input_shape.begin(), options.input_shape.end());
    return import_model(options.model, how).network;
}

/// A matrix of `rows` rows, row after row, as one of its columns after the other.
std::vector<float> transposed(const std::vector<float>& values, std::size_t rows) {
    const std::size_t columns = values.size() / rows;
    std::vector<float> turned(values.size());
    for (std::size_t r = 0; r < rows; ++r)
        for (std::size_t c = 0; c < columns; ++c)
            turned[c * rows + r] = values[r * columns + c];
    return turned;
}

/// A whole number of samples, one after the other.
std::vector<float> read_samples(const std::string& path, const NetworkSpec& spec, const char* option, bool batch_last) {
    constexpr std::uint64_t most_bytes_of_samples = std::uint64_t{1} << 33;
    const std::string bytes = read_file(path, most_bytes_of_samples);
    const std::size_t sample = static_cast<std::size_t>(spec.input.size()) * sizeof(float);
    if (bytes.empty() || bytes.size() % sample != 0)
        throw InputError(fmt::format(
            "{}: {} bytes are no whole number of samples; {} takes float32 samples of {} values, "
            "{} bytes each ({}, order {})",
            path, bytes.size(), option, spec.input.size(), sample, spec.input.str(), name_of(spec.input_order)));
    std::vector<float> values(bytes.size() / sizeof(float));
    std::memcpy(values.data(), bytes.data(), bytes.size());
    if (const auto bad = std::find_if(values.begin(), values.end(), [](float v) { return !std::isfinite(v); });
        bad != values.end())
        throw InputError(fmt::format("{}: value {} is not finite", path, bad - values.begin()));
    return batch_last ? transposed(values, static_cast<std::size_t>(spec.input.size())) : values;
}

/// Real logits of all samples, one row after the other.
std::vector<float> integer_logits(const TrainedNetwork& network, const InferOptions& options, InferEngine engine,
                                  const Samples& samples, const Samples& calibration) {
    HardwareConfig hardware = load_hardware(options.hardware, options.overrides);
    if (engine == InferEngine::ideal)
        hardware = ideal_hardware(hardware);
    const WorkloadGraph shapes = build_graph(network.spec());
    QuantiseConfig config;
    config.activations = *value_named<RangeRule>(options.ranges);
    if (config.activations == RangeRule::mse)
        config.weights = WeightRangeRule::mse;
    const WorkloadGraph graph = network.quantise(config, calibration, asked_bits(hardware, shapes));
    MappedNetwork mapped = map_network(graph, hardware);
    std::unique_ptr<const Chip> chip;
    const IntegerEngine exact(mapped.graph);
    if (engine != InferEngine::integer) {
        Progress progress("programming");
        const std::vector<std::uint8_t> images = network.pixels(graph, calibration);
        chip = program(mapped, {images.data(), std::min(hardware.adc.calibration_images, calibration.count)},
                       options.threads, std::ref(progress));
    }
    const WorkloadGraph& run = chip ? chip->network().graph : mapped.graph;
    const std::vector<std::uint8_t> pixels = network.pixels(run, samples);
    std::vector<float> logits;
    Progress progress("images");
    constexpr int slice = 16;
    for (int first = 0; first < samples.count; first += slice) {
        progress({static_cast<double>(first) / samples.count});
        for (const auto& row : run_images(run, chip ? static_cast<const MatrixEngine&>(*chip) : exact, pixels.data(),
                                          first, std::min(slice, samples.count - first), options.threads)) {
            const std::vector<float> real = real_logits(run, row);
            logits.insert(logits.end(), real.begin(), real.end());
        }
    }
    return logits;
}

/// `per_image` values a sample. Throws InputError when the file has another number of values.
Comparison compare(const std::vector<float>& results, std::size_t per_image, const std::string& path, bool batch_last) {
    const std::string bytes = read_file(path);
    std::vector<float> expected(bytes.size() / sizeof(float));
    if (bytes.size() != results.size() * sizeof(float))
        throw InputError(
            fmt::format("{}: {} bytes, but the results are {} values of 4 bytes", path, bytes.size(), results.size()));
    std::memcpy(expected.data(), bytes.data(), bytes.size());
    if (batch_last)
        expected = transposed(expected, per_image);
    Comparison found;
    const auto step = static_cast<std::ptrdiff_t>(per_image);
    for (auto a = results.begin(), b = expected.cbegin(); a != results.end(); a += step, b += step) {
        for (std::ptrdiff_t i = 0; i < step; ++i) {
            const double difference = std::abs(static_cast<double>(a[i]) - b[i]);
            found.largest = std::max(found.largest,
                                     std::isfinite(difference) ? difference : std::numeric_limits<double>::infinity());
        }
        found.same_top += std::max_element(a, a + step) - a == std::max_element(b, b + step) - b;
        ++found.samples;
    }
    return found;
}

void run_infer(const InferOptions& options) {
    const TrainedNetwork network(network_of(options));
    const InferEngine engine = *value_named<InferEngine>(options.engine);
    if (options.batch_first && options.batch_last)
        throw InputError("--batch-first and --batch-last exclude one another; expected at most one of them");
    const std::vector<float> values = read_samples(options.inputs, network.spec(), "--inputs", options.batch_last);
    const Samples samples{values.data(),
                          static_cast<int>(values.size() / static_cast<std::size_t>(network.spec().input.size()))};
    std::vector<float> logits;
    if (engine == InferEngine::real) {
        logits = network.logits(samples);
    } else {
        std::vector<float> own;
        Samples calibration = samples;
        if (options.calibration.empty()) {
            spdlog::warn(
                "without --calibrate, ranges of activations are those of the samples themselves, which flatters "
                "the result: give samples from the training set");
        } else {
            own = read_samples(options.calibration, network.spec(), "--calibrate", options.batch_last);
            calibration = {own.data(),
                           static_cast<int>(own.size() / static_cast<std::size_t>(network.spec().input.size()))};
        }
        logits = integer_logits(network, options, engine, samples, calibration);
    }
    const WorkloadGraph shapes = build_graph(network.spec());
    std::vector<float> all;
    const auto per_image = static_cast<std::ptrdiff_t>(network.logit_count());
    std::size_t results = 0;
    for (auto at = logits.begin(); at != logits.end(); at += per_image) {
        const std::vector<float> made = results_of(network.spec(), shapes, {at, at + per_image});
        results = made.size();
        all.insert(all.end(), made.begin(), made.end());
    }
    std::optional<Comparison> found;
    if (!options.expected.empty())
        found = compare(all, results, options.expected, options.batch_last);
    if (options.batch_last)
        all = transposed(all, static_cast<std::size_t>(samples.count));
    if (!options.out.empty())
        write_file_atomically(options.out, {reinterpret_cast<const char*>(all.data()), all.size() * sizeof(float)});
    fmt::print("{} of {}, {} values each, engine {}{}\n", counted(samples.count, "result"), network.spec().name,
               results, options.engine, options.out.empty() ? "" : ": " + options.out);
    if (!found)
        return;
    fmt::print("against {}: largest difference {:.3g}, the largest value is the same one in {} of {}\n",
               options.expected, found->largest, found->same_top, found->samples);
    if (options.tolerance && !(found->largest <= *options.tolerance))
        throw Error(
            fmt::format("the largest difference {:.3g} is beyond --atol {:.3g}", found->largest, *options.tolerance));
}

}  // namespace

void add_infer_command(CommandLine& line) {
    CommandLine command =
        line.command("infer", "run a trained network on samples: as trained, as integers, on the chip");
    command.footer(examples);
    InferOptions& o = command.runs(run_infer);
    command.option("MODEL", &o.model, "folder that xloop import wrote, or a model file that it takes").required();
    command.option("--input-shape", &o.input_shape, "of a model file, as for xloop import").commas();
    command.option("--inputs", &o.inputs, "samples, float32").required().type("FILE");
    command.output("--out", &o.out, "results, float32").type("FILE");
    command.option("--expect", &o.expected, "results of another program, float32, to compare with").type("FILE");
    command.option("--atol", &o.tolerance, "with --expect: exit code 1 when a value differs by more").needs("--expect");
    command.option("--engine", &o.engine, "what computes").one_of(all_names<InferEngine>());
    command.option("--calibrate", &o.calibration, "samples that give the ranges of activations").type("FILE");
    command.option("--ranges", &o.ranges, "how ranges follow from them; mse: those of weights too")
        .one_of(all_names<RangeRule>());
    command.option("--hardware", &o.hardware, "hardware of integer, ideal and chip; default: the built-in one")
        .type("FILE");
    command.option("-s,--set", &o.overrides, "KEY=VALUE of the hardware").repeatable();
    command.option("--batch-first", &o.batch_first, "files hold one sample after the other; the default");
    command.option("--batch-last", &o.batch_last, "the samples are the last axis of all files");
    command.option("--threads", &o.threads, "threads").range(1, 1024);
}

}  // namespace xloop
