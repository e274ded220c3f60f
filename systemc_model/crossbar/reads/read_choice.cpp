#include "systemc_model/crossbar/reads/read_choice.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <limits>
#include <mutex>

namespace xloop {
namespace {

constexpr int most_bits = 8, sizes = 7;  // of digits; of batches: 1, 2 ... 3, 4 ... 7, ..., 64 vectors and more

/// Seconds of the fastest of a few products with an array of 128 x 512 cells, a common size.
double seconds(ReadIsa isa, int dac_bits, int vectors) {
    constexpr int rows = 128, tries = 5;
    ReadPlan plan;
    plan.dac_bits = dac_bits;
    plan.fraction_bits = 8;
    plan.outputs = 128;
    plan.slices = 4;
    plan.slice_bits = 2;
    // No time depends on the values.
    const std::vector<std::int16_t> steps(static_cast<std::size_t>(rows) * plan.conversions(), 1000);
    const std::vector<std::uint8_t> inputs(static_cast<std::size_t>(rows) * vectors, 0x5a);
    const ReadMatrix matrix(steps.data(), rows, plan.conversions());
    std::vector<std::int32_t> sums(static_cast<std::size_t>(vectors) * plan.outputs);
    double least = std::numeric_limits<double>::infinity();
    for (int i = 0; i < tries; ++i) {
        const auto start = std::chrono::steady_clock::now();
        multiply(matrix, plan, {inputs.data(), rows, vectors}, nullptr, sums.data(), isa);
        least = std::min(least, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    }
    return least;
}

ReadIsa fastest(int dac_bits, int vectors) {
    ReadIsa best = ReadIsa::portable;
    double least = std::numeric_limits<double>::infinity();
    for (ReadIsa isa : available_read_isas())
        if (const double time = seconds(isa, dac_bits, vectors); time < least) {
            least = time;
            best = isa;
        }
    return best;
}

}  // namespace

ReadIsa best_read_isa(int dac_bits, int vectors) {
    static const char* const wanted = std::getenv("XLOOP_READ_KERNEL");
    if (wanted) {
        static const ReadIsa named = find_read_isa(wanted);
        return named;
    }
    struct Choice {
        std::once_flag made;
        ReadIsa isa;
    };
    static std::array<std::array<Choice, sizes>, most_bits> choices;
    int size = 0;
    while (size + 1 < sizes && vectors >> (size + 1) > 0)
        ++size;
    Choice& choice = choices.at(static_cast<std::size_t>(dac_bits - 1))[static_cast<std::size_t>(size)];
    std::call_once(choice.made, [&] { choice.isa = fastest(dac_bits, 1 << size); });
    return choice.isa;
}

}  // namespace xloop
