#include "apps/experiment.hpp"
#include "apps/page/charts.hpp"
#include "apps/page/sections.hpp"
#include "core/config/flat_configuration.hpp"
#include "core/config/schema.hpp"
#include "core/files.hpp"
#include "core/words.hpp"

#include <fmt/format.h>
#include <filesystem>
#include <map>

namespace xloop::page {
namespace {

/// What is known of every key: unit, doc, where its default comes from.
const std::map<std::string, Json>& known_keys() {
    static const std::map<std::string, Json> keys = [] {
        ExperimentConfig defaults;
        config::Section schema("experiment");
        describe(schema, defaults);
        std::map<std::string, Json> known;
        for (const Json& key : Json::parse(config::describe_json(schema)))
            known[key.at("key").get<std::string>()] = key;
        return known;
    }();
    return keys;
}

Json default_settings() {
    LoadedExperiment defaults;
    complete(defaults.config);
    return defaults.flat();
}

std::string shown(const Json& value) {
    return value.is_string() ? value.get<std::string>() : value.is_null() ? "-" : value.dump();
}

}  // namespace

Section provenance(const Json& configuration, std::vector<std::pair<std::string, std::string>> facts) {
    for (const char* key : {"name", "network", "seed", "device.chip_seed", "chip_seed", "cost_table"})
        if (const auto found = configuration.find(key); configuration.is_object() && found != configuration.end())
            facts.emplace_back(key, shown(*found));
    Section part{"Provenance"};
    Table table{"facts", {Column("", "what", -1), Column("", "value", -1)}};
    for (const auto& [name, value] : facts)
        if (!value.empty())
            table.add(name, value);
    part.tables = {table};
    if (!configuration.is_object()) {
        part.words.push_back("The result does not hold its configuration.");
        return part;
    }
    const Json defaults = default_settings();
    Table changed{"settings that are not default",
                  {Column("", "key", -1), Column("", "value", -1), Column("", "default", -1), Column("", "unit", -1),
                   Column("", "what it is", -1)}};
    Table all{"all settings",
              {Column("", "key", -1), Column("", "value", -1), Column("", "where the value comes from", -1)}};
    for (const auto& [key, value] : configuration.items()) {
        const auto known = known_keys().find(key);
        const Json info = known == known_keys().end() ? Json() : known->second;
        const Json standard = field(Json{{"value", defaults.contains(key) ? defaults.at(key) : Json()}}, "value");
        if (value != standard)
            changed.add(key, shown(value), shown(standard), text(info, "unit"), text(info, "doc"));
        all.add(key, shown(value), value == standard ? "default: " + text(info, "source") : std::string("set"));
    }
    Section own{
        fmt::format("Settings that are not default ({})", changed.rows.size()), {}, {}, {}, {changed}, {}, true};
    Section every{fmt::format("All settings ({})", all.rows.size()), {}, {}, {}, {all}, {}, true};
    part.parts = {own, every};
    return part;
}

Section folder_provenance(const Result& result, std::vector<std::pair<std::string, std::string>> facts,
                          const std::string& command) {
    const std::string file = result.folder + "/effective_config.yaml";
    if (result.folder.empty() || !std::filesystem::exists(file))
        return provenance(field(result.json, "configuration"), std::move(facts));
    // Its first lines say what wrote it.
    const std::string content = read_file(file);
    for (const std::string_view line : split(std::string_view(content).substr(0, content.find("\nname:")), '\n'))
        if (const std::size_t at = line.find("xloop "); line.substr(0, 1) == "#" && at != line.npos)
            facts.emplace_back("written by", std::string(line.substr(at, line.find(". Reads") - at)));
        else if (const std::size_t colon = line.find(": "); line.substr(0, 8) == "# digest" && colon != line.npos)
            facts.emplace_back(std::string(line.substr(2, colon - 2)), std::string(line.substr(colon + 2)));
    facts.emplace_back("the same again", fmt::format("{} {} --out FOLDER", command, file));
    if (const Json& recorded = field(result.json, "configuration"); recorded.is_object())
        return provenance(recorded, std::move(facts));
    return provenance(config::flat_configuration(config::load_file(file)), std::move(facts));
}

}  // namespace xloop::page
