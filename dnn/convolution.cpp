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
    std::int64_t in = 1, out = 1;
    Pair map{}, kernel{1, 1};
    ConvolutionSettings settings;

    auto key() const {
        return std::tie(in, out, map, kernel, settings.stride, settings.padding, settings.dilation, settings.groups);
    }
    bool operator<(const ConvolutionShape& o) const { return key() < o.key(); }
    std::string text() const { return fmt::format("{} to {} channels, {} x {} kernel", in, out, kernel[0], kernel[1]); }
};

/// To vectors of 16 numbers, the longest in use.
std::int64_t rounded(std::int64_t channels) { return (channels + 15) / 16 * 16; }

/// Leaves memory of the sizes that a convolution asks for full of NaN, so that what is read before it is written shows. What
/// is returned lies between and keeps the system from taking that memory back as long as it lives.
std::vector<torch::Tensor> foul_memory(const ConvolutionShape& s) {
    const std::int64_t positions = 2 * (s.map[0] + 2 * s.settings.padding[0]) * (s.map[1] + 2 * s.settings.padding[1]);
    std::vector<torch::Tensor> fouled, between;
    for (std::int64_t size : {rounded(s.in) * positions, rounded(s.out) * positions,
                              rounded(s.in) * rounded(s.out) * s.kernel[0] * s.kernel[1]})
        for (int copies = 0; copies < 4; ++copies) {
            fouled.push_back(torch::full({size}, std::numeric_limits<float>::quiet_NaN()));
            between.push_back(torch::zeros({512}));
        }
    return between;
}

torch::Tensor convolve_on(ConvolutionPath path, const Convolve& library, const torch::Tensor& x,
                          const torch::Tensor& weight, const torch::Tensor& bias, const ConvolutionSettings& settings) {
    if (path != ConvolutionPath::padded || settings.groups > 1)  // groups have no room for more channels
        return library(x, weight, bias, settings);
    const std::int64_t out = weight.size(0), more_in = rounded(x.size(1)) - x.size(1), more_out = rounded(out) - out;
    return library(torch::constant_pad_nd(x, {0, 0, 0, 0, 0, more_in}),
                   torch::constant_pad_nd(weight, {0, 0, 0, 0, 0, more_in, 0, more_out}),
                   bias.defined() ? torch::constant_pad_nd(bias, {0, more_out}) : bias, settings)
        .narrow(1, 0, out);
}

/// Output and the gradients to input and weight.
using Results = std::array<torch::Tensor, 3>;

Results results_of(const Convolve& library, ConvolutionPath path, const ConvolutionShape& s,
                   const std::array<torch::Tensor, 3>& values) {
    const torch::Tensor x = values[0].detach().clone().requires_grad_(),
                        w = values[1].detach().clone().requires_grad_();
    const torch::Tensor y = convolve_on(path, library, x, w, {}, s.settings);
    y.backward(values[2].narrow(2, 0, y.size(2)).narrow(3, 0, y.size(3)).contiguous());
    return {y.detach(), x.grad(), w.grad()};
}

/// Relative to the largest value of the tensor where it is largest; infinite for what is not a number.
double error_of(const Convolve& library, ConvolutionPath path, const ConvolutionShape& s, torch::Generator& generator) {
    const auto draw = [&generator](torch::IntArrayRef sizes) { return torch::randn(sizes, generator); };
    const std::array<torch::Tensor, 3> values{
        draw({2, s.in, s.map[0], s.map[1]}), draw({s.out, s.in / s.settings.groups, s.kernel[0], s.kernel[1]}),
        draw({2, s.out, s.map[0] + 2 * s.settings.padding[0], s.map[1] + 2 * s.settings.padding[1]})};
    const auto exact = [&values](std::size_t i) { return values[i].to(torch::kFloat64); };
    const torch::AutoGradMode with_gradients(true);  // a subnet may be extracted where gradients are off
    const std::vector<torch::Tensor> between = foul_memory(s);
    const Results got = results_of(library, path, s, values);
    const Results expected = results_of(library, path, s, {exact(0), exact(1), exact(2)});
    double worst = 0.0;
    for (std::size_t i = 0; i < got.size(); ++i) {
        const double scale = expected[i].abs().max().item<double>();
        const double error = (got[i].to(torch::kFloat64) - expected[i]).abs().max().item<double>();
        worst = std::isfinite(error) ? std::max(worst, scale > 0.0 ? error / scale : error)
                                     : std::numeric_limits<double>::infinity();
    }
    return worst;
}

