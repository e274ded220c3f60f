#pragma once

#include "core/digest.hpp"

#include <string>
#include <utility>
#include <vector>

namespace xloop::config {

/// Where a piece of configuration was written. For `-s key=value` the file is "command line" and the line 0.
struct Location {
    std::string file;
    int line = 0;             ///< 1-based
    int column = 0;           ///< 1-based
    int layer = 0;            ///< a file lies above those of its `base:`, the command line above all files
    std::string str() const;  ///< "file:line:column", or just the file when there is no line
};

/// One YAML value with the place it came from. Maps keep the order in which keys were written.
struct Node {
    enum class Kind { null, scalar, sequence, map };

    Kind kind = Kind::null;
    std::string text;                                 ///< of a scalar
    std::vector<std::pair<std::string, Node>> items;  ///< of a map (key, value) or a sequence ("", value)
    Location location;                                ///< of the value
    Location key_location;                            ///< of the key, for an entry of a map

    const Node* find(const std::string& key) const;
    Node* find(const std::string& key);
};

/// Adds the content of `node` to a digest: keys and values in order, not locations.
void add_to_digest(Digest& digest, const Node& node);

}  // namespace xloop::config
