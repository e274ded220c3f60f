#pragma once

#include "core/config/origins.hpp"
#include "core/config/tree.hpp"
#include "core/names.hpp"

#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace xloop::config {

/// An enum, as the schema reads and writes it: by the place of its value among its names.
struct EnumTarget {
    void* place;
    std::size_t (*get)(const void* place);
    void (*set)(void* place, std::size_t index);
};

/// What a key decides besides the run itself: the weights that training ends with, so that another value makes a
/// checkpoint stale, or nothing that is kept.
enum class Affects { weights, nothing };

/// What a configuration key is: its type and target, range, unit, one line of doc, and where its default comes from.
/// Declared beside the struct's members by that struct's `describe` function; one declaration serves reading,
/// checking, `config show` and `config schema`.
class Field {
public:
    using Target = std::variant<int*, std::int64_t*, std::uint64_t*, double*, bool*, std::string*, std::vector<int>*,
                                std::vector<double>*, std::vector<std::string>*, EnumTarget>;

    Field& unit(std::string text);
    /// Inclusive bounds of a number, or of every number of a list. Every number has bounds, so that what is worked out from
    /// it can be counted.
    Field& range(double low, double high);
    /// The lower bound excluded: the value must be greater.
    Field& above(double low, double high);
    Field& required();
    /// A text that must not be empty.
    Field& filled();
    /// The text names a file; a relative one is taken relative to the file that wrote it (command line: to the
    /// working directory). Empty stays empty. Existence is the reader's business.
    Field& file_path();
    /// A text that must be one of these.
    Field& one_of(std::vector<std::string> names);
    /// The key has an effect only where the key at path `other` has one of these values (of an enum or bool). Set without
    /// effect, it is an error, unless the other's value was set in a file above it or on the command line: so that
    /// `-s adc.type=sar` works over a file that has a ramp and its clock.
    template <class... Values>
    Field& only_with(std::string other, Values... values) {
        spec_.conditions.push_back({{std::move(other)}, {written(values)...}});
        return *this;
    }
    /// The key has an effect only where another of these keys is set too, to whatever value.
    Field& only_beside(std::vector<std::string> others);
    Field& affects(Affects what);

    /// What a key needs to have an effect: the first of `keys` with one of `values`, or without values any of `keys`.
    struct Condition {
        std::vector<std::string> keys, values;
        std::string str() const;  ///< "adc.type: ramp", "device.drift_nu or device.drift_nu_sigma"
    };

private:
    friend class Section;
    friend class Access;
    struct Spec {
        std::string unit, doc, source;
        Target target;
        double low = -std::numeric_limits<double>::infinity();
        double high = std::numeric_limits<double>::infinity();
        bool low_excluded = false, required = false, is_path = false, filled = false;
        std::vector<std::string> choices;
        std::vector<Condition> conditions;
        std::optional<Affects> affects;
    };
    static std::string written(bool value) { return value ? "true" : "false"; }
    template <class Enum>
    static std::string written(Enum value) {
        return name_of(value);
    }
    Spec spec_;
};

/// Sections with names of the user's choice, one for each element of a list (Section::named_sections).
struct NamedSections {
    struct Element {
        std::string name;
        std::unique_ptr<Section> section;  ///< refers to the list's element
        std::shared_ptr<void> start;       ///< what the element was before it was read
        std::unique_ptr<Section> start_section;
    };
    std::string doc;
    std::function<void(const std::vector<std::string>& names)> make;
    std::function<std::vector<Element>()> elements;
    std::function<Element()> example;  ///< as it starts, for descriptions
    bool repeats_others = false;       ///< its keys are those of other sections: descriptions leave them out
};

/// A group of keys, filled by `describe` functions: `section.value("rows", c.rows, "rows of an array", "our choice").range(1, 9)`.
class Section {
public:
    explicit Section(std::string doc = {});
    Section(Section&&) noexcept;
    Section& operator=(Section&&) noexcept;
    ~Section();

