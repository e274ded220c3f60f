#include "core/config/schema.hpp"

#include "core/config/access.hpp"
#include "core/error.hpp"

#include <algorithm>
#include <stdexcept>

namespace xloop::config {
namespace {

/// 2^64: every 64-bit number is below it.
constexpr double largest_seed = 18446744073709551616.0;

}  // namespace

Field& Field::unit(std::string text) {
    spec_.unit = std::move(text);
    return *this;
}

Field& Field::range(double low, double high) {
    spec_.low = low;
    spec_.high = high;
    spec_.low_excluded = false;
    return *this;
}

Field& Field::above(double low, double high) {
    spec_.low = low;
    spec_.high = high;
    spec_.low_excluded = true;
    return *this;
}

Field& Field::required() {
    spec_.required = true;
    return *this;
}

Field& Field::filled() {
    spec_.filled = true;
    return *this;
}

Field& Field::file_path() {
    spec_.is_path = true;
    return *this;
}

Field& Field::one_of(std::vector<std::string> names) {
    spec_.choices = std::move(names);
    return *this;
}

Field& Field::only_beside(std::vector<std::string> others) {
    spec_.conditions.push_back({std::move(others), {}});
    return *this;
}

Field& Field::affects(Affects what) {
    spec_.affects = what;
    return *this;
}

std::string Field::Condition::str() const {
    const std::vector<std::string>& names = values.empty() ? keys : values;
    std::string text = values.empty() ? "" : keys.front() + ": ";
    for (const std::string& name : names)
        text += (&name == &names.front() ? "" : &name == &names.back() ? " or " : ", ") + name;
    return text;
}

Section::Section(std::string doc) : doc_(std::move(doc)) {}
Section::Section(Section&&) noexcept = default;
Section& Section::operator=(Section&&) noexcept = default;
Section::~Section() = default;

Section::Entry& Section::add_entry(std::string key) {
    const auto has_key = [&](const auto& entry) { return entry->key == key; };
    if (std::any_of(entries_.begin(), entries_.end(), has_key))
        throw std::logic_error("configuration key declared twice: " + key);
    if (key.empty() || key.find('.') != std::string::npos)
        throw std::logic_error("a configuration key must have a name without dots: `" + key + "`");
    entries_.push_back(std::make_unique<Entry>());
    entries_.back()->key = std::move(key);
    return *entries_.back();
}

Field& Section::add(std::string key, Field::Target target, std::string doc, std::string source) {
    Field& field = add_entry(std::move(key)).what.emplace<Field>();
    field.spec_.target = target;
    field.spec_.affects = affects_;
    field.spec_.conditions = conditions_;
    if (std::holds_alternative<std::uint64_t*>(target))
        field.range(0, largest_seed);
    field.spec_.doc = std::move(doc);
    field.spec_.source = std::move(source);
    return field;
}

Section& Section::section(std::string key, std::string doc) {
    return add_entry(std::move(key)).what.emplace<Section>(std::move(doc));
}

NamedSections& Section::add_named(std::string key, NamedSections sections) {
    return add_entry(std::move(key)).what.emplace<NamedSections>(std::move(sections));
}

void Section::raw(std::string key, Node& target, std::string doc) {
    add_entry(std::move(key)).what = RawKey{&target, std::move(doc)};
}

namespace {

void collect(const Section& section, const std::string& path, Fields& fields) {
    for (const auto& entry : Access::entries(section)) {
        const std::string own = join_path(path, entry->key);
        if (const auto* inner = std::get_if<Section>(&entry->what)) {
            collect(*inner, own, fields);
        } else if (!std::holds_alternative<NamedSections>(entry->what)) {
            const auto* field = std::get_if<Field>(&entry->what);
            fields.emplace_back(own, field ? &Access::spec(*field) : nullptr);
        }
    }
}

using NamedElements = std::vector<std::pair<std::string, NamedSections::Element>>;

void collect(const Section& section, const std::string& path, NamedElements& elements) {
    for (const auto& entry : Access::entries(section)) {
        const std::string own = join_path(path, entry->key);
        if (const auto* inner = std::get_if<Section>(&entry->what))
            collect(*inner, own, elements);
        else if (const auto* named = std::get_if<NamedSections>(&entry->what))
            for (NamedSections::Element& element : named->elements()) {
                std::string place = join_path(own, element.name);
                elements.emplace_back(std::move(place), std::move(element));
            }
    }
}

}  // namespace

std::vector<std::pair<std::string, NamedSections::Element>> named_elements(const Section& schema) {
    NamedElements elements;
    collect(schema, "", elements);
    return elements;
}

Fields fields_of(const Section& schema) {
    Fields fields;
    collect(schema, "", fields);
    return fields;
}

Origins origins_of(const Origins& origins, const std::string& path) {
    Origins below;
    const std::string prefix = path + ".";
    for (auto at = origins.lower_bound(prefix); at != origins.end() && at->first.rfind(prefix, 0) == 0; ++at) {
        const std::string key = at->first.substr(prefix.size());
        const auto top = origins.find(key);
        const bool written = !at->second.location.file.empty();
        Origin& own = below[key] = written || top == origins.end() ? at->second : top->second;
        if (written)
            own.path = at->first;
    }
    return below;
}

void fail_check(const Origins& origins, const std::string& key_path, const std::string& expected) {
    const auto origin = origins.find(key_path);
    const bool written = origin != origins.end() && !origin->second.location.file.empty();
    if (written)
        throw InputError(origin->second.location.str() + ": " +
                         (origin->second.path.empty() ? key_path : origin->second.path) + ": expected " + expected);
    throw InputError(key_path + ": expected " + expected + "; this is the built-in default, set the key in a file");
}

}  // namespace xloop::config
