#include "analysis/json_fields.hpp"

#include "core/error.hpp"

#include <fmt/format.h>

namespace xloop {

void JsonWriter::operator()(const char* key, const PerComponent& classes) { json_[key] = by_class(classes); }

JsonReader JsonReader::at(const std::string& key) const {
    const std::string path = path_.empty() ? key : path_ + "." + key;
    if (!has(key.c_str()))
        throw InputError(fmt::format(
            "{}: key `{}` is missing; expected what this version of xloop run, estimate --json, simulate --json or "
            "validate --json writes",
            file_, path));
    return {json_.at(key), file_, path};
}

std::vector<JsonReader> JsonReader::items() const {
    if (!json_.is_array())
        fail("a list");
    std::vector<JsonReader> items;
    for (const Json& item : json_)
        items.emplace_back(item, file_, fmt::format("{}[{}]", path_, items.size()));
    return items;
}

void JsonReader::fail(const std::string& expected) const {
    throw InputError(fmt::format("{}: key `{}`: expected {}, not {}", file_, path_, expected, json_.dump()));
}

void JsonReader::operator()(const char* key, PerComponent& classes) const {
    const JsonReader values = at(key);
    for (std::size_t c = 0; c < component_count; ++c)
        if (const auto of = static_cast<Component>(c); !is_optional(of) || values.has(name_of(of)))
            values(name_of(of), classes[c]);
}

Json by_class(const PerComponent& classes) {
    Json json;
    for (std::size_t c = 0; c < component_count; ++c)
        if (const auto of = static_cast<Component>(c); !is_left_out(of, classes[c]))
            json[name_of(of)] = classes[c];
    return json;
}

}  // namespace xloop
