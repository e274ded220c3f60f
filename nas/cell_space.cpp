#include "nas/cell_space.hpp"

#include "core/error.hpp"
#include "core/names.hpp"
#include "core/words.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <algorithm>
#include <charconv>
#include <map>
#include <numeric>
#include <optional>
#include <utility>

namespace xloop {
namespace {

constexpr int operation_count = 5;
constexpr int stages = 3;

/// The numbers that CPython's `random` draws after random.seed(key) with a key of 32 bits: MT19937, initialised by an array
/// (Matsumoto and Nishimura, ACM TOMACS 1998, and their revision of 2002). Not for anything but the order of the benchmark.
class PythonRandom {
public:
    explicit PythonRandom(std::uint32_t key) {
        state_[0] = 19650218u;
        for (std::uint32_t i = 1; i < size; ++i)
            state_[i] = 1812433253u * mixed(i - 1) + i;
        std::uint32_t at = 1;
        const auto advance = [&] {
            if (++at == size) {
                state_[0] = state_[size - 1];
                at = 1;
            }
        };
        for (std::uint32_t i = 0; i < size; ++i, advance())
            state_[at] = (state_[at] ^ (mixed(at - 1) * 1664525u)) + key;
        for (std::uint32_t i = 1; i < size; ++i, advance())
            state_[at] = (state_[at] ^ (mixed(at - 1) * 1566083941u)) - at;
        state_[0] = 0x80000000u;
    }

    /// In [0, n): as many bits as n has, again until they are less than n.
    std::uint32_t below(std::uint32_t n) {
        int bits = 0;
        while (n >> bits != 0)
            ++bits;
        std::uint32_t drawn = n;
        while (drawn >= n)
            drawn = next() >> (32 - bits);
        return drawn;
    }

private:
    static constexpr std::uint32_t size = 624, far = 397;

    std::uint32_t mixed(std::uint32_t i) const { return state_[i] ^ (state_[i] >> 30); }

    std::uint32_t next() {
        if (at_ == size)
            renew();
        std::uint32_t y = state_[at_++];
        y ^= y >> 11;
        y ^= (y << 7) & 0x9d2c5680u;
        y ^= (y << 15) & 0xefc60000u;
        return y ^ (y >> 18);
    }

    void renew() {
        for (std::uint32_t i = 0; i < size; ++i) {
            const std::uint32_t y = (state_[i] & 0x80000000u) | (state_[(i + 1) % size] & 0x7fffffffu);
            state_[i] = state_[(i + far) % size] ^ (y >> 1) ^ (y % 2 == 0 ? 0u : 0x9908b0dfu);
        }
        at_ = 0;
    }

    std::array<std::uint32_t, size> state_;
    std::uint32_t at_ = size;
};

/// Which cell has which number. The benchmark's authors shuffled all cells, counted with the last edge fastest, by Python's
/// random.shuffle after random.seed(88) (generate_meta_info in exps/NAS-Bench-201/main.py of AutoDL-Projects).
struct Order {
    std::array<int, Cell::count> cell_of_index, index_of_cell;

