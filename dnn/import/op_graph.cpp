#include "dnn/import/op_graph.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <algorithm>
#include <cmath>
#include <utility>

namespace xloop::importing {
namespace {

template <class T>
T attribute_of(const OpNode& node, const std::string& name, const T& otherwise) {
    const auto found = node.attributes.find(name);
    if (found == node.attributes.end())
        return otherwise;
    if (const T* value = std::get_if<T>(&found->second))
        return *value;
    throw InputError(fmt::format("attribute `{}` has another type than {} defines", name, node.op));
}

}  // namespace

std::int64_t whole(double value) {
    constexpr double most = 4611686018427387904.0;
    return std::isnan(value) ? 0 : static_cast<std::int64_t>(std::clamp(value, -most, most));
}

std::vector<std::int64_t> whole_values(const Tensor& tensor) {
    std::vector<std::int64_t> values(tensor.values.size());
    std::transform(tensor.values.begin(), tensor.values.end(), values.begin(), whole);
    return values;
}

std::int64_t OpNode::integer(const std::string& attribute, std::int64_t otherwise) const {
    return attribute_of(*this, attribute, otherwise);
}
double OpNode::real(const std::string& attribute, double otherwise) const {
    return attribute_of(*this, attribute, otherwise);
}
std::string OpNode::text(const std::string& attribute, const std::string& otherwise) const {
    return attribute_of(*this, attribute, otherwise);
}
std::vector<std::int64_t> OpNode::integers(const std::string& attribute,
                                           const std::vector<std::int64_t>& otherwise) const {
    return attribute_of(*this, attribute, otherwise);
}

std::string described(const OpNode& node) {
    return fmt::format("node `{}` ({}::{})", node.name, node.domain.empty() ? "ai.onnx" : node.domain, node.op);
}

std::size_t sort_nodes(OpGraph& graph) {
    const auto fail = [&](const std::string& message) { throw InputError(graph.file + ": " + message); };
    constexpr std::size_t none = static_cast<std::size_t>(-1);
    std::map<std::string, std::size_t> maker;
    for (const auto& [name, constant] : graph.constants)
        maker[name] = none;
    for (const GraphInput& input : graph.inputs)
        if (!maker.emplace(input.name, none).second)
            fail(fmt::format("value `{}` is made twice", input.name));
    for (std::size_t n = 0; n < graph.nodes.size(); ++n)
        for (const std::string& output : graph.nodes[n].outputs)
            if (!output.empty() && !maker.emplace(output, n).second)
                fail(fmt::format("value `{}` is made twice, by {} among others", output, described(graph.nodes[n])));
    const auto maker_of = [&](const std::string& value, const std::string& who) {
        const auto found = maker.find(value);
        if (found == maker.end())
            fail(fmt::format("{} reads value `{}`, which nothing makes", who, value));
        return found->second;
    };
    // A walk from the outputs, with a stack of its own: a node is done when all that it reads is.
    enum class State { unseen, open, done };
    std::vector<State> states(graph.nodes.size(), State::unseen);
    std::vector<std::size_t> order;
    for (const std::string& output : graph.outputs) {
        std::vector<std::pair<std::size_t, std::size_t>> stack;  // node and its next input
        const auto enter = [&](std::size_t n) {
            if (n == none || states[n] == State::done)
                return;
            if (states[n] == State::open)
                fail(described(graph.nodes[n]) + " is part of a circle");
            states[n] = State::open;
            stack.emplace_back(n, 0);
        };
        enter(maker_of(output, "the list of outputs"));
        while (!stack.empty()) {
            const std::size_t n = stack.back().first;
            const OpNode& node = graph.nodes[n];
            if (stack.back().second < node.inputs.size()) {
                const std::string& input = node.inputs[stack.back().second++];
                if (!input.empty())
                    enter(maker_of(input, described(node)));
            } else {
                states[n] = State::done;
                order.push_back(n);
                stack.pop_back();
            }
        }
    }
    // The file's own order where it is one already: reports follow it.
    std::vector<OpNode> sorted;
    const bool in_order = [&] {
        for (std::size_t n : order)
            for (const std::string& input : graph.nodes[n].inputs)
                if (const auto m = input.empty() ? none : maker.at(input); m != none && m > n)
                    return false;
        return true;
    }();
    if (in_order)
        std::sort(order.begin(), order.end());
    for (std::size_t n : order)
        sorted.push_back(std::move(graph.nodes[n]));
    const std::size_t dropped = graph.nodes.size() - sorted.size();
    graph.nodes = std::move(sorted);
    return dropped;
}

void Budget::spend(std::int64_t elements) {
    if (elements > left_)
        throw InputError("takes more memory or work than an import may: tensors of 2^29 numbers");
    left_ -= elements;
}

std::int64_t count_of(const std::vector<std::int64_t>& shape) {
    std::int64_t count = 1;
    for (std::int64_t size : shape)
        if (size < 0 || __builtin_mul_overflow(count, size, &count) || count > (std::int64_t{1} << 31))
            throw InputError(fmt::format("[{}] is no shape of a tensor that can be imported", fmt::join(shape, ", ")));
    return count;
}

}  // namespace xloop::importing
