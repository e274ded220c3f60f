#include "traces/bus/name_map.hpp"

#include "core/config/schema.hpp"
#include "core/error.hpp"
#include "traces/text/name_pattern.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <string_view>
#include <unordered_map>

namespace xloop::trace {
namespace {

[[noreturn]] void fail(const config::Location& where, const std::string& text) {
    throw InputError(where.str() + ": " + text);
}

bool is_number(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

int to_int(std::string_view digits) {
    int value = -1;
    std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return value;
}

bool has_empty_level(const std::string& path) {
    return path.empty() || path.front() == '.' || path.back() == '.' || path.find("..") != std::string::npos;
}

/// Instances joined by '.', as Verilog's identifiers and indices allow.
void check_path(const config::Location& where, const char* key, const std::string& path) {
    const auto allowed = [](unsigned char c) {
        return std::isalnum(c) || std::string_view("_$.[]").find(c) != std::string_view::npos;
    };
    if (has_empty_level(path) || !std::all_of(path.begin(), path.end(), allowed))
        fail(where, fmt::format("{}: expected names of letters, digits, `_`, `$`, `[` and `]`, joined by `.`, got `{}`",
                                key, path));
}

/// The text of `rtl`: "u_tile.u_pe{3}.code" with captures in it, whole numbers also as {3:02d}.
class Template {
public:
    Template(const std::string& text, int captures, const config::Location& where) : where_(where) {
        std::string shape;  // with a digit for each capture
        for (std::size_t at = 0; at < text.size();) {
            if (text[at] != '{') {
                const std::size_t end = std::min(text.find('{', at), text.size());
                parts_.push_back({text.substr(at, end - at), 0, 0, false, false});
                shape += parts_.back().text;
                at = end;
                continue;
            }
            const std::size_t end = text.find('}', at);
            if (end == std::string::npos)
                fail(where, "rtl: expected `}` after `{`");
            parts_.push_back(capture(text.substr(at + 1, end - at - 1), captures));
            shape += '0';
            at = end + 1;
        }
        check_path(where, "rtl", shape);
    }

    std::string fill(const std::vector<std::string_view>& captures, const std::string& signal) const {
        std::string text;
        for (const Part& part : parts_) {
            if (part.capture == 0)
                text += part.text;
            else if (!part.number)
                text += captures[static_cast<std::size_t>(part.capture - 1)];
            else
                text += padded(captures[static_cast<std::size_t>(part.capture - 1)], part, signal);
        }
        std::replace(text.begin(), text.end(), NamePattern::own_separator, '.');
        if (has_empty_level(text))
            fail(where_, fmt::format("rtl: a wildcard stands for nothing in {}, which leaves `{}`", signal, text));
        return text;
    }

private:
    struct Part {
        std::string text;
        int capture = 0;  ///< 0: the text
        int width = 0;
        bool number = false, zeros = false;
    };

    Part capture(const std::string& inside, int captures) const {
        const std::size_t colon = inside.find(':');
        Part part;
        const std::string which = inside.substr(0, colon);
        part.capture = is_number(which) ? to_int(which) : -1;
        if (part.capture < 1 || part.capture > captures)
            fail(where_, fmt::format("rtl: expected the number of a wildcard of `model`, {}, got `{{{}}}`",
                                     captures == 0   ? "which has none"
                                     : captures == 1 ? "{1}"
                                                     : fmt::format("{{1}} to {{{}}}", captures),
                                     inside));
        if (colon != std::string::npos)
            read_format(inside.substr(colon + 1), inside, part);
        return part;
    }

    void read_format(std::string format, const std::string& inside, Part& part) const {
        part.number = true;
        const bool ends = !format.empty() && format.back() == 'd';
        if (ends)
            format.pop_back();
        part.zeros = !format.empty() && format.front() == '0';
        part.width = format.empty() ? 0 : is_number(format) ? to_int(format) : -1;
        if (!ends || part.width < 0 || part.width > 9 || (!part.zeros && part.width > 0))
            fail(where_, fmt::format("rtl: expected a format such as `{{1:d}}` or `{{1:02d}}`, got `{{{}}}`", inside));
    }

    std::string padded(std::string_view captured, const Part& part, const std::string& signal) const {
        if (!is_number(captured) || captured.size() > 9)
            fail(where_, fmt::format("rtl: `{{{}:d}}` expects a whole number, but it stands for `{}` in {}",
                                     part.capture, captured, signal));
        return fmt::format("{:0{}d}", to_int(captured), part.width);
    }

    config::Location where_;
    std::vector<Part> parts_;
};

struct Rule {
    config::Location where;
    std::string pattern;
    NamePattern model;
    std::optional<Template> rtl;  ///< nothing: dropped
    int width = 0;                ///< that the RTL declares; 0: any
    bool used = false;
};

/// Whether a text ends in "[3]" or "[7:0]".
bool ends_in_range(std::string_view text) {
    const std::size_t bracket = text.rfind('[');
    return bracket != std::string_view::npos && bracket + 2 < text.size() && text.back() == ']' &&
           text.substr(bracket + 1, text.size() - bracket - 2).find_first_not_of("0123456789:") ==
               std::string_view::npos;
}

NamePattern read_pattern(const config::Node& rule, const char* key, const std::string& text) {
    if (ends_in_range(text))
        fail(rule.find(key)->location,
             fmt::format("{}: a bus is matched by its name alone, without brackets: `data`, not `data[7:0]`", key));
    try {
        return NamePattern(text);
    } catch (const InputError& error) {
        fail(rule.find(key)->location, std::string(key) + ": " + error.what());
    }
}

Rule read_rule(const config::Node& node) {
    std::string model, rtl, drop;
    int width = 0;
    config::Section section("a rule");
    section.value("model", model, "pattern for signals");
    section.value("rtl", rtl, "the net");
    section.value("width", width, "bits that the net has").range(1, 1 << 20);
    section.value("drop", drop, "pattern for signals without a net");
    config::read(node, section);
    const bool drops = node.find("drop");
    if (drops ? node.items.size() > 1 : !node.find("model") || !node.find("rtl"))
        fail(node.location, "expected `model` and `rtl` in a rule, or `drop` alone");
    const char* key = drops ? "drop" : "model";
    const std::string& pattern = drops ? drop : model;
    Rule rule{node.location, pattern, read_pattern(node, key, pattern), std::nullopt, width};
    if (!drops)
        rule.rtl.emplace(rtl, rule.model.captures(), node.find("rtl")->location);
    return rule;
}

bool names_bits(const std::string& bus_bit) {
    const std::size_t name = bus_bit.find("{}"), bit = bus_bit.find("{}", name + 2);
    const auto braces = std::count_if(bus_bit.begin(), bus_bit.end(), [](char c) { return c == '{' || c == '}'; });
    return name != std::string::npos && bit != std::string::npos && bit > name + 2 && braces == 4;
}

}  // namespace

bool is_saif_keyword(std::string_view name) {
    constexpr std::array<std::string_view, 32> keywords = {
        "SAIFILE", "SAIFVERSION", "DIRECTION", "DESIGN", "DATE",   "VENDOR",  "PROGRAM_NAME", "VERSION",
        "DIVIDER", "TIMESCALE",   "DURATION",  "NET",    "PORT",   "COND",    "COND_DEFAULT", "INSTANCE",
        "IOPATH",  "RISE",        "FALL",      "TYPE",   "MODULE", "LEAKAGE", "LIBRARY",      "VIRTUAL_INSTANCE",
        "T0",      "T1",          "TX",        "TZ",     "TB",     "TC",      "IG",           "IK"};
    return std::find(keywords.begin(), keywords.end(), name) != keywords.end();
}

struct NameMap::Rules {
    std::vector<Rule> rules;
    std::string prefix;
    bool keep_unmapped = false;
    NetNaming naming;
    std::string top;  ///< first instance of the nets
    std::vector<std::string> unmapped;
    std::unordered_map<std::string, std::string> taken;  ///< by net: the signal
    std::vector<std::string_view> captures;

