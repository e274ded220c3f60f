#include "core/config/value.hpp"

#include "core/config/emit.hpp"
#include "core/installed.hpp"
#include "core/words.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <type_traits>

namespace xloop::config {
namespace {

using Spec = Access::Spec;

constexpr double two_to_64 = 18446744073709551616.0;

/// What is written for a target: an enum by its name.
template <class Target>
using Written = std::conditional_t<std::is_pointer_v<Target>, std::remove_pointer_t<Target>, std::string>;

template <class T>
struct IsList : std::false_type {};
template <class T>
struct IsList<std::vector<T>> : std::true_type {};

/// What a text was read as; on failure, why, unless the expectation says it all.
struct Reading {
    bool ok = false;
    std::string note;
};

/// The text of a number for from_chars, which knows no blanks and no leading plus.
std::string without_plus(const std::string& text) {
    const std::string_view bare = trimmed(text);
    return std::string(bare.size() > 1 && bare[0] == '+' && bare[1] != '-' ? bare.substr(1) : bare);
}

template <class Number>
Reading parse_number(const std::string& text, Number& out) {
    const std::string digits = without_plus(text);
    const char* end = digits.data() + digits.size();
    const auto [stop, error] = std::from_chars(digits.data(), end, out);
    if (error == std::errc::result_out_of_range)
        return {false, " (beyond " + std::to_string(8 * sizeof(Number)) + " bits)"};
    return {error == std::errc() && stop == end, ""};
}

template <class Number>
bool in_bounds(const Spec& spec, Number value) {
    // long double holds every 64-bit integer exactly.
    const auto exact = static_cast<long double>(value);
    return exact <= spec.high && (spec.low_excluded ? exact > spec.low : exact >= spec.low);
}

template <class Number, std::enable_if_t<std::is_arithmetic_v<Number>, int> = 0>
Reading convert(const Spec& spec, const std::string& text, Number& out) {
    Reading reading = parse_number(text, out);
    if constexpr (std::is_floating_point_v<Number>)
        reading.ok = reading.ok && std::isfinite(out);
    reading.ok = reading.ok && in_bounds(spec, out);
    return reading;
}

Reading convert(const Spec&, const std::string& text, bool& out) {
    out = text == "true";
    if (out || text == "false")
        return {true, ""};
    return {false, did_you_mean(text, {"true", "false"})};
}

Reading convert(const Spec& spec, const std::string& text, std::string& out) {
    out = text;
    if (text.find('\0') != std::string::npos)
        return {false, " (with a NUL character)"};
    if (spec.filled && text.empty())
        return {false, ""};
    const auto& names = spec.choices;
    if (names.empty() || std::find(names.begin(), names.end(), text) != names.end())
        return {true, ""};
    return {false, did_you_mean(text, names)};
}

/// A relative path is meant from the folder of the file that wrote it; the command line has no folder.
std::string resolved(const std::string& path, const Location& location) {
    namespace fs = std::filesystem;
    const fs::path folder = fs::path(location.file).parent_path();
    return fs::absolute(folder.empty() ? fs::path(installed(path)) : folder / path).lexically_normal().string();
}

std::string bound_text(double bound) {
    // Counts are read more easily without an exponent.
    constexpr double largest_plain = 1e15;
    if (std::abs(bound) < largest_plain && bound == std::trunc(bound))
        return std::to_string(static_cast<std::int64_t>(bound));
    return number_text(bound);
}

std::string choices_text(const Spec& spec) {
    std::string text = "one of ";
    for (const std::string& name : spec.choices)
        text += (&name == &spec.choices.front() ? "`" : ", `") + name + "`";
    return text;
}

/// "integer" and "an integer" for a scalar type.
struct TypeWords {
    std::string name, with_article, plural;
};

template <class T>
TypeWords words(const Spec& spec) {
    if constexpr (std::is_same_v<T, bool>)
        return {"true/false", "`true` or `false`", ""};
    else if constexpr (std::is_integral_v<T>)
        return {"integer", "an integer", "integers"};
    else if constexpr (std::is_floating_point_v<T>)
        return {"number", "a number", "numbers"};
    else if (spec.is_path)
        return {"file", "the name of a file", "files"};
    else if (spec.filled)
        return {"text", "a text that is not empty", "texts"};
    else
        return {"text", "a text", "texts"};
}

template <class T>
std::string expect_one(const Spec& spec) {
    if (!spec.choices.empty())
        return choices_text(spec);
    const std::string bounds = bounds_text(spec);
    const bool interval = !bounds.empty() && (bounds[0] == '[' || bounds[0] == '(');
    return words<T>(spec).with_article + (bounds.empty() ? "" : interval ? " in " : " ") + bounds;
}

template <class T>
std::string expect_list(const Spec& spec) {
    const std::string list = "a list of " + words<T>(spec).plural;
    const bool limited = !spec.choices.empty() || !bounds_text(spec).empty();
    return limited ? list + ", each " + expect_one<T>(spec) : list;
}

class Assigner {
public:
    Assigner(const Spec& spec, const Complain& complain) : spec_(spec), complain_(complain) {}

