#pragma once

#include "traces/bus/hierarchy.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace xloop::trace {

/// How the bits of a bus are named in a SAIF file.
struct NetNaming {
    char divider = '/';              ///< between instances: '/' or '.'
    std::string bus_bit = "{}[{}]";  ///< name and number of the bit
};

/// Whether it is a word that readers of SAIF files take for a group, wherever it stands.
bool is_saif_keyword(std::string_view name);

/// Turns the model's hierarchy into that of a user's RTL (YAML; see docs/trace_name_maps.md).
class NameMap {
public:
    /// Throws InputError with file, line and key.
    static NameMap load(const std::string& path);
    /// The same for text in memory; `name` stands for the file.
    static NameMap of_text(const std::string& text, const std::string& name);
    NameMap(NameMap&&) noexcept;
    ~NameMap();

    struct Net {
        std::vector<std::string> scope;  ///< instances from the top
        std::string name;
    };
    /// The net for a signal; nothing: no rule takes it (it is kept in unmapped()) or a rule drops it.
    std::optional<Net> rename(const Levels& scope, const std::string& name, int width);
    const NetNaming& naming() const;
    /// The signals that no rule took, as append_level() writes them.
    const std::vector<std::string>& unmapped() const;
    /// Rules that have taken no signal so far, as "file:line: pattern".
    std::vector<std::string> unused_rules() const;

private:
    struct Rules;
    explicit NameMap(std::unique_ptr<Rules> rules);
    std::unique_ptr<Rules> rules_;
};

}  // namespace xloop::trace