    explicit Rules(const config::Node& root) {
        std::string divider = "/", unmapped_signals = "drop";
        config::Node list;
        config::Section section("a map of names");
        section.raw("rules", list, "of which the first that matches a signal names its net");
        section.value("prefix", prefix, "instances around the mapped design");
        section.value("divider", divider, "between instances").one_of({"/", "."});
        section.value("bus_bit", naming.bus_bit, "name and number of a bit");
        section.value("unmapped", unmapped_signals, "signals that no rule takes").one_of({"drop", "keep"});
        const config::Origins origins = config::read(root, section);
        if (root.find("prefix"))
            check_path(origins.at("prefix").location, "prefix", prefix);
        if (!names_bits(naming.bus_bit))
            config::fail_check(origins, "bus_bit",
                               "expected `{}` for the name and a second, apart, for the bit, as in `{}[{}]`");
        naming.divider = divider[0];
        keep_unmapped = unmapped_signals == "keep";
        read_rules(root, list);
    }

    void read_rules(const config::Node& root, const config::Node& list) {
        if (list.kind != config::Node::Kind::sequence || list.items.empty())
            fail(list.kind == config::Node::Kind::null ? root.location : list.location,
                 "rules: expected a list such as [{model: \"chip.tile_*_*.bus.data\", rtl: \"u_tile_{1}_{2}.bus_q\"}]");
        for (const auto& [unused, node] : list.items) {
            rules.push_back(read_rule(node));
            const std::string& rtl = node.find("rtl") ? node.find("rtl")->text : "";
            if (rules.back().rtl && prefix.empty() && rtl.find('.') == std::string::npos)
                fail(node.find("rtl")->location,
                     "rtl: expected a net within an instance, such as `top." + rtl + "`; or set `prefix`");
        }
    }

