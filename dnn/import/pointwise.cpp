#include "dnn/import/pointwise.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace xloop::importing {
namespace {

struct UnaryRow {
    const char* op;
    Unary function;
};
constexpr UnaryRow unary_table[] = {
    {"Abs", [](double x) { return std::abs(x); }},
    {"Ceil", [](double x) { return std::ceil(x); }},
    {"Erf", [](double x) { return std::erf(x); }},
    {"Exp", [](double x) { return std::exp(x); }},
    {"Floor", [](double x) { return std::floor(x); }},
    {"Log", [](double x) { return std::log(x); }},
    {"Neg", [](double x) { return -x; }},
    {"Not", [](double x) { return x == 0.0 ? 1.0 : 0.0; }},
    {"Reciprocal", [](double x) { return 1.0 / x; }},
    {"Round", [](double x) { return std::nearbyint(x); }},
    {"Sqrt", [](double x) { return std::sqrt(x); }},
};

struct BinaryRow {
    const char* op;
    Binary function;
};
constexpr BinaryRow binary_table[] = {
    {"Add", [](double a, double b, Tensor::Type) { return a + b; }},
    {"And", [](double a, double b, Tensor::Type) { return a != 0.0 && b != 0.0 ? 1.0 : 0.0; }},
    {"Div",
     [](double a, double b, Tensor::Type type) {
         if (type == Tensor::Type::real)
             return a / b;
         if (b == 0.0)
             throw InputError("divides an integer by 0");
         return std::trunc(a / b);
     }},
    {"Equal", [](double a, double b, Tensor::Type) { return a == b ? 1.0 : 0.0; }},
    {"Greater", [](double a, double b, Tensor::Type) { return a > b ? 1.0 : 0.0; }},
    {"GreaterOrEqual", [](double a, double b, Tensor::Type) { return a >= b ? 1.0 : 0.0; }},
    {"Less", [](double a, double b, Tensor::Type) { return a < b ? 1.0 : 0.0; }},
    {"LessOrEqual", [](double a, double b, Tensor::Type) { return a <= b ? 1.0 : 0.0; }},
    {"Max", [](double a, double b, Tensor::Type) { return std::max(a, b); }},
    {"Min", [](double a, double b, Tensor::Type) { return std::min(a, b); }},
    {"Mod",
     [](double a, double b, Tensor::Type) {
         if (b == 0.0)
             throw InputError("divides by 0");
         return a - b * std::floor(a / b);
     }},
    {"Mul", [](double a, double b, Tensor::Type) { return a * b; }},
    {"Or", [](double a, double b, Tensor::Type) { return a != 0.0 || b != 0.0 ? 1.0 : 0.0; }},
    {"Pow", [](double a, double b, Tensor::Type) { return std::pow(a, b); }},
    {"Sub", [](double a, double b, Tensor::Type) { return a - b; }},
    {"Sum", [](double a, double b, Tensor::Type) { return a + b; }},
};

template <class Row, std::size_t n>
auto found_in(const Row (&table)[n], const std::string& op) -> decltype(table->function) {
    const auto row = std::find_if(std::begin(table), std::end(table), [&](const Row& r) { return r.op == op; });
    return row == std::end(table) ? nullptr : row->function;
}

std::shared_ptr<Pointwise> begun(const std::string& op, const OpNode& node, int depth) {
    auto made = std::make_shared<Pointwise>();
    made->op = op;
    made->node = node.name;
    made->depth = depth + 1;
    return made;
}

/// Beyond this, activation parameters are not taken (parameter_error), and clip stands for no bound.
constexpr double no_bound = 1e6;

}  // namespace

Unary unary_of(const std::string& op) { return found_in(unary_table, op); }
Binary binary_of(const std::string& op) { return found_in(binary_table, op); }

PointwisePtr the_value() {
    auto made = std::make_shared<Pointwise>();
    made->value = [](double x) { return x; };
    return made;
}

PointwisePtr constant(double value) {
    auto made = std::make_shared<Pointwise>();
    made->value = [value](double) { return value; };
    made->constant = value;
    return made;
}

PointwisePtr activated(const OpNode& node, Activated activation, PointwisePtr a) {
    const auto made = begun(node.op, node, a->depth);
    made->value = [activation, f = a->value](double x) {
        return apply(activation.function, f(x), activation.parameters);
    };
    made->a = std::move(a);
    made->activation = std::move(activation);
    return made;
}

PointwisePtr applied(const OpNode& node, PointwisePtr a) {
    const auto made = begun(node.op, node, a->depth);
    made->value = [function = unary_of(node.op), f = a->value](double x) { return function(f(x)); };
    made->a = std::move(a);
    return made;
}

PointwisePtr combined(const OpNode& node, const std::string& op, PointwisePtr a, PointwisePtr b) {
    const auto made = begun(op, node, std::max(a->depth, b->depth));
    made->value = [function = binary_of(op), f = a->value, g = b->value](double x) {
        return function(f(x), g(x), Tensor::Type::real);
    };
    const bool first = a->constant.has_value();
    if (first != b->constant.has_value()) {
        const double c = first ? *a->constant : *b->constant;
        made->is_affine = true;
        if (op == "Add" || op == "Sum")
            made->shift = c;
        else if (op == "Sub") {
            made->scale = first ? -1.0 : 1.0;
            made->shift = first ? c : -c;
        } else if (op == "Mul")
            made->scale = c;
        else if (op == "Div" && !first)
            made->scale = 1.0 / c;
        else
            made->is_affine = false;
        if (op == "Max" || op == "Min")
            made->activation = op == "Max" ? clipped(c, no_bound) : clipped(-no_bound, c);
    }
    made->a = first ? b : a;
    if (!made->is_affine && !made->activation)
        made->b = first ? a : b;
    return made;
}

void collect_nodes(const Pointwise& function, std::vector<std::string>& nodes) {
    for (const PointwisePtr& operand : {function.a, function.b})
        if (operand)
            collect_nodes(*operand, nodes);
    if (!function.node.empty())
        nodes.push_back(function.node);
}

std::optional<Activated> recognised(const Pointwise& function) {
    const auto& f = function.value;
    std::vector<Activated> candidates;
    for (std::size_t i = 0; i < activation_count; ++i)
        candidates.push_back({static_cast<ActivationFunction>(i), {}});
    // With parameters: what they would have to be.
    candidates.push_back({ActivationFunction::leaky_relu, {-f(-1.0)}});
    candidates.push_back(clipped(f(-1e4), f(1e4)));
    candidates.push_back({ActivationFunction::hard_sigmoid, {(f(0.5) - f(0.0)) * 2.0, f(0.0)}});
    for (Activated& candidate : candidates) {
        if (!parameter_error(candidate.function, candidate.parameters, 1).empty())
            continue;
        bool same = true;
        for (int i = -200; i <= 200 && same; ++i) {
            const double x = 0.1 * i + 0.013, expected = apply(candidate.function, x, candidate.parameters);
            // Constants of files are rounded to floats.
            same = std::abs(f(x) - expected) <= 2e-6 * (1.0 + std::abs(x));
        }
        if (same)
            return candidate;
    }
    return std::nullopt;
}

Activated clipped(double low, double high) {
    if (low == 0.0 && high == 6.0)
        return {ActivationFunction::relu6, {}};
    if (low == 0.0 && high >= no_bound)
        return {ActivationFunction::relu, {}};
    if (low <= -no_bound && high >= no_bound)
        return {ActivationFunction::none, {}};
    return {ActivationFunction::clip, {std::max(low, -no_bound), std::min(high, no_bound)}};
}

}  // namespace xloop::importing
