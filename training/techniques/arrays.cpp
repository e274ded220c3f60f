#include "core/hardware_kinds.hpp"
#include "dnn/convolution.hpp"
#include "dnn/crossbar/crossbar_pass.hpp"
#include "training/techniques/crossbar.hpp"

#include <fmt/format.h>
#include <torch/torch.h>

#include <algorithm>
#include <map>
#include <optional>

namespace xloop {
namespace {

/// A linear layer's window is its whole input map.
ConvShape shape_of(const GraphLayer& layer) {
    return {layer.in.channels, layer.out.channels, layer.groups, layer.window};
}

/// What the arrays would give if they were the matrix.
torch::Tensor exact_product(const ConvShape& shape, const torch::Tensor& maps, const torch::Tensor& weight) {
    const Window& w = shape.window;
    const torch::Tensor padded =
        w.y.before + w.y.after + w.x.before + w.x.after == 0
            ? maps
            : torch::constant_pad_nd(maps, {w.x.before, w.x.after, w.y.before, w.y.after}, 0.0);
    return convolution_trials().convolve(
        padded, weight, {}, {{w.y.stride, w.x.stride}, {0, 0}, {w.y.dilation, w.x.dilation}, shape.groups});
}

/// The arrays of the layers of a network. They are programmed as a period starts; ranges of inputs are the largest seen so far, ADC
/// ranges (adc.range calibrated) those of the first batch.
class Arrays {
public:
    Arrays(Supernet& supernet, const TrainingTask& task) : supernet_(supernet), task_(task) {}

    void program(const TrainingMoment& now) {
        const torch::NoGradGuard no_grad;
        const WorkloadGraph& graph = supernet_->graph(now.path);
        for (std::size_t l = 0; l < graph.layers.size(); ++l)
            if (graph.layers[l].on_crossbars()) {
                const int index = static_cast<int>(l);
                program(index, graph, chip_at(task_, now), supernet_->active_weight(index, now.path));
            }
    }

    /// Whether a layer's products are made by analog arrays.
    bool has(int layer) const { return layers_.count(layer) > 0; }

    torch::Tensor product(const LayerAt& at, const torch::Tensor& maps, const torch::Tensor& weight,
                          std::int64_t first_image) {
        Layer& layer = layers_.at(at.index);
        const double seen = input_range_of(maps, layer.signed_inputs);
        layer.input_range = std::max(layer.input_range, seen);
        const double steps = highest_value(false, layer.chip->hardware.numerics.activation_bits);
        const double scale = (layer.input_range > 0.0 ? layer.input_range : 1.0) / steps;
        if (layer.chip->hardware.adc.range == AdcRange::calibrated && layer.adc_range <= 0.0)
            layer.adc_range = measured_adc_range(layer.chip->hardware, layer.shape, matrix(layer), at.index, maps,
                                                 scale, layer.signed_inputs, 1);
        if (!layer.programmed)
            layer.programmed = std::make_shared<const ProgrammedLayer>(layer.chip, layer.shape, matrix(layer), at.index,
                                                                       layer.adc_range, 1);
        CrossbarPass pass;
        pass.layer = layer.programmed;
        pass.scale = scale;
        pass.steps = steps;
        pass.first_image = first_image;
        pass.signed_inputs = layer.signed_inputs;
        pass.weight_gradient = static_cast<WeightGradient>(task_.training.array_gradient);
        return crossbar_product(maps, weight.to(torch::kFloat32), pass);
    }

    void save(TrainingState& state) const {
        for (const auto& [index, layer] : layers_) {
            const std::string name = fmt::format("arrays.{}", index);
            state.tensors[name] = layer.weight;
            state.figures[name] = {layer.chip->hardware.chip_seed, layer.input_range, layer.adc_range};
        }
    }
    /// Of subnets, the one that `path` says.
    void load(const TrainingState& state, const SubnetPath& path) {
        const WorkloadGraph& graph = supernet_->graph(path);
        for (std::size_t l = 0; l < graph.layers.size(); ++l) {
            const std::string name = fmt::format("arrays.{}", l);
            if (!state.figures.contains(name))
                continue;
            const Json& figures = state.figures.at(name);
            HardwareConfig chip = task_.hardware;
            chip.chip_seed = figures[0].get<std::uint64_t>();
            const int index = static_cast<int>(l);
            program(index, graph, chip, state.tensors.at(name));
            layers_.at(index).input_range = figures[1].get<double>();
            layers_.at(index).adc_range = figures[2].get<double>();
        }
    }

private:
    struct Layer {
        ConvShape shape;
        bool signed_inputs = false, per_tensor = false;
        std::shared_ptr<const CrossbarChip> chip;
        torch::Tensor weight;                                 ///< what is programmed
        std::shared_ptr<const ProgrammedLayer> programmed{};  ///< when first read
        double input_range = 0.0, adc_range = 0.0;
    };

    void program(int index, const WorkloadGraph& graph, const HardwareConfig& chip, const torch::Tensor& weight) {
        const GraphLayer& of_graph = graph.layers[static_cast<std::size_t>(index)];
        const HardwareConfig own = hardware_of_layer(chip, of_graph.name);
        if (own.is_digital())
            return;
        Layer& layer = layers_[index];
        layer.shape = shape_of(of_graph);
        layer.signed_inputs = graph.edge(of_graph.inputs.front()).may_be_negative();
        layer.per_tensor = of_graph.is_output;
        if (!layer.chip || layer.chip->hardware.chip_seed != own.chip_seed)
            layer.chip = std::make_shared<const CrossbarChip>(own);
        layer.weight = weight.detach().to(torch::kCPU).clone();
        layer.programmed.reset();
    }

