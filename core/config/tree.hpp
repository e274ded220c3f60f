#pragma once

#include "core/config/node.hpp"

#include <string>

namespace xloop::config {

/// Parses one YAML file and every file named in its top-level `base:` list (paths relative to the file that
/// names them), bases first, so that the naming file wins: maps merge key by key, anything else replaces.
/// Throws InputError (file, line, what was expected) for unreadable or malformed files, duplicate keys, a root that is
/// not a map, and files that include each other in a circle.
Node load_file(const std::string& path);

/// The same for text in memory; `name` stands for the file in messages. `base:` is not allowed here.
Node load_text(const std::string& text, const std::string& name);

/// Applies one override of the form "crossbar.rows=128"; the value is taken as it is, but `[...]`,
/// `{...}` and a text in quotes are read as YAML.
void apply_override(Node& root, const std::string& assignment);

}  // namespace xloop::config
