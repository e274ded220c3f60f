#pragma once

#include "core/config/schema.hpp"

#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace xloop::config {

struct RawKey {
    Node* target;
    std::string doc;
};

struct Section::Entry {
    std::string key;
    std::variant<Field, Section, RawKey, NamedSections> what;
};

/// The inside of a schema, for the functions that read, dump and describe it.
class Access {
public:
    using Spec = Field::Spec;
    using Entry = Section::Entry;

    static const Spec& spec(const Field& field) { return field.spec_; }
    static const std::vector<std::unique_ptr<Entry>>& entries(const Section& section) { return section.entries_; }
    static const std::string& doc(const Section& section) { return section.doc_; }
    static const std::vector<std::pair<std::string, std::string>>& former(const Section& section) {
        return section.former_;
    }
};

/// All values of a schema by their paths, in its order; null: a raw key. Without those of named sections.
using Fields = std::vector<std::pair<std::string, const Access::Spec*>>;
Fields fields_of(const Section& schema);

/// The elements of all named sections, by the paths of their sections.
std::vector<std::pair<std::string, NamedSections::Element>> named_elements(const Section& schema);

inline std::string join_path(const std::string& path, const std::string& key) {
    return path.empty() ? key : path + "." + key;
}

}  // namespace xloop::config
