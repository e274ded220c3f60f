#include "traces/saif/saif_tree.hpp"

namespace xloop::trace {

SaifTree::Node SaifTree::within(Node parent, std::string_view name, std::uint64_t line) {
    const auto [found, fresh] = nodes_[parent].by_name.emplace(name, nodes_.size());
    const Node node = found->second;
    if (fresh) {
        nodes_[parent].children.push_back(node);
        nodes_.emplace_back();
        nodes_.back().instance.name = name;
        nodes_.back().instance.line = line;
    }
    return node;
}

SaifTree::Node SaifTree::at(const Levels& path) {
    Node node = root;
    for (std::string_view level : path)
        node = within(node, level);
    return node;
}

std::vector<SaifInstance> SaifTree::take() { return take_children(root); }

std::vector<SaifInstance> SaifTree::take_children(Node node) {
    std::vector<SaifInstance> instances;
    for (Node child : nodes_[node].children) {
        instances.push_back(std::move(nodes_[child].instance));
        instances.back().children = take_children(child);
    }
    return instances;
}

}  // namespace xloop::trace
