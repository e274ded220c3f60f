#include "core/error.hpp"
#include "tests/fuzz/fuzz_target.hpp"

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    try {
        xloop::fuzz::run_one({reinterpret_cast<const char*>(data), size});
    } catch (const xloop::InputError&) {
    }
    return 0;
}
