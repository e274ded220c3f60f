#include "core/hardware_variants.hpp"

#include "core/config/schema.hpp"

namespace xloop {

std::string hardware_yaml(const HardwareConfig& hardware) {
    HardwareConfig copy = hardware;
    config::Section schema("hardware");
    describe(schema, copy);
    return config::dump(schema, {}, false);
}

HardwareVariants::HardwareVariants(const HardwareConfig& base)
    : root_(config::load_text(hardware_yaml(base), "the experiment's hardware")) {}

HardwareConfig HardwareVariants::with(const std::vector<std::string>& assignments) const {
    config::Node root = root_;
    for (const std::string& assignment : assignments)
        config::apply_override(root, assignment);
    HardwareConfig hardware;
    config::Section schema("hardware");
    describe(schema, hardware);
    const config::Origins origins = config::read(root, schema);
    validate(hardware, origins);
    return hardware;
}

}  // namespace xloop
