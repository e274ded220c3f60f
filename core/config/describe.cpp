#include "core/config/access.hpp"
#include "core/config/emit.hpp"
#include "core/config/value.hpp"
#include "core/json.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <stdexcept>
#include <type_traits>

namespace xloop::config {
namespace {

constexpr const char* none = " [convention: none]";

/// The text table's columns before the doc.
using Row = std::array<std::string, 5>;

std::string bounds_or_choices(const Access::Spec& spec) {
    std::string names;
    for (const std::string& name : spec.choices)
        names += (names.empty() ? "" : " | ") + name;
    return names.empty() ? bounds_text(spec) : names;
}

/// A default must be a value that a user may write: otherwise the dump of a default configuration cannot be read.
void check_default(const Access::Spec& spec, const std::string& path) {
    const Complain complain = [&](const Node&, const std::string& place, const std::string& problem) {
        throw std::logic_error("the default of " + path + place + " is not allowed: " + problem);
    };
    std::visit(
        [&](const auto& target) {
            if constexpr (std::is_pointer_v<std::decay_t<decltype(target)>>) {  // an enum is always one of its names
                auto scratch = *target;
                Access::Spec copy = spec;
                copy.target = &scratch;
                assign(copy, value_node(spec), complain);
            }
        },
        spec.target);
}

void check_documented(const Access::Spec& spec, const std::string& path) {
    if (spec.doc.empty())
        throw std::logic_error("configuration key without doc: " + path);
    if (spec.required)
        return;
    if (spec.source.empty())
        throw std::logic_error("the default of a configuration key without source: " + path);
    check_default(spec, path);
}

void check_doc(const std::string& doc, const std::string& path) {
    if (doc.empty())
        throw std::logic_error("configuration key without doc: " + path);
}

/// Columns are counted in code points, which is near enough to what a terminal shows.
std::size_t width(const std::string& text) {
    const auto begins_point = [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; };
    return std::count_if(text.begin(), text.end(), begins_point);
}

class TextTable {
public:
    void add(Row row, std::string last) {
        for (std::size_t i = 0; i < row.size(); ++i)
            widths_[i] = std::max(widths_[i], width(row[i]));
        rows_.emplace_back(std::move(row), std::move(last));
    }