    Order() {
        std::iota(cell_of_index.begin(), cell_of_index.end(), 0);
        PythonRandom random(88);
        for (std::uint32_t i = Cell::count - 1; i > 0; --i)
            std::swap(cell_of_index[i], cell_of_index[random.below(i + 1)]);
        for (std::size_t i = 0; i < cell_of_index.size(); ++i)
            index_of_cell[static_cast<std::size_t>(cell_of_index[i])] = static_cast<int>(i);
    }
};

const Order& order() {
    static const Order made;
    return made;
}

[[noreturn]] void fail_text(const std::string& text, const std::string& what) {
    throw InputError(
        fmt::format("architecture `{}`: {}; expected the form |op~0|+|op~0|op~1|+|op~0|op~1|op~2| with "
                    "operations {}, or a number from 0 to {}",
                    text, what, fmt::join(all_names<CellOperation>(), ", "), Cell::count - 1));
}

/// "op~from" of an edge.
CellOperation parse_edge(const std::string& text, std::string_view edge, int from) {
    const std::size_t tilde = edge.rfind('~');
    if (tilde == edge.npos || edge.substr(tilde + 1) != std::to_string(from))
        fail_text(text, fmt::format("`{}` does not end in ~{}", edge, from));
    const std::string name(edge.substr(0, tilde));
    const auto operation = value_named<CellOperation>(name);
    if (!operation)
        fail_text(text, fmt::format("unknown operation `{}`{}", name, did_you_mean(name, all_names<CellOperation>())));
    return *operation;
}

int kernel_of(CellOperation operation) {
    switch (operation) {
    case CellOperation::nor_conv_1x1: return 1;
    case CellOperation::nor_conv_3x3: return 3;
    default: return 0;
    }
}

/// Builds a network layer by layer; each function returns the name of what it added.
class NetworkBuilder {
public:
    NetworkBuilder(const CellSkeleton& skeleton, const Cell& cell) : skeleton_(skeleton), cell_(cell.live()) {}

    NetworkSpec build(std::string name) {
        net_.name = std::move(name);
        net_.input = {3, skeleton_.size, skeleton_.size};
        std::string map = conv("stem", "input", skeleton_.channels, 3);
        for (int stage = 0, channels = skeleton_.channels; stage < stages; ++stage, channels *= 2) {
            if (stage > 0)
                map = reduction(fmt::format("reduce{}", stage), map, channels);
            for (int c = 0; c < skeleton_.cells; ++c)
                map = add_cell(fmt::format("cell{}_{}", stage + 1, c + 1), map, channels);
        }
        head(map);
        fold_activations();
        return std::move(net_);
    }

private:
    std::string add(LayerSpec layer) {
        net_.layers.push_back(std::move(layer));
        return net_.layers.back().name;
    }

    static LayerSpec layer(LayerKind kind, const std::string& name, std::vector<std::string> inputs) {
        LayerSpec made;
        made.kind = kind;
        made.name = name;
        made.inputs = std::move(inputs);
        return made;
    }

    /// With batch normalisation.
    std::string conv(const std::string& name, const std::string& input, int channels, int kernel, int stride = 1) {
        LayerSpec made = layer(LayerKind::conv, name, {input});
        made.out_channels = {channels};
        made.kernel = {kernel};
        made.stride = {stride};
        made.batch_norm = true;
        return add(std::move(made));
    }

    std::string avg_pool(const std::string& name, const std::string& input, int kernel, int stride, int padding) {
        LayerSpec made = layer(LayerKind::avg_pool, name, {input});
        made.kernel = {kernel};
        made.stride = {stride};
        made.padding = {padding};
        made.count_padding = false;
        return add(std::move(made));
    }

    /// One for all that read it.
    std::string relu(const std::string& input) {
        std::string& rectified = rectified_[input];
        if (rectified.empty()) {
            LayerSpec made = layer(LayerKind::activation, input + "_relu", {input});
            made.activation = ActivationFunction::relu;
            rectified = add(std::move(made));
        }
        return rectified;
    }

    std::string apply(CellOperation operation, const std::string& name, const std::string& input, int channels) {
        switch (operation) {
        case CellOperation::nor_conv_1x1:
        case CellOperation::nor_conv_3x3: return conv(name, relu(input), channels, kernel_of(operation));
        case CellOperation::avg_pool_3x3: return avg_pool(name, input, 3, 1, 1);
        default: return input;
        }
    }

    std::string add_cell(const std::string& name, const std::string& input, int channels) {
        std::array<std::string, Cell::nodes> nodes = {input};
        for (int to = 1; to < Cell::nodes; ++to) {
            std::vector<std::string> summands;
            for (int from = 0; from < to; ++from)
                if (const CellOperation operation = cell_.operation(from, to); operation != CellOperation::none)
                    summands.push_back(apply(operation, fmt::format("{}_edge{}{}", name, from, to),
                                             nodes[static_cast<std::size_t>(from)], channels));
            if (!summands.empty())
                nodes[static_cast<std::size_t>(to)] =
                    summands.size() == 1 ? summands.front()
                                         : add(layer(LayerKind::add, fmt::format("{}_node{}", name, to), summands));
        }
        return nodes.back();
    }