/// The map is cut to a few positions: what is wrong depends on channels.
ConvolutionShape shape_of(const GraphLayer& layer) {
    const auto pair = [&layer](auto value_of_axis) {
        return Pair{value_of_axis(layer.window.y), value_of_axis(layer.window.x)};
    };
    const auto cut = [](int size, const WindowAxis& axis) { return std::min(size, std::max(12, axis.reach())); };
    ConvolutionShape shape;
    shape.in = layer.in.channels;
    shape.out = layer.out.channels;
    shape.map = {cut(layer.in.height, layer.window.y), cut(layer.in.width, layer.window.x)};
    shape.kernel = pair([](const WindowAxis& axis) { return axis.kernel; });
    shape.settings = {pair([](const WindowAxis& axis) { return axis.stride; }),
                      pair([](const WindowAxis& axis) { return std::max(axis.before, axis.after); }),
                      pair([](const WindowAxis& axis) { return axis.dilation; }), layer.groups};
    return shape;
}

/// The convolutions of a space, each once.
std::set<ConvolutionShape> shapes_of(const NetworkSpec& space) {
    constexpr std::uint64_t most_subnets = 512;  // evenly spread over the space; shapes repeat long before
    std::set<ConvolutionShape> shapes;
    const std::uint64_t subnets = std::min(space.path_count(), most_subnets);
    for (std::uint64_t i = 0; i < subnets; ++i) {
        const std::uint64_t index = subnets == 1 ? 0 : i * ((space.path_count() - 1) / (subnets - 1));
        for (const GraphLayer& layer : build_graph(space.resolve(space.path(index))).layers)
            if (layer.kind == LayerKind::conv)
                shapes.insert(shape_of(layer));
    }
    return shapes;
}

void use_onednn(bool on) { at::globalContext().setUserEnabledMkldnn(on); }

}  // namespace

struct ConvolutionTrials::State {
    Convolve library;
    std::mutex one_at_a_time;
    std::set<ConvolutionShape> tried;
    ConvolutionCheck check;

    /// The first sentence of the remedy; empty when all are right on the path.
    std::string wrong_among(const std::set<ConvolutionShape>& shapes) {
        // Sums of a few thousand products in single precision end within 1e-5; unwritten memory is wrong in the first digit.
        constexpr double tolerance = 1e-3;
        torch::Generator generator = torch::make_generator<at::CPUGeneratorImpl>(1);
        int wrong = 0;
        std::string first;
        for (const ConvolutionShape& shape : shapes) {
            const double error = error_of(library, check.path, shape, generator);
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
    : ConvolutionTrials([](const torch::Tensor& x, const torch::Tensor& weight, const torch::Tensor& bias,
                           const ConvolutionSettings& s) {
          return torch::conv2d(x, weight, bias, s.stride, s.padding, s.dilation, s.groups);
      }) {}

ConvolutionTrials::ConvolutionTrials(Convolve library) : state_(new State) { state_->library = std::move(library); }

ConvolutionTrials::~ConvolutionTrials() = default;

void ConvolutionTrials::add(const NetworkSpec& space) {
    State& s = *state_;
    const std::lock_guard<std::mutex> lock(s.one_at_a_time);
    std::set<ConvolutionShape> untried;
    for (const ConvolutionShape& shape : shapes_of(space))
        if (s.tried.count(shape) == 0)
            untried.insert(shape);
    std::string wrong = s.wrong_among(untried);
    const std::string first_wrong = wrong;
    while (!wrong.empty()) {
        if (s.check.path == ConvolutionPath::no_onednn)
            throw Error(wrong + ", with oneDNN and without; install another build of LibTorch");
        s.check.path = s.check.path == ConvolutionPath::onednn ? ConvolutionPath::padded : ConvolutionPath::no_onednn;
        use_onednn(s.check.path != ConvolutionPath::no_onednn);
        s.check.worst_error = 0.0;
        untried.insert(s.tried.begin(), s.tried.end());
        wrong = s.wrong_among(untried);
    }
    if (!first_wrong.empty())
        s.check.remedy = first_wrong + (s.check.path == ConvolutionPath::padded
                                            ? "; their channels are padded to multiples of 16 here: slower, and right"
                                            : "; they go without oneDNN here: slower, and right");
    s.tried.insert(untried.begin(), untried.end());
    s.check.shapes = static_cast<int>(s.tried.size());
}

ConvolutionCheck ConvolutionTrials::check() const { return state_->check; }

torch::Tensor ConvolutionTrials::convolve(const torch::Tensor& x, const torch::Tensor& weight,
                                          const torch::Tensor& bias, const ConvolutionSettings& settings) const {
    return convolve_on(state_->check.path, state_->library, x, weight, bias, settings);
}

ConvolutionTrials& convolution_trials() {
    static ConvolutionTrials of_process;
    return of_process;
}

}  // namespace xloop
