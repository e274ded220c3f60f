#include "systemc_model/mapping/zero_weights.hpp"

#include "systemc_model/mapping/partition.hpp"

#include <algorithm>

namespace xloop {
namespace {

/// Signed codes of one bit are -1 and 0.
constexpr int fewest_bits = 2;

/// Numbers with a mark; the first if there is none, as an array holds something.
std::vector<int> marked(const std::vector<bool>& marks) {
    std::vector<int> numbers;
    for (std::size_t i = 0; i < marks.size(); ++i)
        if (marks[i])
            numbers.push_back(static_cast<int>(i));
    if (numbers.empty())
        numbers.push_back(0);
    return numbers;
}

}  // namespace

std::shared_ptr<const HeldMatrix> held_matrix(const GraphLayer& layer) {
    if (!layer.on_crossbars() || !layer.weights)
        return nullptr;
    const auto rows = static_cast<std::size_t>(layer.rows()),
               outs = static_cast<std::size_t>(layer.out.channels / layer.groups);
    std::vector<bool> row_used(rows, false), out_used(outs, false);
    for (std::size_t i = 0; i < layer.weights->size(); ++i)
        if ((*layer.weights)[i] != 0)
            row_used[i % rows] = out_used[i / rows % outs] = true;
    HeldMatrix held{marked(row_used), marked(out_used)};
    if (held.rows.size() == rows && held.outs.size() == outs)
        return nullptr;
    return std::make_shared<const HeldMatrix>(std::move(held));
}

int fullest_column(const GraphLayer& layer, const HardwareConfig& hardware) {
    const int at_once = hardware.crossbar.rows_at_once();
    int fullest = 1;
    for (const MatrixBlock& block :
         partition_layer(0, layer.groups, layer.held_outputs(), layer.held_rows(), hardware)) {
        const int rows = block.rows_of_group(), outs = block.outs / block.groups;
        std::vector<int> counts(static_cast<std::size_t>(hardware.read_groups(block.rows)));
        for (int out = 0; out < block.outs; ++out) {
            const std::size_t first = static_cast<std::size_t>(layer.held_channel(block.out_begin + out)) *
                                      static_cast<std::size_t>(layer.rows());
            std::fill(counts.begin(), counts.end(), 0);
            for (int r = 0; r < rows; ++r)
                if (!layer.weights ||
                    (*layer.weights)[first + static_cast<std::size_t>(layer.matrix_row(block.row_begin + r))] != 0)
                    ++counts[static_cast<std::size_t>((out / outs * rows + r) / at_once)];
            fullest = std::max(fullest, *std::max_element(counts.begin(), counts.end()));
        }
    }
    return fullest;
}

std::vector<int> spared_bits(const WorkloadGraph& graph, const HardwareKinds& kinds) {
    std::vector<int> spared(graph.layers.size(), 0);
    for (std::size_t l = 0; l < spared.size(); ++l) {
        const GraphLayer& layer = graph.layers[l];
        const HardwareConfig& hardware = kinds.layer(static_cast<int>(l));
        if (!layer.on_crossbars() || !hardware.spares_bits())
            continue;
        const int fullest = fullest_column(layer, hardware);
        while (hardware.adc.range_bits() - spared[l] > fewest_bits &&
               fullest << (spared[l] + 1) <= hardware.crossbar.rows_at_once())
            ++spared[l];
    }
    return spared;
}

}  // namespace xloop