    template <class T>
    void assign(const Node& node, T* target) {
        if (std::optional<T> value = read<T>(node, ""))
            *target = std::move(*value);
    }

    void assign(const Node& node, const EnumTarget& target) {
        if (const std::optional<std::string> name = read<std::string>(node, ""))
            target.set(target.place,
                       static_cast<std::size_t>(std::find(spec_.choices.begin(), spec_.choices.end(), *name) -
                                                spec_.choices.begin()));
    }

    template <class T>
    void assign(const Node& node, std::vector<T>* target) {
        if (node.kind == Node::Kind::scalar) {
            if (std::optional<T> value = read<T>(node, ""))
                *target = {std::move(*value)};
            return;
        }
        if (node.kind != Node::Kind::sequence) {
            complain_(node, "", "expected " + expect_list<T>(spec_) + ", got " + found_text(node));
            return;
        }
        std::vector<T> values;
        for (std::size_t i = 0; i < node.items.size(); ++i) {
            if (std::optional<T> value = read<T>(node.items[i].second, "[" + std::to_string(i) + "]"))
                values.push_back(std::move(*value));
        }
        if (values.size() == node.items.size())
            *target = std::move(values);
    }

private:
    template <class T>
    std::optional<T> read(const Node& node, const std::string& place) {
        T value{};
        // A list or map of the command line has its text too: the name of a file may look like one.
        const bool is_text = node.kind == Node::Kind::scalar || (std::is_same_v<T, std::string> && !node.text.empty());
        const Reading reading = is_text ? convert(spec_, node.text, value) : Reading();
        if (!reading.ok) {
            complain_(node, place, "expected " + expect_one<T>(spec_) + ", got " + found_text(node) + reading.note);
            return std::nullopt;
        }
        if constexpr (std::is_same_v<T, std::string>) {
            if (spec_.is_path && !value.empty())
                value = resolved(value, node.location);
        }
        return value;
    }

