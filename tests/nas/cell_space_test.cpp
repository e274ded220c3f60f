#include "nas/cell_space.hpp"

#include "core/error.hpp"
#include "core/workload/float_network.hpp"
#include "core/workload/workload_graph.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace xloop {
namespace {

using testing::HasSubstr;

const CellSkeleton cifar10, cifar100{5, 16, 32, 100}, imagenet16_120{5, 16, 16, 120};
const CellSkeleton smallest{1, 1, 4, 1};

int layers_of(const NetworkSpec& net, LayerKind kind) {
    return static_cast<int>(std::count_if(net.layers.begin(), net.layers.end(),
                                          [kind](const LayerSpec& layer) { return layer.kind == kind; }));
}

/// Texts that exps/NAS-Bench-201/main.py of AutoDL-Projects asserts of its shuffled list; number 1 as its API prints it in
/// issue 18 of NATS-Bench.
TEST(CellOrder, GivenNumbersOfTheBenchmark_ThenTheArchitecturesAreItsOwn) {
    const std::map<int, std::string> published = {
        {0, "|avg_pool_3x3~0|+|nor_conv_1x1~0|skip_connect~1|+|nor_conv_1x1~0|skip_connect~1|skip_connect~2|"},
        {1, "|nor_conv_3x3~0|+|nor_conv_3x3~0|avg_pool_3x3~1|+|skip_connect~0|nor_conv_3x3~1|skip_connect~2|"},
        {9, "|avg_pool_3x3~0|+|none~0|none~1|+|skip_connect~0|none~1|nor_conv_3x3~2|"},
        {123, "|avg_pool_3x3~0|+|avg_pool_3x3~0|nor_conv_1x1~1|+|none~0|avg_pool_3x3~1|nor_conv_3x3~2|"},
    };
    for (const auto& [index, text] : published) {
        EXPECT_EQ(Cell::from_index(index).text(), text);
        EXPECT_EQ(Cell::parse(text).index(), index);
        EXPECT_EQ(Cell::named(text), Cell::named(std::to_string(index)));
    }
}

TEST(CellOrder, GivenAllNumbers_ThenEveryCellComesOnceAndIsReadBackFromItsText) {
    std::set<std::string> texts;
    for (int index = 0; index < Cell::count; ++index) {
        const Cell cell = Cell::from_index(index);
        ASSERT_EQ(cell.index(), index);
        ASSERT_EQ(Cell::parse(cell.text()), cell);
        texts.insert(cell.text());
    }
    EXPECT_EQ(texts.size(), 15625u);
}

TEST(CellText, GivenWhatIsNoArchitecture_ThenItSaysWhatIsWrong) {
    const std::vector<std::pair<std::string, std::string>> wrong = {
        {"", "1 node instead of 3"},
        {"|none~0|+|none~0|none~1|", "2 nodes instead of 3"},
        {"|none~0|+|none~0|+|none~0|none~1|none~2|", "`|none~0|` is not 2 edges between bars"},
        {"none~0|+|none~0|none~1|+|none~0|none~1|none~2|", "is not 1 edge between bars"},
        {"|none~0|+|none~0|none~0|+|none~0|none~1|none~2|", "`none~0` does not end in ~1"},
        {"|none|+|none~0|none~1|+|none~0|none~1|none~2|", "`none` does not end in ~0"},
        {"|nor_conv3x3~0|+|none~0|none~1|+|none~0|none~1|none~2|", "did you mean `nor_conv_3x3`?"},
        {"15625", "expected a number from 0 to 15624"},
        {"-1", "expected a number from 0 to 15624"},
        {"1e3", "1 node instead of 3"},
    };
    for (const auto& [text, message] : wrong)
        try {
            Cell::named(text);
            ADD_FAILURE() << text;
        } catch (const InputError& error) {
            EXPECT_THAT(error.what(), HasSubstr(message));
        }
}

/// By whether the edges 0-1 and 0-2 are there, 4 operations each, and 0-3 is not: neither, 5^3 of the others; 0-1 alone, no 1-3
/// and not both 1-2 and 2-3, 5^2 - 4^2; 0-2 alone, no 2-3, 5^2; both, neither 1-3 nor 2-3, 5.
TEST(Cell, GivenAllCells_ThenThoseWithoutAWayThroughAreAsManyAsCounted) {
    int unconnected = 0;
    for (int index = 0; index < Cell::count; ++index) {
        const Cell cell = Cell::from_index(index);
        unconnected += !cell.connected();
        ASSERT_EQ(cell.live().live(), cell.live());
    }
    EXPECT_EQ(unconnected, 125 + 4 * (25 - 16) + 4 * 25 + 16 * 5);
}

TEST(Cell, GivenEdgesThatLeadNowhere_ThenTheyAreNotLive) {
    // Node 1 is zero, and node 2 goes nowhere.
    EXPECT_EQ(
        Cell::parse("|none~0|+|nor_conv_3x3~0|skip_connect~1|+|skip_connect~0|nor_conv_1x1~1|none~2|").live().text(),
        "|none~0|+|none~0|none~1|+|skip_connect~0|none~1|none~2|");
    const Cell whole = Cell::parse("|nor_conv_3x3~0|+|none~0|avg_pool_3x3~1|+|none~0|none~1|skip_connect~2|");
    EXPECT_EQ(whole.live(), whole);
}

/// As the benchmark's API says: flops of number 0 in issue 24 of NATS-Bench; of number 1 in its issue 18, rounded; of the third in
/// its issue 36.
TEST(BenchmarkCounts, GivenPublishedFigures_ThenTheyAreTheSame) {
    const Cell zero = Cell::from_index(0), one = Cell::from_index(1);
    EXPECT_EQ(benchmark_counts(cifar10, zero).flops, 15'647'370);
    EXPECT_EQ(benchmark_counts(cifar100, zero).flops, 15'653'220);
    EXPECT_EQ(benchmark_counts(imagenet16_120, zero).flops, 3'919'480);
    const auto near = [](std::int64_t count, double millions, double half_unit) {
        EXPECT_NEAR(1e-6 * static_cast<double>(count), millions, half_unit);
    };
    near(benchmark_counts(cifar10, one).flops, 113.95, 0.005);
    near(benchmark_counts(cifar100, one).flops, 113.96, 0.005);
    near(benchmark_counts(imagenet16_120, one).flops, 28.50, 0.005);
    near(benchmark_counts(cifar10, one).parameters, 0.802, 0.0005);
    near(benchmark_counts(cifar100, one).parameters, 0.808, 0.0005);
    near(benchmark_counts(imagenet16_120, one).parameters, 0.810, 0.0005);
    const BenchmarkCounts third = benchmark_counts(
        cifar10,
        Cell::parse("|skip_connect~0|+|none~0|nor_conv_3x3~1|+|avg_pool_3x3~0|nor_conv_3x3~1|nor_conv_3x3~2|"));
    EXPECT_EQ(third.flops, 113'951'370);
    EXPECT_EQ(third.parameters, 802'426);
}

TEST(CellNetwork, GivenCellsThatAreLiveAsAWhole_ThenTheirNetworksHaveTheBenchmarksCounts) {
    int compared = 0;
    for (int index = 0; index < Cell::count; index += 11)
        if (const Cell cell = Cell::from_index(index); cell.live() == cell && cell.connected()) {
            ++compared;
            for (const CellSkeleton& skeleton : {cifar10, imagenet16_120}) {
                const NetworkSpec net = cell_network(skeleton, cell);
                const BenchmarkCounts counts = benchmark_counts(skeleton, cell);
                EXPECT_EQ(parameter_count(net), counts.parameters) << cell.text();
                EXPECT_EQ(build_graph(net).macs() + skeleton.classes, counts.flops) << cell.text();
            }
        }
    EXPECT_GT(compared, 300);
}

/// A weight for each operation, so that a value tells which ways lead to it.
constexpr std::int64_t conv_1x1 = 2, conv_3x3 = 3, pool = 5, rectify = 7;

/// The cell with weights for operations, straight from its definition.
std::int64_t value_of(const Cell& cell, std::int64_t input) {
    std::array<std::int64_t, Cell::nodes> nodes{input};
    for (int to = 1; to < Cell::nodes; ++to)
        for (int from = 0; from < to; ++from) {
            const std::int64_t value = nodes[static_cast<std::size_t>(from)];
            switch (cell.operation(from, to)) {
            case CellOperation::none: break;
            case CellOperation::skip_connect: nodes[static_cast<std::size_t>(to)] += value; break;
            case CellOperation::nor_conv_1x1: nodes[static_cast<std::size_t>(to)] += rectify * conv_1x1 * value; break;
            case CellOperation::nor_conv_3x3: nodes[static_cast<std::size_t>(to)] += rectify * conv_3x3 * value; break;
            case CellOperation::avg_pool_3x3: nodes[static_cast<std::size_t>(to)] += pool * value; break;
            }
        }
    return nodes.back();
}

/// The same of a network's layer, layer by layer.
std::map<std::string, std::int64_t> values_of(const NetworkSpec& net) {
    std::map<std::string, std::int64_t> values = {{"input", 1}};
    for (const LayerSpec& layer : net.layers) {
        std::int64_t value = 0;
        for (const std::string& input : layer.inputs)
            value += values.at(input);
        if (layer.kind == LayerKind::conv)
            value *= layer.kernel.front() == 1 ? conv_1x1 : conv_3x3;
        if (layer.kind == LayerKind::avg_pool && layer.name != "head_mean")
            value *= pool;
        if (layer.activation == ActivationFunction::relu)
            value *= rectify;
        values[layer.name] = value;
    }
    return values;
}

TEST(CellNetwork, GivenEveryConnectedCell_ThenItsNetworkComputesTheBenchmarksSkeleton) {
    for (int index = 0; index < Cell::count; ++index) {
        const Cell cell = Cell::from_index(index);
        if (!cell.connected())
            continue;
        std::int64_t expected = value_of(cell, conv_3x3);
        for (int stage = 1; stage < 3; ++stage)
            expected = value_of(cell, rectify * conv_3x3 * rectify * conv_3x3 * expected + pool * conv_1x1 * expected);
        ASSERT_EQ(values_of(cell_network(smallest, cell)).at("classifier"), rectify * expected) << cell.text();
    }
}

TEST(CellNetwork, GivenAChainOfConvolutions_ThenReluTakesNoLayerButAtTheStagesEnds) {
    const NetworkSpec net =
        cell_network(cifar10, Cell::parse("|none~0|+|none~0|none~1|+|nor_conv_3x3~0|none~1|none~2|"));
    EXPECT_EQ(layers_of(net, LayerKind::conv), 1 + 15 + 2 * 3);
    EXPECT_EQ(layers_of(net, LayerKind::activation), 2) << "the shortcut reads the map as it is";
    EXPECT_EQ(layers_of(net, LayerKind::add), 2);
    EXPECT_EQ(layers_of(net, LayerKind::avg_pool), 2 + 1);
}

TEST(CellNetwork, GivenSkipsAlone_ThenNothingIsLeftOfTheCells) {
    const NetworkSpec net =
        cell_network(cifar10, Cell::parse("|none~0|+|none~0|none~1|+|skip_connect~0|none~1|none~2|"));
    EXPECT_EQ(layers_of(net, LayerKind::conv), 1 + 2 * 3);
    EXPECT_EQ(layers_of(net, LayerKind::add), 2);
}

TEST(CellNetwork, GivenAPool_ThenPaddingDoesNotCount) {
    const NetworkSpec net =
        cell_network(smallest, Cell::parse("|none~0|+|none~0|none~1|+|avg_pool_3x3~0|none~1|none~2|"));
    const auto pool_layer = std::find_if(net.layers.begin(), net.layers.end(),
                                         [](const LayerSpec& layer) { return layer.name == "cell1_1_edge03"; });
    ASSERT_NE(pool_layer, net.layers.end());
    EXPECT_EQ(pool_layer->kernel, std::vector<int>{3});
    EXPECT_EQ(pool_layer->padding, std::vector<int>{1});
    EXPECT_FALSE(pool_layer->count_padding);
}

TEST(CellNetwork, GivenANetworkFile_ThenItReadsBack) {
    const NetworkSpec net = cell_network(cifar10, Cell::from_index(123));
    EXPECT_EQ(network_yaml(parse_network(network_yaml(net), "net.yaml")), network_yaml(net));
}

TEST(CellNetwork, GivenNoWayThroughOrAnOddSize_ThenItIsRefused) {
    EXPECT_THROW(cell_network(cifar10, Cell()), InputError);
    EXPECT_THROW(cell_network({5, 16, 30, 10}, Cell::from_index(0)), InputError);
}

}  // namespace
}  // namespace xloop
