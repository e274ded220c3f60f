#include "dnn/convolution.hpp"

#include "core/error.hpp"
#include "core/workload/workload_graph.hpp"

#include <ATen/Context.h>
#include <fmt/format.h>
#include <torch/torch.h>
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <mutex>
#include <set>
#include <tuple>
#include <vector>

namespace xloop {
namespace {

using Pair = std::array<std::int64_t, 2>;  ///< height, width

struct ConvolutionShape {
    std::int64_t in = 1, out = 1, groups = 1;
    Pair map{}, kernel{1, 1}, stride{1, 1}, padding{}, dilation{1, 1};

    auto key() const { return std::tie(in, out, groups, map, kernel, stride, padding, dilation); }
    bool operator<(const ConvolutionShape& o) const { return key() < o.key(); }
    std::string text() const { return fmt::format("{} to {} channels, {} x {} kernel", in, out, kernel[0], kernel[1]); }
};

/// Output and the gradients to input and weight.
using Results = std::array<torch::Tensor, 3>;

/// Leaves memory of the sizes that a convolution asks for full of NaN, so that what is read before it is written shows.
/// Blocked formats round channels up to 16.
void foul_memory(const ConvolutionShape& s) {
    const auto rounded = [](std::int64_t channels) { return (channels + 15) / 16 * 16; };
    const std::int64_t positions = 2 * (s.map[0] + 2 * s.padding[0]) * (s.map[1] + 2 * s.padding[1]);
    std::vector<torch::Tensor> fouled;
    for (std::int64_t size : {rounded(s.in) * positions, rounded(s.out) * positions,
                              rounded(s.in) * rounded(s.out) * s.kernel[0] * s.kernel[1]})
        for (int copies = 0; copies < 4; ++copies)
            fouled.push_back(torch::full({size}, std::numeric_limits<float>::quiet_NaN()));
}

Results results_of(const Convolve& convolve, const ConvolutionShape& s, const std::array<torch::Tensor, 3>& values) {
    const torch::Tensor x = values[0].detach().clone().requires_grad_(),
                        w = values[1].detach().clone().requires_grad_();
    const torch::Tensor y = convolve(x, w, s.stride, s.padding, s.dilation, s.groups);
    y.backward(values[2].narrow(2, 0, y.size(2)).narrow(3, 0, y.size(3)).contiguous());
    return {y.detach(), x.grad(), w.grad()};
}

double error_of(const Convolve& convolve, const ConvolutionShape& s, torch::Generator& generator) {
    const auto draw = [&generator](torch::IntArrayRef sizes) { return torch::randn(sizes, generator); };
    const std::array<torch::Tensor, 3> values{
        draw({2, s.in, s.map[0], s.map[1]}), draw({s.out, s.in / s.groups, s.kernel[0], s.kernel[1]}),
        draw({2, s.out, s.map[0] + 2 * s.padding[0], s.map[1] + 2 * s.padding[1]})};
    const auto exact = [&values](std::size_t i) { return values[i].to(torch::kFloat64); };
    const torch::AutoGradMode with_gradients(true);  // a subnet may be extracted where gradients are off
    foul_memory(s);
    const Results got = results_of(convolve, s, values);
    const Results expected = results_of(convolve, s, {exact(0), exact(1), exact(2)});
    double worst = 0.0;
    for (std::size_t i = 0; i < got.size(); ++i) {
        const double scale = expected[i].abs().max().item<double>();
        const double error = (got[i].to(torch::kFloat64) - expected[i]).abs().max().item<double>();
        worst = std::isfinite(error) ? std::max(worst, scale > 0.0 ? error / scale : error)
                                     : std::numeric_limits<double>::infinity();
    }
    return worst;
}

/// The convolutions of a space, each once. Maps are cut to a few positions: what is wrong depends on channels.
std::set<ConvolutionShape> shapes_of(const NetworkSpec& space) {
    constexpr std::uint64_t most_subnets = 512;  // evenly spread over the space; shapes repeat long before
    constexpr int most_positions = 12;           // along each axis of the map
    const auto pair = [](const GraphLayer& layer, auto value_of_axis) {
        return Pair{value_of_axis(layer.window.y), value_of_axis(layer.window.x)};
    };
    const auto cut = [](int size, const WindowAxis& axis) {
        return std::min(size, std::max(most_positions, axis.reach()));
    };
    std::set<ConvolutionShape> shapes;
    const std::uint64_t subnets = std::min(space.path_count(), most_subnets);
    for (std::uint64_t i = 0; i < subnets; ++i) {
        const std::uint64_t index = subnets == 1 ? 0 : i * ((space.path_count() - 1) / (subnets - 1));
        for (const GraphLayer& layer : build_graph(space.resolve(space.path(index))).layers)
            if (layer.kind == LayerKind::conv)
                shapes.insert({layer.in.channels,
                               layer.out.channels,
                               layer.groups,
                               {cut(layer.in.height, layer.window.y), cut(layer.in.width, layer.window.x)},
                               pair(layer, [](const WindowAxis& a) { return a.kernel; }),
                               pair(layer, [](const WindowAxis& a) { return a.stride; }),
                               pair(layer, [](const WindowAxis& a) { return std::max(a.before, a.after); }),
                               pair(layer, [](const WindowAxis& a) { return a.dilation; })});
    }
    return shapes;
}

}  // namespace

struct ConvolutionTrials::State {
    Convolve convolve;
    mutable std::mutex mutex;
    std::set<ConvolutionShape> tried;
    ConvolutionCheck check;