    Net take(const std::string& signal, const Levels& path, const config::Location* rule) {
        Levels net = prefix.empty() ? Levels() : levels_of(prefix);
        net.insert(net.end(), path.begin(), path.end());
        const std::string where = rule ? rule->str() + ": " : "";
        const auto [first, is_new] = taken.emplace(joined(net), signal);
        if (!is_new)
            throw InputError(fmt::format("{}two signals for one net: {} and {} would both be {}", where, first->second,
                                         signal, joined(net)));
        for (std::string_view name : net)
            if (is_saif_keyword(name))
                throw InputError(
                    fmt::format("{}{} would be {}, but `{}` is a keyword of SAIF, which power tools do not take "
                                "as a name; expected another one",
                                where, signal, joined(net), name));
        if (top.empty())
            top = net.front();
        if (top != net.front())
            throw InputError(
                fmt::format("{}{} would be {}, beside the top instance {}, but power tools take one; expected "
                            "all nets below one, as by `prefix`",
                            where, signal, joined(net), top));
        const std::string name(net.back());
        net.pop_back();
        return {{net.begin(), net.end()}, name};
    }
};

NameMap::NameMap(std::unique_ptr<Rules> rules) : rules_(std::move(rules)) {}
NameMap::NameMap(NameMap&&) noexcept = default;
NameMap::~NameMap() = default;

NameMap NameMap::load(const std::string& path) { return NameMap(std::make_unique<Rules>(config::load_file(path))); }

NameMap NameMap::of_text(const std::string& text, const std::string& name) {
    return NameMap(std::make_unique<Rules>(config::load_text(text, name)));
}

std::optional<NameMap::Net> NameMap::rename(const Levels& scope, const std::string& name, int width) {
    Levels path = scope;
    path.emplace_back(name);
    const std::string signal = joined(path),
                      text = fmt::format("{}", fmt::join(path, std::string_view(&NamePattern::own_separator, 1)));
    for (Rule& rule : rules_->rules) {
        if (!rule.model.match(text, rules_->captures, NamePattern::own_separator))
            continue;
        rule.used = true;
        if (!rule.rtl)
            return std::nullopt;
        if (rule.width > 0 && rule.width != width)
            fail(rule.where, fmt::format("width: the net has {} bits, but {} has {}; change the design or the hardware",
                                         rule.width, signal, width));
        const std::string net = rule.rtl->fill(rules_->captures, signal);
        return rules_->take(signal, levels_of(net), &rule.where);
    }
    rules_->unmapped.push_back(signal);
    if (!rules_->keep_unmapped)
        return std::nullopt;
    return rules_->take(signal, path, nullptr);
}

const NetNaming& NameMap::naming() const { return rules_->naming; }

const std::vector<std::string>& NameMap::unmapped() const { return rules_->unmapped; }

std::vector<std::string> NameMap::unused_rules() const {
    std::vector<std::string> unused;
    for (const Rule& rule : rules_->rules) {
        if (!rule.used)
            unused.push_back(fmt::format("{}:{}: {}", rule.where.file, rule.where.line, rule.pattern));
    }
    return unused;
}

}  // namespace xloop::trace
