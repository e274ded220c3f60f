#include "nas/hardware_space.hpp"

#include "core/config/schema.hpp"
#include "core/error.hpp"

#include <fmt/format.h>
#include <algorithm>

namespace xloop {
namespace {

[[noreturn]] void fail(const config::Location& where, const std::string& message) {
    throw InputError(where.str() + ": " + message);
}

HardwareKnob read_knob(const config::Node& node) {
    HardwareKnob knob;
    config::Section schema("one knob");
    schema.value("name", knob.name, "name of the choice, as candidates show it").required().filled();
    schema.value("keys", knob.keys, "keys of the hardware that get the value; of a knob by layer `layers.*.KEY`")
        .required();
    schema.value("values", knob.values, "values to choose from").required();
    schema.value("layers", knob.layers, "patterns of layers that choose for themselves: * for any characters",
                 "convention");
    config::read(node, schema);
    if (knob.keys.empty())
        fail(node.location, fmt::format("knob `{}` needs keys", knob.name));
    std::vector<std::string> sorted = knob.values;
    std::sort(sorted.begin(), sorted.end());
    if (sorted.size() < 2 || std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end())
        fail(node.location, fmt::format("values of knob `{}`: expected two or more different ones", knob.name));
    for (const std::string& key : knob.keys)
        if (knob.by_layer() && key.rfind("layers.*.", 0) != 0)
            fail(node.location, fmt::format("knob `{}` is chosen layer by layer: its keys are layers.*.KEY, not `{}`",
                                            knob.name, key));
    return knob;
}

HardwareSpace read_space(const config::Node& root) {
    HardwareSpace space;
    config::Node knobs;
    config::Section schema("a space of hardware");
    schema.value("name", space.name, "name of the space").required();
    schema.raw("knobs", knobs, "list of knobs");
    config::read(root, schema);
    if (knobs.kind != config::Node::Kind::sequence || knobs.items.empty())
        fail(knobs.kind == config::Node::Kind::null ? root.location : knobs.location,
             "knobs: expected a list of one or more");
    for (const auto& item : knobs.items) {
        space.knobs.push_back(read_knob(item.second));
        for (std::size_t k = 0; k + 1 < space.knobs.size(); ++k)
            if (space.knobs[k].name == space.knobs.back().name)
                fail(item.second.location, fmt::format("knob `{}` is there twice", space.knobs.back().name));
    }
    return space;
}

}  // namespace

HardwareSpace load_hardware_space(const std::string& path) { return read_space(config::load_file(path)); }

HardwareSpace parse_hardware_space(const std::string& text, const std::string& name) {
    return read_space(config::load_text(text, name));
}

}  // namespace xloop