    std::string reduction(const std::string& name, const std::string& input, int channels) {
        const std::string first = conv(name + "_a", relu(input), channels, 3, 2);
        const std::string second = conv(name + "_b", relu(first), channels, 3);
        LayerSpec shortcut = layer(LayerKind::conv, name + "_shortcut", {avg_pool(name + "_pool", input, 2, 2, 0)});
        shortcut.out_channels = {channels};
        shortcut.kernel = {1};
        shortcut.bias = false;
        return add(layer(LayerKind::add, name, {second, add(std::move(shortcut))}));
    }

    void head(const std::string& input) {
        LayerSpec norm = layer(LayerKind::scale, "head_norm", {input});
        norm.batch_norm = true;
        norm.activation = ActivationFunction::relu;
        LayerSpec mean = layer(LayerKind::avg_pool, "head_mean", {add(std::move(norm))});
        mean.kernel = {0};
        LayerSpec classifier = layer(LayerKind::linear, "classifier", {add(std::move(mean))});
        classifier.out_channels = {skeleton_.classes};
        add(std::move(classifier));
    }

    /// A ReLU that alone reads a convolution or a sum is done with it.
    void fold_activations() {
        std::map<std::string, int> readers;
        for (const LayerSpec& reader : net_.layers)
            for (const std::string& input : reader.inputs)
                ++readers[input];
        std::map<std::string, std::string> folded;  // name of the ReLU -> name of what does it
        for (const auto& [input, rectified] : rectified_)
            if (readers[input] == 1)
                if (LayerSpec& producer = named(input);
                    producer.kind == LayerKind::conv || producer.kind == LayerKind::add) {
                    producer.activation = ActivationFunction::relu;
                    folded[rectified] = input;
                }
        const auto end = std::remove_if(net_.layers.begin(), net_.layers.end(),
                                        [&](const LayerSpec& l) { return folded.count(l.name) > 0; });
        net_.layers.erase(end, net_.layers.end());
        for (LayerSpec& reader : net_.layers)
            for (std::string& input : reader.inputs)
                if (const auto found = folded.find(input); found != folded.end())
                    input = found->second;
    }

    LayerSpec& named(const std::string& name) {
        return *std::find_if(net_.layers.begin(), net_.layers.end(),
                             [&](const LayerSpec& l) { return l.name == name; });
    }

    const CellSkeleton& skeleton_;
    const Cell cell_;
    NetworkSpec net_;
    std::map<std::string, std::string> rectified_;  ///< ReLU of each map that has one
};

}  // namespace

std::string Cell::text() const {
    std::string text;
    for (int to = 1; to < nodes; ++to) {
        text += to == 1 ? "|" : "+|";
        for (int from = 0; from < to; ++from)
            text += fmt::format("{}~{}|", name_of(operation(from, to)), from);
    }
    return text;
}

Cell Cell::parse(const std::string& text) {
    const std::vector<std::string_view> of_nodes = split(text, '+');
    if (of_nodes.size() != nodes - 1)
        fail_text(text, fmt::format("{} instead of {}", counted(static_cast<std::int64_t>(of_nodes.size()), "node"),
                                    nodes - 1));
    Cell cell;
    for (int to = 1; to < nodes; ++to) {
        const std::string_view node = of_nodes[static_cast<std::size_t>(to - 1)];
        const std::vector<std::string_view> parts = split(node, '|');
        if (parts.size() != static_cast<std::size_t>(to) + 2 || !parts.front().empty() || !parts.back().empty())
            fail_text(text, fmt::format("node `{}` is not {} between bars", node, counted(to, "edge")));
        for (int from = 0; from < to; ++from)
            cell.operations[static_cast<std::size_t>(edge(from, to))] =
                parse_edge(text, parts[static_cast<std::size_t>(from) + 1], from);
    }
    return cell;
}

int Cell::index() const {
    int number = 0;
    for (const CellOperation operation : operations)
        number = number * operation_count + static_cast<int>(operation);
    return order().index_of_cell[static_cast<std::size_t>(number)];
}

Cell Cell::from_index(int index) {
    if (index < 0 || index >= count)
        throw InputError(fmt::format("architecture {}: expected a number from 0 to {}", index, count - 1));
    Cell cell;
    int number = order().cell_of_index[static_cast<std::size_t>(index)];
    for (auto operation = cell.operations.rbegin(); operation != cell.operations.rend(); ++operation) {
        *operation = static_cast<CellOperation>(number % operation_count);
        number /= operation_count;
    }
    return cell;
}

Cell Cell::named(const std::string& word) {
    int index = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), index);
    return error == std::errc() && end == word.data() + word.size() ? from_index(index) : parse(word);
}

