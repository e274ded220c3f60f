#include "systemc_model/chip/recalibrate.hpp"

#include "core/error.hpp"
#include "core/parallel.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace xloop {
namespace {

/// Of the sums of each output channel over all images and positions.
struct Statistics {
    std::vector<double> mean, variance;
};

Statistics statistics(const std::vector<std::vector<std::int32_t>>& sums, int channels) {
    const auto width = static_cast<std::size_t>(channels);
    const auto mean_of = [&](const auto& figure) {
        std::vector<double> total(width, 0.0);
        std::size_t count = 0;
        for (const std::vector<std::int32_t>& image : sums) {
            for (std::size_t i = 0; i < image.size(); ++i)
                total[i % width] += figure(image[i], i % width);
            count += image.size() / width;
        }
        for (double& t : total)
            t /= static_cast<double>(count);
        return total;
    };
    Statistics result;
    result.mean = mean_of([](double value, std::size_t) { return value; });
    result.variance = mean_of([&](double value, std::size_t channel) {
        const double distance = value - result.mean[channel];
        return distance * distance;
    });
    return result;
}

double gain(double exact_variance, double chip_variance) {
    return exact_variance > 0.0 && chip_variance > 0.0 ? std::sqrt(exact_variance / chip_variance) : 1.0;
}

/// What the exact sums' deviations are over the chip's, by channel.
std::vector<double> gains(const GraphLayer& layer, const Statistics& exact, const Statistics& chip, bool one_output) {
    std::vector<double> result(exact.mean.size(), 1.0);
    if (!layer.is_output) {
        std::transform(exact.variance.begin(), exact.variance.end(), chip.variance.begin(), result.begin(), gain);
    } else if (one_output) {
        const auto sum = [](const std::vector<double>& values) {
            return std::accumulate(values.begin(), values.end(), 0.0);
        };
        std::fill(result.begin(), result.end(), gain(sum(exact.variance), sum(chip.variance)));
    }
    return result;
}

void correct(GraphLayer& layer, const Statistics& exact, const Statistics& chip, bool one_output) {
    constexpr double most = 1 << 30;  // the sum beside it has room
    const std::vector<double> by = gains(layer, exact, chip, one_output);
    std::vector<std::int32_t> bias;
    for (std::size_t o = 0; o < by.size(); ++o) {
        const double exact_mean = exact.mean[o] + (*layer.bias)[o];
        bias.push_back(
            static_cast<std::int32_t>(std::lround(std::clamp(exact_mean / by[o] - chip.mean[o], -most, most))));
        if (!layer.is_output)
            layer.rescale[o] = Rescale::from_real(layer.rescale[o].real() * by[o]);
    }
    if (layer.is_output)
        layer.output_scale *= by.front();
    layer.bias = std::make_shared<const std::vector<std::int32_t>>(std::move(bias));
}

}  // namespace

WorkloadGraph recalibrate(const WorkloadGraph& graph, const MatrixEngine& chip, CalibrationImages images, int threads,
                          const Watch& watch) {
    if (images.count < 1)
        throw Error("recalibration needs images");
    WorkloadGraph corrected = graph;
    const IntegerEngine exact(graph);
    std::vector<ImageRun> exact_runs, chip_runs;
    for (int i = 0; i < images.count; ++i) {
        const std::uint8_t* image = images.pixels + static_cast<std::ptrdiff_t>(i) * graph.input.size();
        exact_runs.emplace_back(graph, image, i);
        chip_runs.emplace_back(corrected, image, i);
    }
    const double all_macs = static_cast<double>(graph.macs());
    double done_macs = 0.0;
    std::vector<std::vector<std::int32_t>> exact_sums(exact_runs.size()), chip_sums(exact_runs.size());
    for (std::size_t l = 0; l < graph.layers.size(); ++l) {
        const int index = static_cast<int>(l);
        const GraphLayer& layer = graph.layers[l];
        if (layer.on_crossbars()) {
            parallel_for(images.count, threads, [&](int i) {
                exact_sums[i] = exact_runs[i].sums(index, exact);
                chip_sums[i] = chip_runs[i].sums(index, chip);
            });
            correct(corrected.layers[l], statistics(exact_sums, layer.out.channels),
                    statistics(chip_sums, layer.out.channels), graph.outputs.size() == 1);
        }
        parallel_for(images.count, threads, [&](int i) {
            exact_runs[i].finish(index, exact_sums[i]);
            chip_runs[i].finish(index, chip_sums[i]);
        });
        done_macs += static_cast<double>(layer.macs());
        if (watch)
            watch({done_macs / all_macs});
    }
    return corrected;
}

}  // namespace xloop
