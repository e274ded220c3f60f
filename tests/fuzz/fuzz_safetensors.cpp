#include "core/safetensors.hpp"
#include "tests/fuzz/fuzz_target.hpp"

#include <string>

namespace xloop::fuzz {

void run_one(std::string_view bytes) {
    for (const auto& [name, tensor] : parse_safetensors(std::string(bytes), "fuzz.safetensors"))
        demand(FloatTensor::count(tensor.shape) == static_cast<std::int64_t>(tensor.values.size()),
               "a shape that is not that of its values");
}

}  // namespace xloop::fuzz
