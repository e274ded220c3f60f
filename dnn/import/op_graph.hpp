#pragma once

#include "core/error.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace xloop::importing {

/// A dense constant, the last axis running fastest. Doubles hold numbers of all types: floats exactly, integers up to 2^53.
struct Tensor {
    enum class Type { real, integer, boolean };
    Type type = Type::real;
    std::vector<std::int64_t> shape;
    std::vector<double> values;

    std::int64_t size() const { return static_cast<std::int64_t>(values.size()); }
};
using TensorPtr = std::shared_ptr<const Tensor>;

/// As an integer within 2^62, which is more than any size.
std::int64_t whole(double value);
/// The values as integers, of a tensor of any shape.
std::vector<std::int64_t> whole_values(const Tensor& tensor);

using Attribute = std::variant<std::int64_t, double, std::string, std::vector<std::int64_t>, std::vector<double>,
                               std::vector<std::string>, TensorPtr>;

/// One operator, in the vocabulary of ONNX (onnx.ai/onnx/operators), whatever file it was read from.
struct OpNode {
    std::string name, op;
    std::string domain;                        ///< empty: that of ONNX itself
    std::vector<std::string> inputs, outputs;  ///< values by name; empty: an optional one that is absent
    std::map<std::string, Attribute> attributes;

    bool has_input(std::size_t i) const { return i < inputs.size() && !inputs[i].empty(); }
    bool has(const std::string& attribute) const { return attributes.count(attribute) > 0; }
    /// The attribute, or what it is by default. Throws InputError when it has another type.
    std::int64_t integer(const std::string& attribute, std::int64_t otherwise) const;
    double real(const std::string& attribute, double otherwise) const;
    std::string text(const std::string& attribute, const std::string& otherwise) const;
    std::vector<std::int64_t> integers(const std::string& attribute,
                                       const std::vector<std::int64_t>& otherwise = {}) const;
};

struct GraphInput {
    static constexpr std::int64_t unknown = -1;  ///< an axis whose size the file leaves open

    std::string name;
    std::vector<std::int64_t> shape;
};

/// A network as a file describes it. Front ends make it; everything after them is the same for all.
struct OpGraph {
    std::string file;    ///< for messages
    std::string source;  ///< format and program that wrote it, for the report
    int opset = 0;       ///< version of the operators of ONNX
    std::vector<OpNode> nodes;
    std::map<std::string, TensorPtr> constants;
    std::vector<GraphInput> inputs;
    std::vector<std::string> outputs;
};

/// Brings the nodes into an order in which each stands behind what it reads, and drops those that no output needs. Returns how
/// many those were. Throws InputError for values that two nodes make or none does, and for circles.
std::size_t sort_nodes(OpGraph& graph);

/// "node `x` (ai.onnx::Conv)".
std::string described(const OpNode& node);

/// What an import may take in elements of tensors made and read, so that a small file cannot ask for hours or all memory.
class Budget {
public:
    explicit Budget(std::int64_t elements = std::int64_t{1} << 29) : left_(elements) {}
    /// Throws InputError when there is less left.
    void spend(std::int64_t elements);

private:
    std::int64_t left_;
};

/// Product of axes of 0 or more. Throws InputError for a negative axis, and for a product beyond 2^31.
std::int64_t count_of(const std::vector<std::int64_t>& shape);

}  // namespace xloop::importing