    /// `doc` says in one line what the key is, `source` where its default comes from: paper, datasheet or "our choice: ...".
    /// An enum is written by one of its names (core/names.hpp).
    template <class T>
    Field& value(std::string key, T& target, std::string doc, std::string source = {}) {
        if constexpr (std::is_enum_v<T>) {
            const EnumTarget place{
                &target, [](const void* from) { return static_cast<std::size_t>(*static_cast<const T*>(from)); },
                [](void* to, std::size_t index) { *static_cast<T*>(to) = static_cast<T>(index); }};
            return add(std::move(key), place, std::move(doc), std::move(source)).one_of(all_names<T>());
        } else {
            return add(std::move(key), &target, std::move(doc), std::move(source));
        }
    }
    /// A nested section: `describe(root.section("crossbar", "the analog array"), c.crossbar)`.
    Section& section(std::string key, std::string doc);
    /// A section of sections with names of the user's choice, in the order in which they are written: one for each element of
    /// `list`, a struct with a `name`, whose keys `describe` declares. Reading makes the elements anew, each from `start(name)`,
    /// after all other keys of the schema have been read. Their keys' conditions are about keys of the same element.
    template <class Element>
    NamedSections& named_sections(std::string key, std::vector<Element>& list, std::string doc,
                                  std::function<Element(const std::string&)> start,
                                  void (*describe)(Section&, Element&)) {
        NamedSections sections;
        sections.doc = std::move(doc);
        sections.make = [&list, start](const std::vector<std::string>& names) {
            list.clear();
            for (const std::string& name : names)
                list.push_back(start(name));
        };
        const auto started = [start, describe](const std::string& name) {
            auto before = std::make_shared<Element>(start(name));
            NamedSections::Element element{name, std::make_unique<Section>(), before, std::make_unique<Section>()};
            describe(*element.start_section, *before);
            return element;
        };
        sections.elements = [&list, started, describe] {
            std::vector<NamedSections::Element> elements;
            for (Element& element : list) {
                elements.push_back(started(element.name));
                describe(*elements.back().section, element);
            }
            return elements;
        };
        sections.example = [started] { return started("NAME"); };
        return add_named(std::move(key), std::move(sections));
    }
    /// What the keys declared from here on affect that do not say so themselves.
    void affects(Affects what) { affects_ = what; }
    /// A condition (Field::only_with) of all keys declared from here on.
    template <class... Values>
    void only_with(std::string other, Values... values) {
        conditions_.push_back({{std::move(other)}, {Field::written(values)...}});
    }
    /// A key that earlier versions had, and in words what says the same today: its use is an error that says so.
    void formerly(std::string key, std::string now) { former_.emplace_back(std::move(key), std::move(now)); }
    /// A key whose raw node is handed over unread, with its location (null node when absent).
    void raw(std::string key, Node& target, std::string doc);

private:
    friend class Access;
    struct Entry;
    Entry& add_entry(std::string key);
    NamedSections& add_named(std::string key, NamedSections sections);
    Field& add(std::string key, Field::Target target, std::string doc, std::string source);
    std::string doc_;
    std::optional<Affects> affects_;
    std::vector<Field::Condition> conditions_;
    std::vector<std::unique_ptr<Entry>> entries_;
    std::vector<std::pair<std::string, std::string>> former_;
};

/// Reads `root` into the targets of `schema`. Every problem found is reported in one InputError, one per line, as
/// "file:line:col: crossbar.rws: unknown key; did you mean `rows`? ...". Unknown keys, wrong types, out of range,
/// missing required keys, keys without effect. The top-level map `sources:` (key path: text) gives provenance for values set in files;
/// a path there that is no key is an error too.
Origins read(const Node& root, Section& schema);

/// The effective configuration as YAML that can be read again (paths absolute). With `provenance`, each line carries a
/// comment: unit, where the value came from and its source.
std::string dump(const Section& schema, const Origins& origins, bool provenance);

/// The values of keys that affect `what`, one line each, "crossbar.rows 64"; a file or folder by its content. Keys without effect are
/// left out. Throws InputError when a file cannot be read.
std::string values_that_affect(Affects what, const Section& schema);

/// Every key: type, unit, range, default, doc, source; as a text table or as JSON. Call on a freshly built struct.
std::string describe_text(const Section& schema);
std::string describe_json(const Section& schema);

}  // namespace xloop::config
