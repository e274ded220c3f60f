#pragma once

#include "core/config/node.hpp"

#include <map>
#include <string>

namespace xloop::config {

// What the header of a settings struct needs of the schema (core/config/schema.hpp), so that who reads settings does not
// depend on how they are declared.

class Section;

/// Where the effective value of each key path ("crossbar.rows") came from.
struct Origin {
    Location location;  ///< empty file: the built-in default
    std::string source =
        {};  ///< provenance: from `sources:` in the files, else the field's own for a default, else empty
    std::string path = {};  ///< the key path, where it is not the one that it is looked up by
};
using Origins = std::map<std::string, Origin>;

/// As the keys of the section at `path` see them: their own, by their paths below the section, and for those that nobody wrote
/// there the ones of the same paths at the top, which they start from.
Origins origins_of(const Origins& origins, const std::string& path);

/// Fails with file, line and key path for a check between several keys.
[[noreturn]] void fail_check(const Origins& origins, const std::string& key_path, const std::string& expected);

}  // namespace xloop::config
