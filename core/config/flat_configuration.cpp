#include "core/config/flat_configuration.hpp"

#include "core/config/value.hpp"

namespace xloop::config {
namespace {

Json scalar(const Node& node) {
    const Json parsed = Json::parse(node.text, nullptr, false);
    return parsed.is_number() || parsed.is_boolean() ? parsed : Json(node.text);
}

Json leaf(const Node& node) {
    if (node.kind != Node::Kind::sequence)
        return scalar(node);
    Json list = Json::array();
    for (const auto& [key, item] : node.items)
        list.push_back(scalar(item));
    return list;
}

void flatten(const Node& node, const std::string& path, Json& flat) {
    if (node.kind != Node::Kind::map) {
        flat[path] = leaf(node);
        return;
    }
    for (const auto& [key, item] : node.items)
        flatten(item, path.empty() ? key : path + "." + key, flat);
}

}  // namespace

Json flat_configuration(const Node& root) {
    Json flat = Json::object();
    flatten(root, "", flat);
    return flat;
}

Json flat_configuration(const Section& schema) {
    Json flat = Json::object();
    for (const auto& [path, spec] : fields_of(schema))
        if (spec)
            flat[path] = leaf(value_node(*spec));
    for (const auto& [place, element] : named_elements(schema))
        for (const auto& [path, spec] : changed_fields(element))
            flat[join_path(place, path)] = leaf(value_node(*spec));
    return flat;
}

}  // namespace xloop::config
