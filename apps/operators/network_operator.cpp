#include "apps/operators/network_operator.hpp"

#include "analysis/hardware_figures.hpp"
#include "analysis/statistics.hpp"
#include "analysis/study.hpp"
#include "apps/operators/arguments.hpp"
#include "apps/operators/torch_state.hpp"
#include "core/files.hpp"
#include "core/hardware_kinds.hpp"
#include "core/hardware_variants.hpp"
#include "core/parallel.hpp"
#include "core/workload/input_pixels.hpp"
#include "dnn/crossbar/weight_offsets.hpp"
#include "dnn/one_thread.hpp"
#include "dnn/quantise.hpp"
#include "dnn/torchscript.hpp"
#include "dnn/trained_network.hpp"
#include "systemc_model/chip/ideal_hardware.hpp"
#include "systemc_model/mapping/map_network.hpp"

#include <torch/torch.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <utility>

namespace xloop {
namespace {

namespace fs = std::filesystem;

constexpr const char* workload_file = "workload.yaml";
constexpr const char* weights_file = "weights.bin";

/// The workload.yaml that `model` is or holds; empty: a float network.
std::string workload_of(const std::string& model) {
    if (fs::is_regular_file(fs::path(model) / workload_file))
        return (fs::path(model) / workload_file).string();
    return fs::path(model).extension() == ".yaml" ? model : std::string();
}

FloatNetwork float_network_of(const NetworkArguments& arguments) {
    if (fs::is_directory(arguments.model))
        return load_float_network(arguments.model);
    ImportOptions how;
    how.input_shape = arguments.input_shape;
    return import_model(arguments.model, how).network;
}

/// As contiguous float32 on the CPU, in the order of the network's file.
torch::Tensor checked_images(const torch::Tensor& images, const Shape& shape, MapOrder order, const char* name) {
    const std::vector<std::int64_t> wanted = order == MapOrder::hwc
                                                 ? std::vector<std::int64_t>{shape.height, shape.width, shape.channels}
                                                 : std::vector<std::int64_t>{shape.channels, shape.height, shape.width};
    if (images.dim() != 4 || images.sizes().slice(1) != torch::IntArrayRef(wanted) || !images.device().is_cpu())
        throw InputError(fmt::format("{}: expected images [N, {}] on the CPU, got [{}], {}", name,
                                     fmt::join(wanted, ", "), fmt::join(images.sizes(), ", "), images.device().str()));
    torch::Tensor values = images.detach().to(torch::kFloat32).contiguous();
    if (!torch::isfinite(values).all().item<bool>())
        throw InputError(fmt::format("{}: expected finite values", name));
    return values;
}

/// [N][C][height][width], contiguous.
torch::Tensor maps_of(MapOrder order, const torch::Tensor& checked) {
    return order == MapOrder::hwc ? checked.permute({0, 3, 1, 2}).contiguous() : checked;
}

/// What run_graph reads for them.
std::vector<std::uint8_t> pixels_of(const WorkloadGraph& graph, MapOrder order, const torch::Tensor& checked) {
    const torch::Tensor maps = maps_of(order, checked);
    return input_pixels(graph, maps.data_ptr<float>(), static_cast<int>(maps.size(0)));
}

WorkloadGraph quantised_on_arrays(const FloatNetwork& network, const QuantiseConfig& config,
                                  const torch::Tensor& calibration, const HardwareConfig& hardware) {
    if (has_steps(network))
        throw InputError(
            "effective_weights: this network was trained with the integers that it is to have; leave it out");
    use_one_thread();
    Supernet module = load_module(network);
    OffsetHooks hooks(crossbar_offsets(module, network.spec.largest_path(), hardware));
    const torch::Tensor maps = maps_of(network.spec.input_order, calibration);
    QuantiseOptions options;
    options.config = config;
    options.bits = asked_bits(hardware, build_graph(network.spec));
    options.hooks = &hooks;
    options.input_low = std::min(0.0, maps.min().item<double>());
    options.input_high = maps.max().item<double>();
    return quantise(module, maps, network.spec.name, options);
}

WorkloadGraph quantised(FloatNetwork network, const NetworkArguments& arguments, const HardwareConfig& hardware,
                        const torch::Tensor& calibration) {
    QuantiseConfig config;
    config.activations = choice_of<RangeRule>("ranges", arguments.ranges);
    if (config.activations == RangeRule::mse)
        config.weights = WeightRangeRule::mse;
    if (arguments.effective_weights)
        return quantised_on_arrays(network, config, calibration, hardware);
    const TrainedNetwork trained(std::move(network));
    return trained.quantise(config, {calibration.data_ptr<float>(), static_cast<int>(calibration.size(0))},
                            asked_bits(hardware, build_graph(trained.spec())));
}

/// The engine that a network was saved with: its ranges and corrections are in it.
RunningNetwork running_again(const WorkloadGraph& graph, HardwareConfig hardware, EngineKind kind, int threads) {
    if (kind == EngineKind::ideal_chip)
        hardware = ideal_hardware(hardware);
    MappedNetwork mapped = map_network(graph, std::move(hardware));
    if (kind == EngineKind::integer)
        return RunningNetwork(mapped.graph);
    return RunningNetwork(program(std::move(mapped), {}, threads));
}

/// A folder for as long as this object is there.
class TemporaryFolder {
public:
    TemporaryFolder() : path_((fs::temp_directory_path() / "xloop-XXXXXX").string()) {
        if (!::mkdtemp(path_.data()))
            throw Error(path_ + ": no temporary folder can be made");
    }
    ~TemporaryFolder() {
        std::error_code ignored;
        fs::remove_all(path_, ignored);
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    std::string file(const char* name) const { return (fs::path(path_) / name).string(); }
    const std::string& path() const { return path_; }

private:
    std::string path_;
};

}  // namespace

NetworkOperator::NetworkOperator(NetworkSpec spec, HardwareConfig hardware, EngineKind kind, RunningNetwork running,
                                 int threads)
    : spec_(std::move(spec)), hardware_(std::move(hardware)), kind_(kind), running_(std::move(running)),
      threads_(threads) {}

c10::intrusive_ptr<NetworkOperator> NetworkOperator::make(const NetworkArguments& arguments) {
    const KeptTorchState kept;
    const auto kind = choice_of<EngineKind>("engine", arguments.engine);
    if (kind == EngineKind::software)
        throw InputError("engine: software is the LibTorch module itself; expected integer, ideal_chip or chip");
    for (const auto& [name, asked] :
         {std::pair("recalibrate", arguments.recalibrate), {"effective_weights", arguments.effective_weights}})
        if (asked && (kind == EngineKind::integer || !arguments.calibration))
            throw InputError(
                fmt::format("{}: is for chips and looks at images; expected engine ideal_chip or chip, and "
                            "`calibration`",
                            name));
    const HardwareConfig hardware = hardware_of(arguments.hardware, arguments.settings);
    const int threads = small_number("threads", arguments.threads);
    try {
        NetworkSpec spec;
        WorkloadGraph integer;
        torch::Tensor calibration;
        const auto check_calibration = [&](const Shape& shape) {
            if (arguments.calibration)
                calibration = checked_images(*arguments.calibration, shape, spec.input_order, "calibration");
        };
        if (const std::string workload = workload_of(arguments.model); !workload.empty()) {
            if (arguments.effective_weights)
                throw InputError(workload +
                                 ": has the ranges of its activations; effective_weights is for float networks");
            integer = load_workload(workload);
            check_calibration(integer.input);
        } else {
            FloatNetwork network = float_network_of(arguments);
            spec = network.spec;
            check_calibration(spec.input);
            if (!calibration.defined() || calibration.size(0) == 0)
                throw InputError(arguments.model +
                                 ": a float network needs `calibration`: images of its training set, from which the "
                                 "ranges of activations follow");
            integer = quantised(std::move(network), arguments,
                                kind == EngineKind::ideal_chip ? ideal_hardware(hardware) : hardware, calibration);
        }
        std::vector<std::uint8_t> pixels;
        if (calibration.defined())
            pixels = pixels_of(integer, spec.input_order, calibration);
        const CalibrationImages images{pixels.data(),
                                       calibration.defined() ? static_cast<int>(calibration.size(0)) : 0};
        RunningNetwork running =
            kind == EngineKind::integer
                ? running_again(integer, hardware, kind, threads)
                : EngineMaker(integer, hardware, images, images.count, threads)
                      .make({kind, kind == EngineKind::chip ? hardware.chip_seed : 0, arguments.recalibrate});
        return c10::make_intrusive<NetworkOperator>(std::move(spec), hardware, kind, std::move(running), threads);
    } catch (const KeyError& error) {
        throw InputError(hardware_name(arguments.hardware) + ": " + error.what());
    }
}

torch::Tensor NetworkOperator::forward(const torch::Tensor& images, std::int64_t first) const {
    const torch::NoGradGuard no_grad;
    if (first < 0)
        throw InputError(fmt::format("first: expected the number of an image, 0 or more, got {}", first));
    const WorkloadGraph& graph = running_.graph();
    const torch::Tensor checked = checked_images(images, graph.input, spec_.input_order, "images");
    const std::vector<std::uint8_t> pixels = pixels_of(graph, spec_.input_order, checked);
    std::vector<std::vector<float>> rows(static_cast<std::size_t>(checked.size(0)));
    parallel_for(static_cast<int>(rows.size()), threads_, [&](int i) {
        const std::uint8_t* image = pixels.data() + static_cast<std::ptrdiff_t>(i) * graph.input.size();
        const std::vector<std::int32_t> logits = run_graph(graph, running_.engine(), image, first + i);
        rows[static_cast<std::size_t>(i)] = results_of(spec_, graph, real_logits(graph, logits));
    });
    const std::size_t values = rows.empty() ? static_cast<std::size_t>(graph.logit_count()) : rows.front().size();
    torch::Tensor results = torch::empty({checked.size(0), static_cast<std::int64_t>(values)});
    float* out = results.data_ptr<float>();
    for (const std::vector<float>& row : rows)
        out = std::copy(row.begin(), row.end(), out);
    return results;
}

c10::Dict<std::string, double> NetworkOperator::estimate(const std::string& cost_table, std::int64_t images) const {
    const int count = small_number("images", images);
    if (count == 0)
        throw InputError("images: expected at least one");
    MappedNetwork mapped = map_network(running_.graph(), hardware_);
    const DataAverages averages = assume_data(mapped, "", count);
    const HardwareReport report =
        estimate_hardware(mapped, load_cost_table(cost_table), count, EstimateDetail::classes, averages);
    c10::Dict<std::string, double> figures;
    for (const HardwareFigure& figure : hardware_figures())
        figures.insert(figure.name, figure.of(report.figures));
    figures.insert("contended", static_cast<double>(report.contention.size()));
    return figures;
}

std::string NetworkOperator::hardware() const { return hardware_yaml(hardware_); }

NetworkOperator::State NetworkOperator::state() const {
    const TemporaryFolder folder;
    save(folder.path());
    const std::string bytes = read_file(folder.file(weights_file));
    torch::Tensor weights = torch::empty({static_cast<std::int64_t>(bytes.size())}, torch::kUInt8);
    std::memcpy(weights.data_ptr<std::uint8_t>(), bytes.data(), bytes.size());
    return {read_file(folder.file(workload_file)),
            weights,
            spec_.layers.empty() ? std::string() : network_yaml(spec_),
            hardware(),
            name_of(kind_),
            threads_};
}

c10::intrusive_ptr<NetworkOperator> NetworkOperator::from_state(const State& state) {
    const auto& [workload, weights, spec, hardware_text, engine, threads] = state;
    const torch::Tensor bytes = weights.to(torch::kCPU, torch::kUInt8).contiguous();
    const TemporaryFolder folder;
    write_file_atomically(folder.file(workload_file), workload);
    write_file_atomically(folder.file(weights_file), {reinterpret_cast<const char*>(bytes.data_ptr<std::uint8_t>()),
                                                      static_cast<std::size_t>(bytes.numel())});
    const HardwareConfig hardware = hardware_of(hardware_text, {});
    const auto kind = choice_of<EngineKind>("engine", engine);
    const int count = small_number("threads", threads);
    return c10::make_intrusive<NetworkOperator>(
        spec.empty() ? NetworkSpec() : parse_network(spec, "the saved network"), hardware, kind,
        running_again(load_workload(folder.file(workload_file)), hardware, kind, count), count);
}

}  // namespace xloop
