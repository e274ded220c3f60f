#pragma once

#include "core/workload/network_spec.hpp"

#include <string>
#include <vector>

namespace xloop {

/// A matrix product: M vectors of K inputs each are multiplied by a matrix of K x N weights and give M x N outputs. Of a layer
/// these are its output positions, the inputs of its window and its output channels.
struct MatrixProduct {
    std::string name;
    int m = 0, n = 0, k = 0;
    int groups = 1;               ///< such products side by side, each with inputs and weights of its own
    int count = 1;                ///< how often a network has it, each time with weights of its own
    bool weights_change = false;  ///< the weights are made anew for each product, as in attention

    double weights() const { return static_cast<double>(n) * k * groups; }
    double macs() const { return m * weights(); }
    /// Multiply-accumulates for each value that is read or written once: M N K / (M N + N K + M K).
    double algorithmic_reuse() const;
    /// Multiply-accumulates for each weight and for each input.
    int weight_reuse() const { return m; }
    int input_reuse() const { return n; }
};

struct ProductList {
    std::string name;
    std::vector<MatrixProduct> products;
};

/// "512x1024x1024", M x N x K; a file of products (docs/advise.md has its keys); or a network file, of a searchable network
/// the largest subnet. Throws InputError.
ProductList read_products(const std::string& given);
/// The text of a file of products; `name` stands for the file in messages.
ProductList parse_products(const std::string& text, const std::string& name);
/// The layers of a concrete network that have a matrix, in order; those of the same sizes are one product that is there several
/// times, by the name of the first.
ProductList products_of(const NetworkSpec& concrete);

}  // namespace xloop
