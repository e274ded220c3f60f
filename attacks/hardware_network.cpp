#include "attacks/hardware_network.hpp"

#include "core/parallel.hpp"
#include "core/random.hpp"
#include "core/workload/input_pixels.hpp"

#include <torch/torch.h>

#include <algorithm>
#include <utility>

namespace xloop {
namespace {

/// Queries are images beyond those of any set, so that none shares its noise with the image as it is judged.
std::int64_t query_address(const Asked& asked) {
    constexpr int bits_of_image = 32;
    return asked.image + ((asked.query + 1) << bits_of_image);
}

/// `value` with the gradient of `through`, both of one shape.
torch::Tensor straight_through(const torch::Tensor& value, const torch::Tensor& through) {
    return value + (through - through.detach());
}

/// Where an activation function that is flat or has slope 1 has the latter, by its output; undefined for other functions.
torch::Tensor slope_mask(const GraphLayer& layer, const torch::Tensor& output) {
    const auto parameter = [&](std::size_t p) {
        return layer.activation_parameters.empty() ? traits_of(layer.activation).defaults.at(p)
                                                   : layer.activation_parameters.at(p);
    };
    switch (layer.activation) {
    case ActivationFunction::relu: return output > 0.0;
    case ActivationFunction::relu6: return (output > 0.0) & (output < 6.0);
    case ActivationFunction::clip: return (output > parameter(0)) & (output < parameter(1));
    default: return {};
    }
}

}  // namespace

/// The engine's maps of a batch in real numbers, which take the place of the float network's in its forward pass.
class HardwareNetwork::Maps : public LayerHooks {
public:
    Maps(const WorkloadGraph& graph, std::int64_t images) : graph_(graph), maps_(graph.layers.size() + 1) {
        for (std::size_t l = 0; l < maps_.size(); ++l) {
            const Shape& shape = graph.map_of(static_cast<int>(l) - 1);
            maps_[l] = torch::empty({images, shape.channels, shape.height, shape.width});
        }
    }

    /// Of layer `producer`, or of the input (-1).
    void set(int producer, std::int64_t image, const Activation* values) {
        const Edge edge = graph_.edge(producer);
        const auto scale = static_cast<float>(edge.scale);
        fill(producer, image, [&](int place) { return scale * static_cast<float>(values[place] - edge.zero_point); });
    }
    /// Of an output: its logits.
    void set_logits(int layer, std::int64_t image, const std::int32_t* logits) {
        const double scale = graph_.layers[static_cast<std::size_t>(layer)].output_scale;
        fill(layer, image, [&](int place) { return static_cast<float>(logits[place] * scale); });
    }

    torch::Tensor input(const torch::Tensor& x) override { return straight_through(maps_[0], x); }
    torch::Tensor output(const LayerAt& at, const torch::Tensor& before, const torch::Tensor& map) override {
        const torch::Tensor& value = maps_[static_cast<std::size_t>(at.index) + 1];
        const torch::Tensor mask = slope_mask(at.layer, value);
        if (!mask.defined())
            return straight_through(value, map);
        return value + (before - before.detach()) * mask;
    }

private:
    /// value(place): at (y * width + x) * channels + c.
    template <class Value>
    void fill(int producer, std::int64_t image, Value value) {
        const Shape& shape = graph_.map_of(producer);
        const int positions = shape.positions();
        float* out = maps_[static_cast<std::size_t>(producer) + 1].data_ptr<float>() + image * shape.size();
        for (int c = 0; c < shape.channels; ++c)
            for (int p = 0; p < positions; ++p)
                *out++ = value(p * shape.channels + c);
    }

