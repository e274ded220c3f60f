#pragma once

#include "traces/bus/hierarchy.hpp"
#include "traces/saif/saif_file.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace xloop::trace {

/// Collects nets in any order into a tree of instances.
class SaifTree {
public:
    using Node = std::size_t;
    static constexpr Node root = 0;

    SaifTree() : nodes_(1) {}
    /// The instance `name` in `parent`, made if it is new.
    Node within(Node parent, std::string_view name, std::uint64_t line = 0);
    Node at(const Levels& path);
    void add(Node instance, SaifNet net) { nodes_[instance].instance.nets.push_back(std::move(net)); }
    std::vector<SaifInstance> take();

private:
    struct Entry {
        SaifInstance instance;
        std::vector<Node> children;
        std::unordered_map<std::string, Node> by_name;
    };
    std::vector<SaifInstance> take_children(Node node);

    std::vector<Entry> nodes_;
};

}  // namespace xloop::trace
