#include "apps/shell/man_pages.hpp"

#include <fmt/format.h>
#include <algorithm>

namespace xloop {
namespace {

/// Text as troff prints it: no character of its own language, and hyphens that can be copied into a shell.
std::string plain(const std::string& text) {
    std::string out;
    bool line_begins = true;
    for (const char c : text) {
        if (line_begins && (c == '.' || c == '\''))
            out += "\\&";
        if (c == '\\')
            out += "\\e";
        else if (c == '-')
            out += "\\-";
        else
            out += c;
        line_begins = c == '\n';
    }
    return out;
}

/// Capitals in headings, as manual pages have them.
std::string capitals(std::string text) {
    for (char& c : text)
        c = static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
    return text;
}

std::string bold(const std::string& text) { return "\\fB" + plain(text) + "\\fR"; }
std::string italic(const std::string& text) { return "\\fI" + plain(text) + "\\fR"; }
std::string section(const std::string& title) { return ".SH \"" + plain(capitals(title)) + "\"\n"; }

bool positional(const Json& option) { return option["names"].empty(); }

std::string value_of(const Json& option) {
    const std::string value = option["value"];
    if (value.empty())
        return {};
    return option["value_optional"].get<bool>() ? " [" + italic(value) + "]" : " " + italic(value);
}

/// What the help says beside the doc.
std::string remarks(const Json& option) {
    std::vector<std::string> parts;
    if (!option["choices"].empty()) {
        std::string names;
        for (const Json& choice : option["choices"])
            names += (names.empty() ? "" : ", ") + choice.get<std::string>();
        parts.push_back("one of " + names);
    }
    if (!option["limits"].get<std::string>().empty())
        parts.push_back(option["limits"]);
    if (!option["default"].get<std::string>().empty())
        parts.push_back("default " + option["default"].get<std::string>());
    if (!positional(option) && option["required"].get<bool>())
        parts.emplace_back("required");
    for (const Json& other : option["needs"])
        parts.push_back("needs " + other.get<std::string>());
    std::string text;
    for (const std::string& part : parts)
        text += (text.empty() ? " (" : "; ") + part;
    return text.empty() ? text : text + ")";
}

std::string option_text(const Json& option) {
    std::string head;
    for (const Json& name : option["names"])
        head += (head.empty() ? "" : ", ") + bold(name);
    if (positional(option))
        head = italic(option["value"]);
    else
        head += value_of(option);
    const std::string doc = option["doc"].get<std::string>() + remarks(option);
    return ".TP\n" + head + "\n" + plain(doc) + "\n";
}

/// The options of a place, what stands by itself first, then group by group.
std::string options_text(const Json& place, const char* macro) {
    std::vector<std::string> groups = {""};
    for (const Json& option : place["options"])
        if (!positional(option) && std::find(groups.begin(), groups.end(), option["group"]) == groups.end())
            groups.push_back(option["group"]);
    std::string text;
    for (const std::string& group : groups) {
        std::string listed;
        for (const Json& option : place["options"])
            if (group.empty() ? positional(option) : !positional(option) && option["group"] == group)
                listed += option_text(option);
        if (listed.empty())
            continue;
        if (macro)
            text += std::string(macro) + " \"" + plain(capitals(group.empty() ? "Arguments" : group)) + "\"\n";
        text += listed;
    }
    return text;
}

std::string synopsis(const Json& place, const std::string& command) {
    std::string text = bold(command) + " [" + italic("OPTION") + "]...";
    for (const Json& option : place["options"])
        if (positional(option)) {
            const bool required = option["required"];
            text += " " + std::string(required ? "" : "[") + italic(option["value"]) +
                    (option["repeats"].get<bool>() ? "..." : "") + (required ? "" : "]");
        }
    if (!place["commands"].empty())
        text += " " + (place["needs_command"].get<bool>() ? italic("COMMAND") : "[" + italic("COMMAND") + "]") + " ...";
    return text + "\n";
}

/// Lines as they are.
std::string block(const std::string& lines) {
    const std::size_t first = lines.find_first_not_of('\n');
    if (first == std::string::npos)
        return {};
    const std::string text = lines.substr(first, lines.find_last_not_of("\n ") + 1 - first);
    return ".nf\n" + plain(text) + "\n.fi\n";
}

/// What ends the help: words, then examples.
std::string footer_text(const Json& place) {
    const std::string footer = place["footer"];
    const std::string mark = "Examples:\n";
    const std::size_t examples = std::min(footer.find(mark), footer.size());
    std::string text;
    if (const std::string words = block(footer.substr(0, examples)); !words.empty())
        text += section("Notes") + words;
    if (examples < footer.size())
        text += section("Examples") + block(footer.substr(examples + mark.size()));
    return text;
}

/// The subcommands of a place with their options, and theirs.
std::string nested_text(const Json& place, const std::string& command) {
    std::string text;
    for (const Json& inner : place["commands"]) {
        const std::string own = command + " " + inner["name"].get<std::string>();
        text += ".SS \"" + plain(own) + "\"\n" + synopsis(inner, own) + ".PP\n" + plain(inner["doc"]) + "\n";
        text += options_text(inner, nullptr);
        const std::string words = block(inner["footer"]);
        text += (words.empty() ? "" : ".PP\n" + words) + nested_text(inner, own);
    }
    return text;
}

std::string commands_text(const Json& place) {
    std::string text, heading;
    for (const Json& command : place["commands"]) {
        if (command["heading"] != heading) {
            heading = command["heading"];
            text += ".SS \"" + plain(heading) + "\"\n";
        }
        text += ".TP\n" + bold(command["name"]) + "\n" + plain(command["doc"]) + "\n";
    }
    return text;
}

class Pages {
public:
    Pages(const Json& tree, const std::string& version, const std::string& date)
        : tree_(tree), program_(tree["name"]), version_(version), date_(date) {}

