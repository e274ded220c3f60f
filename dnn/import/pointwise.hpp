#pragma once

#include "core/workload/activation.hpp"
#include "dnn/import/op_graph.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace xloop::importing {

/// Operators on one number, and on two; null: the operator is none of them. Division of integers drops what is left over.
using Unary = double (*)(double x);
using Binary = double (*)(double a, double b, Tensor::Type type);
Unary unary_of(const std::string& op);
Binary binary_of(const std::string& op);

/// An activation function with its parameters.
struct Activated {
    ActivationFunction function = ActivationFunction::none;
    ActivationParameters parameters;
};

/// A function of one number made of operators: what a file does to each value of a map, until somebody reads the result.
struct Pointwise;
using PointwisePtr = std::shared_ptr<const Pointwise>;
struct Pointwise {
    std::string op, node;  ///< operator, and the node that it comes from; empty: the value itself, or a constant
    std::function<double(double)> value;
    PointwisePtr a, b;                    ///< operands
    std::optional<double> constant;       ///< it is one
    std::optional<Activated> activation;  ///< of operand `a`
    bool is_affine = false;               ///< scale * operand `a` + shift
    double scale = 1.0, shift = 0.0;
    int depth = 0;

    bool is_value() const { return op.empty() && !constant; }
};

PointwisePtr the_value();
PointwisePtr constant(double value);
PointwisePtr activated(const OpNode& node, Activated activation, PointwisePtr a);
PointwisePtr applied(const OpNode& node, PointwisePtr a);
PointwisePtr combined(const OpNode& node, const std::string& op, PointwisePtr a, PointwisePtr b);
/// The nodes that it comes from.
void collect_nodes(const Pointwise& function, std::vector<std::string>& nodes);

/// The activation function that is this function of the value, whatever operators it is written with: the two are compared at
/// many places.
std::optional<Activated> recognised(const Pointwise& function);

/// min(max(x, low), high) by its name.
Activated clipped(double low, double high);

}  // namespace xloop::importing