    const Spec& spec_;
    const Complain& complain_;
};

Node scalar(std::string text) {
    Node node;
    node.kind = Node::Kind::scalar;
    node.text = std::move(text);
    return node;
}

Node to_node(bool value) { return scalar(value ? "true" : "false"); }
Node to_node(double value) { return scalar(number_text(value)); }
Node to_node(const std::string& value) { return scalar(value); }

template <class Integer, std::enable_if_t<std::is_integral_v<Integer>, int> = 0>
Node to_node(Integer value) {
    return scalar(std::to_string(value));
}

template <class T>
Node to_node(const std::vector<T>& values) {
    Node list;
    list.kind = Node::Kind::sequence;
    for (const T& value : values)
        list.items.emplace_back(std::string(), to_node(value));
    return list;
}

}  // namespace

std::string type_name(const Spec& spec) {
    return std::visit(
        [&](const auto& target) {
            using T = Written<std::decay_t<decltype(target)>>;
            if constexpr (IsList<T>::value)
                return "list of " + words<typename T::value_type>(spec).plural;
            else
                return words<T>(spec).name;
        },
        spec.target);
}

std::string bounds_text(const Spec& spec) {
    const bool has_low = std::isfinite(spec.low);
    const bool has_high = std::isfinite(spec.high);
    if (has_low && spec.high == two_to_64)
        return "[" + bound_text(spec.low) + ", 2^64)";
    if (has_low && has_high)
        return (spec.low_excluded ? "(" : "[") + bound_text(spec.low) + ", " + bound_text(spec.high) + "]";
    if (has_low)
        return (spec.low_excluded ? "> " : ">= ") + bound_text(spec.low);
    return has_high ? "<= " + bound_text(spec.high) : "";
}

std::string expectation(const Spec& spec) {
    return std::visit(
        [&](const auto& target) {
            using T = Written<std::decay_t<decltype(target)>>;
            if constexpr (IsList<T>::value)
                return expect_list<typename T::value_type>(spec);
            else
                return expect_one<T>(spec);
        },
        spec.target);
}

std::string found_text(const Node& node) {
    switch (node.kind) {
    case Node::Kind::null: return "nothing";
    case Node::Kind::scalar: return "`" + one_line(node.text) + "`";
    case Node::Kind::sequence: return "a list";
    case Node::Kind::map: break;
    }
    return "a map";
}

void assign(const Spec& spec, const Node& node, const Complain& complain) {
    std::visit([&](const auto& target) { Assigner(spec, complain).assign(node, target); }, spec.target);
}

Node value_node(const Spec& spec) {
    return std::visit(
        [&](const auto& target) {
            if constexpr (std::is_pointer_v<std::decay_t<decltype(target)>>)
                return to_node(*target);
            else
                return scalar(spec.choices[target.get(target.place)]);
        },
        spec.target);
}

const Spec& field_at(const Fields& fields, const std::string& path) {
    for (const auto& [own, spec] : fields)
        if (own == path && spec)
            return *spec;
    throw std::logic_error("a configuration key has an effect only with " + path + ", which is no key");
}

const Field::Condition* unmet_condition(const Fields& fields, const Spec& spec) {
    for (const Field::Condition& condition : spec.conditions) {
        const auto& values = condition.values;
        if (!values.empty() && std::find(values.begin(), values.end(),
                                         value_node(field_at(fields, condition.keys.front())).text) == values.end())
            return &condition;
    }
    return nullptr;
}

std::string value_text(const Spec& spec, Paths paths) {
    const auto text_of = [&](const std::string& text) {
        const bool resolve = spec.is_path && paths == Paths::absolute && !text.empty();
        return scalar_text(resolve ? resolved(text, {}) : text);
    };
    // A text that looks like a number needs quotes, which a node would not know.
    if (const auto* text = std::get_if<std::string*>(&spec.target))
        return text_of(**text);
    if (std::holds_alternative<EnumTarget>(spec.target))
        return text_of(value_node(spec).text);
    if (const auto* texts = std::get_if<std::vector<std::string>*>(&spec.target)) {
        std::string list;
        for (const std::string& text : **texts)
            list += (list.empty() ? "" : ", ") + text_of(text);
        return "[" + list + "]";
    }
    return flow_text(value_node(spec));
}

Fields changed_fields(const NamedSections::Element& element) {
    const Fields start = fields_of(*element.start_section), now = fields_of(*element.section);
    Fields changed;
    for (std::size_t f = 0; f < now.size(); ++f)
        if (value_text(*now[f].second, Paths::as_written) != value_text(*start[f].second, Paths::as_written))
            changed.push_back(now[f]);
    return changed;
}

}  // namespace xloop::config
