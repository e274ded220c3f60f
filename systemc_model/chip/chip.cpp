#include "systemc_model/chip/chip.hpp"

#include "core/error.hpp"
#include "core/parallel.hpp"

#include <algorithm>
#include <optional>

namespace xloop {

Chip::Chip(const WorkloadGraph& graph, const HardwareConfig& hardware, int threads)
    : graph_(graph), hardware_(hardware), mapping_(map_network(graph, hardware)) {
    if (!graph.has_weights())
        throw Error("a chip needs a network with weights");
    struct Job {
        int layer, block;
    };
    std::vector<Job> jobs;
    std::vector<std::optional<ProgrammedArray>> programmed;
    for (std::size_t l = 0; l < mapping_.layers.size(); ++l)
        for (std::size_t b = 0; b < mapping_.layers[l].blocks.size(); ++b)
            jobs.push_back({static_cast<int>(l), static_cast<int>(b)});
    programmed.resize(jobs.size());
    parallel_for(static_cast<int>(jobs.size()), threads, [&](int j) {
        const GraphLayer& layer = graph_.layers[jobs[j].layer];
        const PlacedBlock& block = mapping_.layers[jobs[j].layer].blocks[jobs[j].block];
        const std::int8_t* first = layer.weights->data() + static_cast<std::ptrdiff_t>(block.out_begin) * layer.rows() +
                                   block.row_begin;
        programmed[j].emplace(first, block.outs, block.rows, layer.rows(), hardware_, block.array_id);
    });
    arrays_.resize(mapping_.layers.size());
    for (std::size_t j = 0; j < jobs.size(); ++j)
        arrays_[jobs[j].layer].push_back(std::move(*programmed[j]));
}

void Chip::multiply(int layer_index, std::int64_t image, int first_position, int count, const std::uint8_t* windows,
                    std::int32_t* accumulators) const {
    const GraphLayer& layer = graph_.layers[layer_index];
    const LayerMapping& placed = mapping_.layers[layer_index];
    std::fill_n(accumulators, static_cast<std::ptrdiff_t>(count) * layer.out.channels, 0);
    for (std::size_t b = 0; b < placed.blocks.size(); ++b) {
        const PlacedBlock& block = placed.blocks[b];
        const ProgrammedArray& array = arrays_[layer_index][b];
        for (int p = 0; p < count; ++p) {
            const std::uint8_t* inputs =
                windows + (static_cast<std::ptrdiff_t>(p) * layer.groups + block.group) * layer.rows() + block.row_begin;
            array.multiply(inputs, image, first_position + p,
                           accumulators + static_cast<std::ptrdiff_t>(p) * layer.out.channels + block.out_begin);
        }
    }
}

std::vector<std::vector<std::int32_t>> run_images(const WorkloadGraph& graph, const MatrixEngine& engine,
                                                  const std::uint8_t* pixels, int first, int count, int threads) {
    std::vector<std::vector<std::int32_t>> logits(static_cast<std::size_t>(count));
    parallel_for(count, threads, [&](int i) {
        const int image = first + i;
        logits[i] = run_graph(graph, engine, pixels + static_cast<std::ptrdiff_t>(image) * graph.input.size(), image);
    });
    return logits;
}

double top1(const std::vector<std::vector<std::int32_t>>& logits, const std::uint8_t* labels) {
    if (logits.empty())
        return 0.0;
    int right = 0;
    for (std::size_t i = 0; i < logits.size(); ++i)
        right += std::max_element(logits[i].begin(), logits[i].end()) - logits[i].begin() == labels[i];
    return static_cast<double>(right) / static_cast<double>(logits.size());
}

}  // namespace xloop