    std::string str() const {
        std::string text;
        for (const auto& [row, last] : rows_) {
            text += " ";
            for (std::size_t i = 0; i < row.size(); ++i)
                text += " " + row[i] + std::string(widths_[i] - width(row[i]) + 1, ' ');
            text += " " + last + "\n";
        }
        return text;
    }

private:
    std::array<std::size_t, std::tuple_size_v<Row>> widths_{};
    std::vector<std::pair<Row, std::string>> rows_;
};

void add_row(TextTable& table, const std::string& key, const Access::Spec& spec) {
    const std::string standard = spec.required ? "required" : value_text(spec, Paths::as_written);
    std::string conditions;
    for (const Field::Condition& condition : spec.conditions)
        conditions += "; only with " + condition.str();
    const std::string doc = spec.doc + conditions + (spec.source.empty() ? "" : " [" + spec.source + "]");
    table.add({key, type_name(spec), standard, bounds_or_choices(spec), spec.unit}, doc);
}

/// A section's own keys as one table, then the sections inside it.
std::string section_text(const Section& section, const std::string& path) {
    TextTable table;
    table.add({"key", "type", "default", "allowed", "unit"}, "meaning [source of the default]");
    std::string nested;
    std::size_t own_keys = 0;
    for (const auto& entry : Access::entries(section)) {
        const std::string own = join_path(path, entry->key);
        if (const auto* inner = std::get_if<Section>(&entry->what)) {
            check_doc(Access::doc(*inner), own);
            nested += section_text(*inner, own);
            continue;
        }
        ++own_keys;
        if (const auto* field = std::get_if<Field>(&entry->what)) {
            check_documented(Access::spec(*field), own);
            add_row(table, entry->key, Access::spec(*field));
        } else if (const auto* named = std::get_if<NamedSections>(&entry->what)) {
            check_doc(named->doc, own);
            table.add({entry->key, "sections", "{}", "", ""}, named->doc + none);
            if (!named->repeats_others)
                nested += section_text(*named->example().start_section, join_path(own, "NAME"));
        } else {
            const RawKey& raw = std::get<RawKey>(entry->what);
            check_doc(raw.doc, own);
            table.add({entry->key, "any", "", "", ""}, raw.doc);
        }
    }
    const std::string& doc = Access::doc(section);
    std::string heading = path.empty() || doc.empty() ? path + doc : path + ": " + doc;
    if (!heading.empty())
        heading += "\n";
    return heading + (own_keys > 0 ? table.str() : "") + (heading.empty() && own_keys == 0 ? "" : "\n") + nested;
}

Json default_json(const Access::Spec& spec) {
    if (spec.required)
        return nullptr;
    return std::visit(
        [&](const auto& target) {
            if constexpr (std::is_pointer_v<std::decay_t<decltype(target)>>)
                return Json(*target);
            else
                return Json(value_node(spec).text);
        },
        spec.target);
}

/// Bounds of whole numbers are written as whole numbers.
Json bound_json(const Access::Spec& spec, double bound) {
    if (!std::isfinite(bound))
        return nullptr;
    constexpr double largest_exact = 9007199254740992.0;  // 2^53
    const bool is_real = std::holds_alternative<double*>(spec.target) ||
                         std::holds_alternative<std::vector<double>*>(spec.target);
    if (is_real || std::abs(bound) > largest_exact || bound != std::trunc(bound))
        return bound;
    return static_cast<std::int64_t>(bound);
}

Json field_json(const std::string& path, const Access::Spec& spec) {
    Json only_with = Json::array();
    for (const Field::Condition& condition : spec.conditions)
        only_with.push_back(condition.str());
    return {{"key", path},
            {"type", type_name(spec)},
            {"unit", spec.unit},
            {"default", default_json(spec)},
            {"required", spec.required},
            {"minimum", bound_json(spec, spec.low)},
            {"minimum_excluded", spec.low_excluded},
            {"maximum", bound_json(spec, spec.high)},
            {"choices", spec.choices},
            {"only_with", only_with},
            {"doc", spec.doc},
            {"source", spec.source}};
}

Json open_json(const std::string& path, const char* type, const std::string& doc, const char* source = "") {
    return {{"key", path},
            {"type", type},
            {"unit", ""},
            {"default", nullptr},
            {"required", false},
            {"minimum", nullptr},
            {"minimum_excluded", false},
            {"maximum", nullptr},
            {"choices", Json::array()},
            {"only_with", Json::array()},
            {"doc", doc},
            {"source", source}};
}

void collect_json(const Section& section, const std::string& path, Json& list) {
    for (const auto& entry : Access::entries(section)) {
        const std::string own = join_path(path, entry->key);
        if (const auto* inner = std::get_if<Section>(&entry->what)) {
            check_doc(Access::doc(*inner), own);
            collect_json(*inner, own, list);
        } else if (const auto* field = std::get_if<Field>(&entry->what)) {
            check_documented(Access::spec(*field), own);
            list.push_back(field_json(own, Access::spec(*field)));
        } else if (const auto* named = std::get_if<NamedSections>(&entry->what)) {
            check_doc(named->doc, own);
            list.push_back(open_json(own, "sections", named->doc, "convention: none"));
            if (!named->repeats_others)
                collect_json(*named->example().start_section, join_path(own, "NAME"), list);
        } else {
            const RawKey& raw = std::get<RawKey>(entry->what);
            check_doc(raw.doc, own);
            list.push_back(open_json(own, "any", raw.doc));
        }
    }
}

}  // namespace

std::string describe_text(const Section& schema) { return section_text(schema, ""); }

std::string describe_json(const Section& schema) {
    Json list = Json::array();
    collect_json(schema, "", list);
    return list.dump(2) + "\n";
}

}  // namespace xloop::config