bool Cell::connected() const { return live() != Cell(); }

Cell Cell::live() const {
    std::array<bool, nodes> fed{}, used{};
    fed.front() = used.back() = true;
    for (int to = 1; to < nodes; ++to)
        for (int from = 0; from < to; ++from)
            if (operation(from, to) != CellOperation::none && fed[static_cast<std::size_t>(from)])
                fed[static_cast<std::size_t>(to)] = true;
    for (int to = nodes - 1; to > 0; --to)
        for (int from = 0; from < to; ++from)
            if (operation(from, to) != CellOperation::none && used[static_cast<std::size_t>(to)])
                used[static_cast<std::size_t>(from)] = true;
    Cell kept = *this;
    for (int to = 1; to < nodes; ++to)
        for (int from = 0; from < to; ++from)
            if (!fed[static_cast<std::size_t>(from)] || !used[static_cast<std::size_t>(to)])
                kept.operations[static_cast<std::size_t>(edge(from, to))] = CellOperation::none;
    return kept;
}

NetworkSpec cell_network(const CellSkeleton& skeleton, const Cell& cell) {
    if (!cell.connected())
        throw InputError(fmt::format("architecture {}: its output does not depend on its input", cell.text()));
    if (skeleton.size < 4 || skeleton.size % 4 != 0)
        throw InputError(fmt::format("images of {0} x {0}: expected a multiple of 4, since two blocks halve the map",
                                     skeleton.size));
    return NetworkBuilder(skeleton, cell).build(fmt::format("nas_bench_201_{}", cell.index()));
}

BenchmarkCounts benchmark_counts(const CellSkeleton& skeleton, const Cell& cell) {
    BenchmarkCounts counts;
    std::int64_t size = skeleton.size;
    const auto conv = [&](std::int64_t in, std::int64_t out, std::int64_t kernel, bool batch_norm) {
        const std::int64_t weights = kernel * kernel * in * out;
        counts.parameters += weights + (batch_norm ? 2 * out : 0);
        counts.flops += weights * size * size;
    };
    std::int64_t channels = skeleton.channels;
    conv(3, channels, 3, true);
    for (int stage = 0; stage < stages; ++stage) {
        if (stage > 0) {
            size /= 2;
            conv(channels, 2 * channels, 3, true);
            conv(2 * channels, 2 * channels, 3, true);
            conv(channels, 2 * channels, 1, false);
            channels *= 2;
        }
        for (int c = 0; c < skeleton.cells; ++c)
            for (const CellOperation operation : cell.operations)
                if (const int kernel = kernel_of(operation); kernel > 0)
                    conv(channels, channels, kernel, true);
    }
    const std::int64_t classifier = (channels + 1) * skeleton.classes;
    counts.parameters += 2 * channels + classifier;
    counts.flops += classifier;
    return counts;
}

}  // namespace xloop
