#pragma once

#include "core/config/node.hpp"

#include <string>

namespace xloop::config {

/// How many values all files of one configuration may hold together; repeated aliases count each time, so that a few
/// nested aliases cannot fill the memory.
constexpr int max_nodes = 100000;

/// Parses the one YAML document in `text`; a null node when there is none. Each value is taken from `nodes_left`.
/// Throws InputError for anything but UTF-8 text, malformed YAML, duplicate keys, keys that are not texts, a second
/// document, and for more values or deeper nesting than a configuration needs.
Node parse_yaml(const std::string& text, const std::string& file, int& nodes_left);

/// Throws InputError at the first byte of `text` that is not printable UTF-8, a blank or a line end.
void check_is_text(const std::string& text, const std::string& file);

}  // namespace xloop::config
