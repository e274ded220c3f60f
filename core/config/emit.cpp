#include "core/config/emit.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <set>

namespace xloop::config {
namespace {

bool is_plain(const std::string& text) {
    // Some YAML readers take these words for something else than a text.
    static const std::set<std::string> special = {"null", "true", "false", "yes", "no", "on",
                                                  "off",  "y",    "n",     "inf", "nan"};
    const auto byte_is = [](int (*test)(int), char c) { return test(static_cast<unsigned char>(c)) != 0; };
    if (text.empty() || text.back() == ' ')
        return false;
    if (!byte_is(std::isalpha, text[0]) && text[0] != '_' && text[0] != '/')
        return false;
    for (char c : text) {
        if (!byte_is(std::isalnum, c) && std::string("_-./+ ").find(c) == std::string::npos)
            return false;
    }
    std::string lower = text;
    std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return std::tolower(c); });
    return special.count(lower) == 0;
}

/// A number without quotes, for nodes whose text is one.
bool is_number(const std::string& text) {
    double value = 0;
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    return error == std::errc() && stop == end && (std::isdigit(static_cast<unsigned char>(text.back())) != 0);
}

std::string quoted(const std::string& text) {
    static const char* hex = "0123456789abcdef";
    std::string out = "\"";
    for (char c : text) {
        const unsigned char byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out += {'\\', c};
        } else if (c == '\n') {
            out += "\\n";
        } else if (c == '\t') {
            out += "\\t";
        } else if (byte < 0x20 || byte == 0x7F) {
            out += {'\\', 'x', hex[byte >> 4], hex[byte & 15]};
        } else {
            out += c;
        }
    }
    return out + "\"";
}

/// Nodes do not remember whether a scalar was quoted, and every field reads its own type from the text; only what
/// would change its meaning without quotes needs them.
std::string node_scalar(const std::string& text) {
    return is_number(text) || text == "true" || text == "false" ? text : scalar_text(text);
}

bool has_items_in_items(const Node& node) {
    return std::any_of(node.items.begin(), node.items.end(),
                       [](const auto& item) { return !item.second.items.empty(); });
}

}  // namespace

std::string scalar_text(const std::string& text) { return is_plain(text) ? text : quoted(text); }

std::string number_text(double value) {
    std::array<char, 32> buffer;
    const auto result = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
    return std::string(buffer.data(), result.ptr);
}

std::string flow_text(const Node& node) {
    if (node.kind == Node::Kind::null)
        return "null";
    if (node.kind == Node::Kind::scalar)
        return node_scalar(node.text);
    const bool is_map = node.kind == Node::Kind::map;
    std::string text = is_map ? "{" : "[";
    for (const auto& [key, value] : node.items) {
        if (text.size() > 1)
            text += ", ";
        if (is_map)
            text += scalar_text(key) + ": ";
        text += flow_text(value);
    }
    return text + (is_map ? "}" : "]");
}

std::string entry_text(const std::string& key, const Node& node, int indent, const std::string& comment) {
    const std::string head = std::string(indent, ' ') + scalar_text(key) + ":";
    const bool as_block = !node.items.empty() && (node.kind == Node::Kind::map || has_items_in_items(node));
    if (!as_block)
        return head + " " + flow_text(node) + comment + "\n";
    std::string text = head + comment + "\n";
    for (const auto& [name, value] : node.items) {
        text += node.kind == Node::Kind::map ? entry_text(name, value, indent + 2, "")
                                             : std::string(indent + 2, ' ') + "- " + flow_text(value) + "\n";
    }
    return text;
}

std::string one_line(const std::string& text) {
    constexpr std::size_t longest = 200;
    std::string line = text.substr(0, longest);
    if (text.size() > longest) {
        while (!line.empty() && (static_cast<unsigned char>(text[line.size()]) & 0xC0) == 0x80)
            line.pop_back();
        line += "...";
    }
    std::replace_if(
        line.begin(), line.end(), [](unsigned char c) { return c < 0x20 || c == 0x7F; }, ' ');
    return line;
}

}  // namespace xloop::config
