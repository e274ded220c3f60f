#include "analysis/product.hpp"

#include "core/config/schema.hpp"
#include "core/error.hpp"
#include "core/workload/workload_graph.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <optional>

namespace xloop {
namespace {

/// Of each of M, N and K: far beyond networks of today, and their products still count.
constexpr int most = 1000000;

/// "512x1024x1024"; none for another text.
std::optional<MatrixProduct> sizes_in(const std::string& text) {
    MatrixProduct product;
    product.name = text;
    const std::array<int*, 3> sizes = {&product.m, &product.n, &product.k};
    const char *at = text.data(), *const end = at + text.size();
    for (std::size_t i = 0; i < sizes.size(); ++i) {
        if (i > 0 && (at == end || *at++ != 'x'))
            return {};
        const auto [next, error] = std::from_chars(at, end, *sizes[i]);
        if (error != std::errc() || *sizes[i] < 1 || *sizes[i] > most)
            return {};
        at = next;
    }
    return at == end ? std::optional(product) : std::nullopt;
}

ProductList read_list(const config::Node& root, const std::string& file) {
    ProductList list;
    config::Node rows;
    config::Section s("a file of products");
    s.value("name", list.name, "of all together").required().filled();
    s.raw("products", rows, "one for each size");
    config::read(root, s);
    if (rows.kind != config::Node::Kind::sequence || rows.items.empty())
        throw InputError(file + ": products: expected a list of one or more, each with name, m, n and k");
    for (const auto& item : rows.items) {
        MatrixProduct product;
        config::Section row("a product");
        row.value("name", product.name, "of the product").required().filled();
        row.value("m", product.m, "vectors").required().range(1, most);
        row.value("n", product.n, "outputs").required().range(1, most);
        row.value("k", product.k, "inputs").required().range(1, most);
        row.value("groups", product.groups, "such products side by side").range(1, most);
        row.value("count", product.count, "how often it is there").range(1, most);
        row.value("weights_change", product.weights_change, "whether weights are made anew for each product");
        config::read(item.second, row);
        list.products.push_back(std::move(product));
    }
    return list;
}

}  // namespace

double MatrixProduct::algorithmic_reuse() const {
    const double vectors = m, outputs = n, inputs = k;
    return vectors * outputs * inputs / (vectors * outputs + outputs * inputs + vectors * inputs);
}

ProductList parse_products(const std::string& text, const std::string& name) {
    return read_list(config::load_text(text, name), name);
}

ProductList products_of(const NetworkSpec& concrete) {
    ProductList list{concrete.name, {}};
    for (const GraphLayer& layer : build_graph(concrete).layers) {
        if (!layer.on_crossbars())
            continue;
        const int m = layer.positions(), n = layer.out.channels / layer.groups, k = layer.rows();
        const auto same = std::find_if(list.products.begin(), list.products.end(), [&](const MatrixProduct& p) {
            return p.m == m && p.n == n && p.k == k && p.groups == layer.groups;
        });
        if (same == list.products.end())
            list.products.push_back({layer.name, m, n, k, layer.groups, 1, false});
        else
            ++same->count;
    }
    return list;
}

ProductList read_products(const std::string& given) {
    if (const auto product = sizes_in(given))
        return {given, {*product}};
    if (!std::filesystem::exists(given))
        throw InputError(
            fmt::format("{}: neither a file nor a product; expected MxNxK, such as 512x1024x1024 (vectors, outputs "
                        "and inputs of 1 to {} each), a network file or a file of products",
                        given, most));
    const config::Node root = config::load_file(given);
    if (root.find("products") != nullptr)
        return read_list(root, given);
    const NetworkSpec network = load_network(given);
    return products_of(network.resolve(network.largest_path()));
}

}  // namespace xloop