    const WorkloadGraph& graph_;
    std::vector<torch::Tensor> maps_;  ///< [N, C, H, W], the input's first
};

HardwareNetwork::HardwareNetwork(const FloatNetwork& network, const Preprocessing& how, const WorkloadGraph& graph,
                                 const MatrixEngine& engine, bool varies, int threads)
    : module_(network, how), graph_(graph), engine_(engine), varies_(varies), threads_(threads) {}

torch::Tensor HardwareNetwork::run(const torch::Tensor& pixels, const std::vector<std::int64_t>& addresses,
                                   Maps* maps) const {
    const torch::NoGradGuard no_grad;
    const torch::Tensor read = module_.read(pixels).to(torch::kFloat32).contiguous();
    const auto images = static_cast<int>(read.size(0));
    const std::vector<std::uint8_t> inputs = input_pixels(graph_, read.data_ptr<float>(), images);
    torch::Tensor logits = torch::empty({images, graph_.logit_count()});
    parallel_for(images, threads_, [&](int i) {
        ImageRun run(graph_,
                     inputs.data() + static_cast<std::size_t>(i) * static_cast<std::size_t>(graph_.input.size()),
                     addresses[static_cast<std::size_t>(i)]);
        const std::int64_t address = addresses[static_cast<std::size_t>(i)];
        if (memory_)
            memory_->apply(-1, address, run.map(-1));
        if (maps)
            maps->set(-1, i, run.map(-1).data());
        for (int l = 0; l < static_cast<int>(graph_.layers.size()); ++l) {
            const GraphLayer& layer = graph_.layers[static_cast<std::size_t>(l)];
            if (layer.on_crossbars())
                run.finish(l, run.sums(l, engine_));
            else
                run.finish(l);
            if (memory_)
                memory_->apply(l, address, run.map(l));
            if (maps && layer.is_output)
                maps->set_logits(l, i, &run.logits()[static_cast<std::size_t>(graph_.first_logit(l))]);
            else if (maps)
                maps->set(l, i, run.map(l).data());
        }
        float* row = logits.data_ptr<float>() + static_cast<std::ptrdiff_t>(i) * graph_.logit_count();
        for (int output : graph_.outputs) {
            const GraphLayer& layer = graph_.layers[static_cast<std::size_t>(output)];
            const int first = graph_.first_logit(output);
            for (int k = first; k < first + layer.out.size(); ++k)
                row[k] = static_cast<float>(run.logits()[static_cast<std::size_t>(k)] * layer.output_scale);
        }
    });
    return logits;
}

torch::Tensor HardwareNetwork::judged(const torch::Tensor& pixels, const std::vector<std::int64_t>& images) {
    return run(pixels, images, nullptr);
}

torch::Tensor HardwareNetwork::answer(const torch::Tensor& pixels, const std::vector<Asked>& asked) {
    std::vector<std::int64_t> addresses(asked.size());
    std::transform(asked.begin(), asked.end(), addresses.begin(), query_address);
    if (!torch::GradMode::is_enabled() || !pixels.requires_grad())
        return run(pixels, addresses, nullptr);
    Maps maps(graph_, pixels.size(0));
    run(pixels, addresses, &maps);
    return module_.forward(pixels, &maps);
}

NetworkMixture::NetworkMixture(std::vector<std::shared_ptr<AttackedNetwork>> members, std::uint64_t seed)
    : members_(std::move(members)), seed_(seed) {}

torch::Tensor NetworkMixture::answer(const torch::Tensor& pixels, const std::vector<Asked>& asked) {
    const KeyedRandom random(seed_, RandomUse::attack_start);
    constexpr std::uint64_t of_members = std::uint64_t{1} << 48;
    std::vector<std::vector<std::int64_t>> rows(members_.size());
    for (std::size_t i = 0; i < asked.size(); ++i)
        rows[random.below(members_.size(), static_cast<std::uint64_t>(asked[i].image),
                          of_members + static_cast<std::uint64_t>(asked[i].query))]
            .push_back(static_cast<std::int64_t>(i));
    std::vector<torch::Tensor> answers;
    std::vector<std::int64_t> order;
    for (std::size_t m = 0; m < members_.size(); ++m) {
        if (rows[m].empty())
            continue;
        std::vector<Asked> own;
        for (const std::int64_t i : rows[m])
            own.push_back(asked[static_cast<std::size_t>(i)]);
        answers.push_back(members_[m]->answer(pixels.index_select(0, torch::tensor(rows[m])), own));
        order.insert(order.end(), rows[m].begin(), rows[m].end());
    }
    return torch::cat(answers).index_select(0, torch::tensor(order).argsort());
}

torch::Tensor BlackBox::answer(const torch::Tensor& pixels, const std::vector<Asked>& asked) {
    const torch::NoGradGuard no_grad;
    return network_.answer(pixels, asked);
}

}  // namespace xloop
