#include "apps/operators/arguments.hpp"

#include "core/config/tree.hpp"
#include "core/hardware_variants.hpp"

#include <limits>

namespace xloop {
namespace {

bool is_text(const std::string& file_or_text) {
    return file_or_text.find('\n') != std::string::npos || file_or_text.find(": ") != std::string::npos;
}

}  // namespace

HardwareConfig hardware_of(const std::string& file_or_text, const std::vector<std::string>& settings) {
    return is_text(file_or_text)
               ? HardwareVariants(config::load_text(file_or_text, hardware_name(file_or_text))).with(settings)
               : load_hardware(file_or_text, settings);
}

std::string hardware_name(const std::string& file_or_text) {
    return is_text(file_or_text) || file_or_text.empty() ? "hardware" : file_or_text;
}

int small_number(const char* name, std::int64_t value) {
    if (value < 0 || value > std::numeric_limits<int>::max())
        throw InputError(
            fmt::format("{}: expected a number from 0 to {}, got {}", name, std::numeric_limits<int>::max(), value));
    return static_cast<int>(value);
}

}  // namespace xloop
