#include "core/config/node.hpp"

#include <algorithm>

namespace xloop::config {

std::string Location::str() const {
    return line > 0 ? file + ":" + std::to_string(line) + ":" + std::to_string(column) : file;
}

const Node* Node::find(const std::string& key) const {
    if (kind != Kind::map)
        return nullptr;
    const auto found = std::find_if(items.begin(), items.end(), [&](const auto& item) { return item.first == key; });
    return found == items.end() ? nullptr : &found->second;
}

Node* Node::find(const std::string& key) { return const_cast<Node*>(std::as_const(*this).find(key)); }

void add_to_digest(Digest& digest, const Node& node) {
    digest.add(node.text).add(std::to_string(node.items.size()));
    for (const auto& [key, value] : node.items) {
        digest.add(key);
        add_to_digest(digest, value);
    }
}

}  // namespace xloop::config