    static IntegerMatrix matrix(const Layer& layer) {
        return integer_matrix(layer.weight, layer.per_tensor, layer.chip->hardware.numerics.weight_bits);
    }

    Supernet& supernet_;
    const TrainingTask& task_;
    std::map<int, Layer> layers_;
};

/// Every product is made by the arrays, read by read.
class ArrayTraining : public Technique {
public:
    ArrayTraining(Supernet& supernet, const TrainingTask& task) : task_(task), arrays_(supernet, task) {}

    Part part() const override { return Part::hardware; }
    void start_period(const TrainingMoment& now) override { arrays_.program(now); }
    void start_step(const TrainingMoment& now) override {
        now_ = now;
        constexpr std::int64_t most_images = 1 << 20;  // of all passes of a step
        next_image_ = now.step * most_images;
    }
    torch::Tensor input(const torch::Tensor& x) override {
        image_ = next_image_;
        next_image_ += x.size(0);
        return x;
    }
    torch::Tensor products(const LayerAt& at, const torch::Tensor& x, const torch::Tensor& weight) override {
        if (!arrays_.has(at.index))
            return {};
        const torch::Tensor maps = x.to(torch::kFloat32);
        const torch::Tensor real = arrays_.product(at, maps, weight, image_);
        const double onset = onset_at(task_, now_);
        if (onset >= 1.0)
            return real;
        return real * onset + exact_product(shape_of(at.layer), maps, weight.to(torch::kFloat32)) * (1.0 - onset);
    }
    void save(TrainingState& state) const override { arrays_.save(state); }
    void load(const TrainingState& state) override { arrays_.load(state, task_.spec.largest_path()); }

private:
    const TrainingTask& task_;
    Arrays arrays_;
    TrainingMoment now_;
    std::int64_t image_ = 0, next_image_ = 0;
};

/// Noise on the sums of each channel with the mean and deviation that the arrays' errors have: measured once an epoch, on the
/// first images that pass.
class OutputNoise : public Technique {
public:
    OutputNoise(Supernet& supernet, const TrainingTask& task) : task_(task), arrays_(supernet, task) {}

    Part part() const override { return Part::hardware; }
    void start_period(const TrainingMoment& now) override {
        if (now.epoch == measured_epoch_)
            return;
        measured_epoch_ = now.epoch;
        arrays_.program(now);
        errors_.clear();
    }
    void start_step(const TrainingMoment& now) override {
        now_ = now;
        pass_ = 0;
    }
    torch::Tensor input(const torch::Tensor& x) override {
        ++pass_;
        return x;
    }
    torch::Tensor products(const LayerAt& at, const torch::Tensor& x, const torch::Tensor& weight) override {
        if (errors_.count(at.index) == 0 && arrays_.has(at.index))
            measure(at, x.to(torch::kFloat32), weight.to(torch::kFloat32));
        return {};
    }
    torch::Tensor sums(const LayerAt& at, const torch::Tensor& sums) override {
        const auto found = errors_.find(at.index);
        if (found == errors_.end() || sums.size(1) != found->second.mean.size(1))
            return sums;
        const torch::Tensor noise = noise_at(task_, now_, pass_, at.index, sums.sizes());
        const torch::Tensor error = (noise * found->second.deviation + found->second.mean) * onset_at(task_, now_);
        return sums + error.to(sums.options());
    }
    void save(TrainingState& state) const override {
        arrays_.save(state);
        state.figures["output_noise.epoch"] = measured_epoch_;
        for (const auto& [index, error] : errors_) {
            state.tensors[fmt::format("output_noise.{}.mean", index)] = error.mean;
            state.tensors[fmt::format("output_noise.{}.deviation", index)] = error.deviation;
        }
    }
    void load(const TrainingState& state) override {
        arrays_.load(state, task_.spec.largest_path());
        measured_epoch_ = state.figures.at("output_noise.epoch").get<int>();
        for (int index = 0; index < static_cast<int>(task_.spec.layers.size()); ++index)
            if (const auto mean = state.tensors.find(fmt::format("output_noise.{}.mean", index));
                mean != state.tensors.end())
                errors_[index] = {mean->second, state.tensors.at(fmt::format("output_noise.{}.deviation", index))};
    }

private:
    struct Error {
        torch::Tensor mean, deviation;  ///< [1, outputs, 1, 1]
    };

    void measure(const LayerAt& at, const torch::Tensor& maps, const torch::Tensor& weight) {
        constexpr std::int64_t images = 4;
        const torch::NoGradGuard no_grad;
        const torch::Tensor some = maps.narrow(0, 0, std::min(images, maps.size(0)));
        const torch::Tensor error =
            arrays_.product(at, some, weight, now_.step) - exact_product(shape_of(at.layer), some, weight);
        errors_[at.index] = {error.mean({0, 2, 3}, /*keepdim=*/true),
                             error.std({0, 2, 3}, /*unbiased=*/false, /*keepdim=*/true)};
    }

    const TrainingTask& task_;
    Arrays arrays_;
    TrainingMoment now_;
    int pass_ = 0, measured_epoch_ = -1;
    std::map<int, Error> errors_;
};

}  // namespace

std::unique_ptr<Technique> make_array_training(Supernet& supernet, const TrainingTask& task) {
    return std::make_unique<ArrayTraining>(supernet, task);
}

std::unique_ptr<Technique> make_output_noise(Supernet& supernet, const TrainingTask& task) {
    return std::make_unique<OutputNoise>(supernet, task);
}

}  // namespace xloop
