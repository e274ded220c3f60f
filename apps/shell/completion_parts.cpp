#include "apps/shell/completion_parts.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <algorithm>
#include <array>

namespace xloop {
namespace {

constexpr std::array file_values = {"FILE", "TEXT", "PATH", "MODEL", "INPUT", "A", "B", "OUT.svg"};

void visit_below(const Json& place, const std::string& path, const Json& common,
                 const std::function<void(const Json&, const std::string&, const Json&)>& visit) {
    Json options = place["options"];
    if (!path.empty())
        options.insert(options.end(), common.begin(), common.end());
    visit(place, path, options);
    for (const Json& command : place["commands"])
        visit_below(command, path + " " + command["name"].get<std::string>(), common, visit);
}

/// The values that a key can have, where they can be named.
Words values_of(const Json& key) {
    if (key["type"] == "true/false")
        return {"true", "false"};
    return key["choices"].get<Words>();
}

/// Whether a key can be written as it is: not one within a section with a name of the user's.
bool is_whole(const Json& key) { return key["key"].get<std::string>().find("NAME") == std::string::npos; }

}  // namespace

Offer offer_of(const Json& option) {
    const std::string value = option["value"];
    if (!option["choices"].empty())
        return Offer::choices;
    if (value.rfind("KEY=VALUE", 0) == 0)
        return Offer::keys;
    if (value == "DIR" || value == "FOLDER")
        return Offer::folders;
    if (value == "EXPERIMENT")
        return Offer::experiments;
    const bool is_file = std::find(file_values.begin(), file_values.end(), value) != file_values.end();
    return is_file ? Offer::files : Offer::nothing;
}

const char* name_of(Offer offer) {
    constexpr std::array names = {"nothing", "choices", "keys", "folders", "experiments", "files"};
    return names.at(static_cast<std::size_t>(offer));
}

bool is_positional(const Json& option) { return option["names"].empty(); }
bool takes_value(const Json& option) { return !option["value"].get<std::string>().empty(); }

void visit_places(const Json& tree, const std::function<void(const Json&, const std::string&, const Json&)>& visit) {
    Json common = Json::array();
    for (const Json& option : tree["options"])
        if (!is_positional(option) && option["names"].back() != "--help" && option["names"].back() != "--version")
            common.push_back(option);
    visit_below(tree, "", common, visit);
}

std::string quoted(const std::string& text) {
    std::string out = "'";
    for (const char c : text)
        out += c == '\'' ? "'\\''" : std::string(1, c);
    return out + "'";
}

std::string joined(const Words& words) { return fmt::format("{}", fmt::join(words, " ")); }

void CaseFunction::add(const std::string& pattern, const std::string& action) {
    const auto same =
        std::find_if(cases_.begin(), cases_.end(), [&](const auto& known) { return known.first == action; });
    if (same == cases_.end())
        cases_.emplace_back(action, quoted(pattern));
    else
        same->second += "|" + quoted(pattern);
}

std::string CaseFunction::str() const {
    std::string text = name_ + "() {\n    case $1 in\n";
    for (const auto& [action, patterns] : cases_)
        text += fmt::format("        {}) {} ;;\n", patterns, action);
    return text + "    esac\n}\n\n";
}

std::string key_script(const Json& keys) {
    Words names;
    CaseFunction values_of_key("_xloop_key_values");
    for (const Json& key : keys) {
        if (!is_whole(key))
            continue;
        names.push_back(key["key"]);
        const Words values = key["type"] == "file" ? Words{"files"} : values_of(key);
        if (!values.empty())
            values_of_key.add(key["key"], "echo " + quoted(joined(values)));
    }
    return "_xloop_keys=" + quoted(joined(names)) + "\n\n" + values_of_key.str();
}

}  // namespace xloop
