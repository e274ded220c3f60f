#pragma once

#include "core/config/node.hpp"

#include <string>

namespace xloop::config {

/// `text` as a YAML scalar, in double quotes unless every YAML reader takes it plainly for a text.
std::string scalar_text(const std::string& text);

/// The shortest decimal that reads back as the same double.
std::string number_text(double value);

/// `node` on one line, in flow style.
std::string flow_text(const Node& node);

/// The lines of a map entry "key: node" at an indentation; `comment` (empty or "  # ...") ends the first line.
std::string entry_text(const std::string& key, const Node& node, int indent, const std::string& comment);

/// `text` on one line, fit for a message or a comment: control characters as spaces, cut when very long.
std::string one_line(const std::string& text);

}  // namespace xloop::config