    ManPage program() const {
        std::string pages;
        for (const Json& command : tree_["commands"])
            pages += (pages.empty() ? "" : ", ") + bold(page_name(command)) + "(1)";
        const std::string title = tree_["doc"];
        const std::size_t colon = title.find(": ");
        return {program_ + ".1", head(program_, colon == std::string::npos ? title : title.substr(colon + 2)) +
                                     section("Synopsis") + synopsis(tree_, program_) + section("Commands") +
                                     commands_text(tree_) + options_text(tree_, ".SH") + footer_text(tree_) +
                                     section("See also") + pages + "\n"};
    }

    ManPage command(const Json& command) const {
        const std::string call = program_ + " " + command["name"].get<std::string>();
        const std::string nested = nested_text(command, call);
        return {page_name(command) + ".1", head(page_name(command), command["doc"]) + section("Synopsis") +
                                               synopsis(command, call) + options_text(command, ".SH") +
                                               (nested.empty() ? "" : section("Subcommands") + nested) +
                                               footer_text(command) + section("Exit status") +
                                               "0 done, 1 failed, 2 bad input, 130 interrupted.\n" +
                                               section("See also") + bold(program_) + "(1)\n"};
    }

private:
    std::string page_name(const Json& command) const { return program_ + "-" + command["name"].get<std::string>(); }

    std::string head(const std::string& name, const std::string& doc) const {
        return fmt::format(".TH \"{}\" 1 \"{}\" \"XLoop {}\" \"XLoop\"\n.ad l\n.nh\n", plain(capitals(name)), date_,
                           version_) +
               section("Name") + plain(name) + " \\- " + plain(doc) + "\n";
    }

    const Json& tree_;
    const std::string program_, version_, date_;
};

}  // namespace

std::vector<ManPage> man_pages(const Json& tree, const std::string& version, const std::string& date) {
    const Pages pages(tree, version, date);
    std::vector<ManPage> all = {pages.program()};
    for (const Json& command : tree["commands"])
        all.push_back(pages.command(command));
    return all;
}

}  // namespace xloop
