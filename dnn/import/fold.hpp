#pragma once

#include "dnn/import/op_graph.hpp"

#include <vector>

namespace xloop::importing {

/// One operator whose inputs are all constants; one that is absent is null.
struct FoldCall {
    const OpNode& node;
    const std::vector<TensorPtr>& inputs;
    int opset;
    Budget& budget;

    bool has(std::size_t i) const { return i < inputs.size() && inputs[i]; }
    /// Throws InputError when it is absent.
    const Tensor& input(std::size_t i) const;
    /// Arguments that moved from attributes to inputs in the course of the versions: input `i` if it is there, else the attribute.
    std::vector<std::int64_t> integers(std::size_t i, const char* attribute) const;
};

/// What operators make of constants: their outputs. All throw InputError.
namespace fold {
using Outputs = std::vector<Tensor>;
Outputs unary(const FoldCall& call);   ///< as unary_of (pointwise.hpp) says
Outputs binary(const FoldCall& call);  ///< as binary_of says, for two or more inputs
Outputs same(const FoldCall& call);    ///< the first input
Outputs cast(const FoldCall& call);
Outputs clip(const FoldCall& call);
Outputs concat(const FoldCall& call);
Outputs constant_of_shape(const FoldCall& call);
Outputs dequantize(const FoldCall& call);
Outputs expand(const FoldCall& call);
Outputs flatten(const FoldCall& call);
Outputs gather(const FoldCall& call);
Outputs matmul(const FoldCall& call);
Outputs range(const FoldCall& call);
Outputs reduce(const FoldCall& call);
Outputs reshape(const FoldCall& call);
Outputs shape(const FoldCall& call);
Outputs size(const FoldCall& call);
Outputs slice(const FoldCall& call);
Outputs split(const FoldCall& call);
Outputs squeeze(const FoldCall& call);
Outputs tile(const FoldCall& call);
Outputs transpose(const FoldCall& call);
Outputs unsqueeze(const FoldCall& call);
Outputs where(const FoldCall& call);
}  // namespace fold

/// Counted from the end when negative. Throws InputError outside of [-rank, rank).
std::size_t axis_of(std::int64_t axis, std::size_t rank);

/// What the operators that only rearrange make of a shape. All throw InputError.
std::vector<std::int64_t> reshaped(const FoldCall& call, const std::vector<std::int64_t>& from);
std::vector<std::int64_t> squeezed(const FoldCall& call, const std::vector<std::int64_t>& from);
std::vector<std::int64_t> unsqueezed(const FoldCall& call, const std::vector<std::int64_t>& from);
std::vector<std::int64_t> flattened(const FoldCall& call, const std::vector<std::int64_t>& from);
std::vector<std::size_t> permutation_of(const OpNode& node, std::size_t rank);
/// The axes that a reduction takes away; all where none are given.
std::vector<bool> reduced_axes(const FoldCall& call, std::size_t rank);
/// The sizes of the parts of an axis.
std::vector<std::int64_t> split_sizes(const FoldCall& call, std::int64_t axis_size);
/// The first numbers of Shape, which may ask for a part.
std::vector<std::int64_t> shape_values(const OpNode& node, const std::vector<std::int64_t>& from);

/// What Slice takes of one axis: `count` values from `start` in steps of `step`, which may be negative.
struct AxisSlice {
    std::int64_t start = 0, step = 1, count = 0;
};
std::vector<AxisSlice> slices_of(const FoldCall& call, const std::vector<std::int64_t>& from);

}  // namespace xloop::importing