    /// Empty when all are right.
    std::string wrong_among(const std::set<ConvolutionShape>& shapes) {
        // Sums of a few thousand products in single precision end within 1e-5; unwritten memory is wrong in the first digit.
        constexpr double tolerance = 1e-3;
        torch::Generator generator = torch::make_generator<at::CPUGeneratorImpl>(1);
        int wrong = 0;
        std::string first;
        for (const ConvolutionShape& shape : shapes) {
            const double error = error_of(convolve, shape, generator);
            check.worst_error = std::max(check.worst_error, error);
            if (error > tolerance && wrong++ == 0)
                first = shape.text();
        }
        return wrong == 0 ? std::string()
                          : fmt::format(
                                "{} of {} convolutions of this network are wrong in LibTorch {} on this machine "
                                "(the first: {})",
                                wrong, shapes.size(), TORCH_VERSION, first);
    }
};

ConvolutionTrials::ConvolutionTrials()
    : ConvolutionTrials(
          [](const torch::Tensor& x, const torch::Tensor& weight, Pair stride, Pair padding, Pair dilation,
             std::int64_t groups) { return torch::conv2d(x, weight, {}, stride, padding, dilation, groups); }) {}

ConvolutionTrials::ConvolutionTrials(Convolve convolve) : state_(new State) { state_->convolve = std::move(convolve); }

ConvolutionTrials::~ConvolutionTrials() = default;

void ConvolutionTrials::add(const NetworkSpec& space) {
    State& s = *state_;
    const std::lock_guard<std::mutex> lock(s.mutex);
    std::set<ConvolutionShape> fresh;
    for (const ConvolutionShape& shape : shapes_of(space))
        if (s.tried.count(shape) == 0)
            fresh.insert(shape);
    std::string wrong = s.wrong_among(fresh);
    if (!wrong.empty() && s.check.path == ConvolutionPath::onednn) {
        at::globalContext().setUserEnabledMkldnn(false);
        s.check = {ConvolutionPath::no_onednn, 0, 0.0, wrong + "; they go without oneDNN here: more slowly, and right"};
        fresh.insert(s.tried.begin(), s.tried.end());
        wrong = s.wrong_among(fresh);
    }
    if (!wrong.empty())
        throw Error(wrong + ", without oneDNN too; install another build of LibTorch");
    s.tried.insert(fresh.begin(), fresh.end());
    s.check.shapes = static_cast<int>(s.tried.size());
}

ConvolutionCheck ConvolutionTrials::check() const {
    const std::lock_guard<std::mutex> lock(state_->mutex);
    return state_->check;
}

ConvolutionTrials& convolution_trials() {
    static ConvolutionTrials of_process;
    return of_process;
}

}  // namespace xloop
