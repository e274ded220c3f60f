#pragma once

#include "core/config/tree.hpp"

#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace xloop::config {

/// What a configuration key is: its type and target, range, unit, one line of doc, and where its default comes from.
/// Declared beside the struct's members by that struct's `describe` function; one declaration serves reading,
/// checking, `config show` and `config schema`.
class Field {
public:
    using Target = std::variant<int*, std::int64_t*, std::uint64_t*, double*, bool*, std::string*, std::vector<int>*,
                                std::vector<std::string>*>;

    Field& unit(std::string text);
    Field& doc(std::string text);
    /// Provenance of the default value: paper, datasheet or "our choice: ...".
    Field& source(std::string text);
    /// Inclusive bounds of a number, or of every number of a list.
    Field& range(double low, double high);
    Field& at_least(double low);
    /// Bound excluded: the value must be greater.
    Field& above(double low);
    Field& required();
    /// The text names a file; a relative one is taken relative to the file that wrote it (command line: to the
    /// working directory). Empty stays empty. Existence is the reader's business.
    Field& file_path();
    /// A text that must be one of these.
    Field& one_of(std::vector<std::string> names);

private:
    friend class Section;
    friend class Access;
    struct Spec {
        std::string unit, doc, source;
        Target target;
        double low = -std::numeric_limits<double>::infinity();
        double high = std::numeric_limits<double>::infinity();
        bool low_excluded = false, required = false, is_path = false;
        std::vector<std::string> choices;
    };
    Spec spec_;
};

/// A group of keys, filled by `describe` functions: `section.value("rows", c.rows).range(1, 1024).doc("...")`.
class Section {
public:
    explicit Section(std::string doc = {});
    Section(Section&&) noexcept;
    Section& operator=(Section&&) noexcept;
    ~Section();

    template <class T>
    Field& value(std::string key, T& target) {
        return add(std::move(key), Field::Target(&target));
    }
    /// A nested section: `describe(root.section("crossbar", "the analog array"), c.crossbar)`.
    Section& section(std::string key, std::string doc);
    /// A key whose raw node is handed over unread, with its location (null node when absent).
    void raw(std::string key, Node& target, std::string doc);

private:
    friend class Access;
    struct Entry;
    Entry& add_entry(std::string key);
    Field& add(std::string key, Field::Target target);
    std::string doc_;
    std::vector<std::unique_ptr<Entry>> entries_;
};

/// Where the effective value of each key path ("crossbar.rows") came from.
struct Origin {
    Location location;   ///< empty file: the built-in default
    std::string source;  ///< provenance: from `sources:` in the files, else the field's own for a default, else empty
};
using Origins = std::map<std::string, Origin>;

/// Reads `root` into the targets of `schema`. Every problem found is reported in one InputError, one per line, as
/// "file:line:col: crossbar.rws: unknown key; did you mean `rows`? ...". Unknown keys, wrong types, out of range,
/// missing required keys. The top-level map `sources:` (key path: text) gives provenance for values set in files;
/// a path there that is no key is an error too.
Origins read(const Node& root, Section& schema);

/// Fails with file, line and key path for a check between several keys.
[[noreturn]] void fail_check(const Origins& origins, const std::string& key_path, const std::string& expected);

/// The effective configuration as YAML that can be read again (paths absolute). With `provenance`, each line carries a
/// comment: unit, where the value came from and its source.
std::string dump(const Section& schema, const Origins& origins, bool provenance);

/// Every key: type, unit, range, default, doc, source; as a text table or as JSON. Call on a freshly built struct.
std::string describe_text(const Section& schema);
std::string describe_json(const Section& schema);

/// The candidate nearest to `word` by edit distance, or empty when none is near.
std::string near_miss(const std::string& word, const std::vector<std::string>& candidates);

}  // namespace xloop::config
