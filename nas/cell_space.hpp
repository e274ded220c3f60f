#pragma once

#include "core/workload/network_spec.hpp"

#include <array>
#include <cstdint>
#include <string>

namespace xloop {

/// What an edge of a cell computes, in the order of NAS-Bench-201 (Dong and Yang, ICLR 2020, arXiv 2001.00326). A conv is
/// ReLU, convolution, batch normalisation.
enum class CellOperation { none, skip_connect, nor_conv_1x1, nor_conv_3x3, avg_pool_3x3 };
constexpr auto names_of(CellOperation) {
    return std::array{"none", "skip_connect", "nor_conv_1x1", "nor_conv_3x3", "avg_pool_3x3"};
}

/// An architecture of NAS-Bench-201: a cell of four nodes, each the sum of what its edges make of all nodes before it. Node 0
/// is the input, node 3 the output.
struct Cell {
    static constexpr int nodes = 4, edges = 6;
    static constexpr int count = 15625;  ///< of different cells, 5^6

    std::array<CellOperation, edges> operations{};  ///< of the edges 0-1, 0-2, 1-2, 0-3, 1-3, 2-3

    CellOperation operation(int from, int to) const { return operations[static_cast<std::size_t>(edge(from, to))]; }
    static constexpr int edge(int from, int to) { return to * (to - 1) / 2 + from; }

    /// "|op~0|+|op~0|op~1|+|op~0|op~1|op~2|", as the benchmark writes it.
    std::string text() const;
    /// The inverse. Throws InputError.
    static Cell parse(const std::string& text);

    /// The benchmark's own number in [0, count): what its API and HW-NAS-Bench (Li et al., ICLR 2021, arXiv 2103.10584) take.
    int index() const;
    /// The inverse. Throws InputError where there is no such number.
    static Cell from_index(int index);
    /// From either: a text, or a number as text. Throws InputError.
    static Cell named(const std::string& word);

    /// Whether the output depends on the input.
    bool connected() const;
    /// Without the edges that are on no way from the input to the output: they are `none`. The network computes the same, but for
    /// constants: what convolutions make of zeros.
    Cell live() const;

    bool operator==(const Cell& o) const { return operations == o.operations; }
    bool operator!=(const Cell& o) const { return !(*this == o); }
};

/// What the cells of a network are put into: a stem, then three stages of equal cells with a residual block between two of them
/// that halves the map and doubles the channels, then batch normalisation, ReLU, the mean of the map and a classifier.
struct CellSkeleton {
    int cells = 5;      ///< in each stage
    int channels = 16;  ///< of the first stage
    int size = 32;      ///< height and width of the images, which have 3 channels; a multiple of 4
    int classes = 10;
};

/// The network of a cell, as the chip runs it: only live() is built, a skip takes no layer, a node of one summand no addition,
/// and a ReLU that is all that reads a convolution or a sum is done with it. Throws InputError where the cell is not connected
/// or the size is no multiple of 4.
NetworkSpec cell_network(const CellSkeleton& skeleton, const Cell& cell);

/// What the benchmark says of a network: of all edges, live or not.
struct BenchmarkCounts {
    std::int64_t parameters = 0;
    std::int64_t flops = 0;  ///< multiply-accumulates of convolutions and classifier, and the classifier's biases
};
BenchmarkCounts benchmark_counts(const CellSkeleton& skeleton, const Cell& cell);

}  // namespace xloop
