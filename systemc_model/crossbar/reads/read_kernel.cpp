#include "systemc_model/crossbar/reads/read_kernel.hpp"

#include "core/error.hpp"
#include "systemc_model/crossbar/reads/byte_sums.hpp"
#include "systemc_model/crossbar/reads/conversion.hpp"
#include "systemc_model/crossbar/reads/row_tables.hpp"
#include "systemc_model/crossbar/reads/scratch.hpp"

#include <algorithm>
#include <limits>
#include <string>
#include <utility>
#include <vector>

namespace xloop {
namespace {

/// 2^0 + 2^bits + 2^(2 bits) + ..., `count` terms, of which the last is below 2^31.
double sum_of_powers(int bits, int count) {
    return bits > 0 ? static_cast<double>(((std::int64_t{1} << (bits * count)) - 1) / ((std::int64_t{1} << bits) - 1))
                    : count;
}

/// Throws Error unless everything fits into 32-bit integers.
void check_plan(const ReadPlan& plan) {
    const auto within = [](int x, int low, int high) { return x >= low && x <= high; };
    if (!within(plan.input_bits, 1, 8) || !within(plan.dac_bits, 1, 8) || !within(plan.fraction_bits, 0, 30) ||
        plan.low > plan.high || plan.outputs < 1 || plan.slices < 1 || plan.slice_bits < 0 ||
        plan.slice_bits * (plan.slices - 1) > 30 || plan.row_groups < 1)
        throw Error("a parameter of the reads is out of its range");
    if (std::int64_t{plan.reads()} * plan.slices * plan.row_groups > std::numeric_limits<std::uint16_t>::max())
        throw KeyError("crossbar.rows_per_read", "an output takes more conversions than 16 bits count; raise it");
    const double code = std::max({1.0, -static_cast<double>(plan.low), static_cast<double>(plan.high)});
    const double slices = sum_of_powers(plan.slice_bits, plan.slices),
                 reads = sum_of_powers(plan.dac_bits, plan.reads());
    if (code * slices * reads * plan.row_groups > std::numeric_limits<std::int32_t>::max())
        throw KeyError("adc.bits", std::string("the ADC codes of all reads and slices do not add up to a 32-bit "
                                               "integer; lower it") +
                                       (plan.row_groups > 1 ? " or raise crossbar.rows_per_read" : ""));
}

void check(const ReadMatrix& matrix, const ReadPlan& plan) {
    check_plan(plan);
    if (plan.conversions() != matrix.conversions())
        throw Error("the plan has " + std::to_string(plan.conversions()) + " conversions, the matrix has " +
                    std::to_string(matrix.conversions()));
    const std::int64_t largest = std::int64_t{matrix.largest_sum()} * plan.digit(255, 0) + plan.half();
    if (largest > std::numeric_limits<std::int32_t>::max())
        throw KeyError("crossbar.rows", "partial sums of up to " + std::to_string(largest) +
                                            " fixed-point steps do not fit into 32 bits; lower it or dac.bits");
}

/// The tile registers of this thread, for the time of a call.
struct AmxTiles {
    AmxTiles() { amx_begin(); }
    ~AmxTiles() { amx_end(); }
};

/// Calls run(kernel) with the kernel of an instruction set, made for the rows of `matrix`.
template <class Run>
void with_kernel(const ReadMatrix& matrix, const ReadPlan& plan, int vectors, ReadIsa isa, const Run& run) {
    if (!available(isa))
        throw Error(std::string("this processor has no ") + name(isa) + " kernel for reads");
    check(matrix, plan);
    if (vectors < 1)
        return;
#if XLOOP_BYTE_PRODUCTS
    if (isa == ReadIsa::amx) {
        const AmxTiles tiles;
        return run(ByteSums(matrix, plan, amx_products));
    }
    if (isa == ReadIsa::vnni)
        return run(ByteSums(matrix, plan, vnni_products));
#endif
    run(RowTables(matrix, plan, isa == ReadIsa::portable6 ? 6 : 4));
}

/// Room for the lines of a block, in whole groups.
int block_values(int vectors, const ReadPlan& plan) {
    return (vectors * plan.reads() + byte_lines - 1) / byte_lines * byte_lines * ReadMatrix::panel_width;
}

}  // namespace

const char* name(ReadIsa isa) {
    switch (isa) {
    case ReadIsa::amx: return "amx";
    case ReadIsa::vnni: return "vnni";
    case ReadIsa::portable6: return "portable6";
    case ReadIsa::portable: break;
    }
    return "portable";
}

bool available(ReadIsa isa) {
#if XLOOP_BYTE_PRODUCTS
    if (isa == ReadIsa::amx)
        return amx_available();
    if (isa == ReadIsa::vnni)
        return vnni_available();
#endif
    return isa == ReadIsa::portable || isa == ReadIsa::portable6;
}

std::vector<ReadIsa> available_read_isas() {
    std::vector<ReadIsa> isas;
    for (ReadIsa isa : {ReadIsa::portable, ReadIsa::portable6, ReadIsa::vnni, ReadIsa::amx})
        if (available(isa))
            isas.push_back(isa);
    return isas;
}

ReadIsa find_read_isa(const std::string& wanted) {
    for (ReadIsa isa : available_read_isas())
        if (name(isa) == wanted)
            return isa;
    throw InputError("XLOOP_READ_KERNEL=" + wanted +
                     ": expected portable, portable6, vnni or amx, and a processor that has it");
}

void partial_sums(const ReadMatrix& matrix, const ReadPlan& plan, const ReadInputs& inputs, std::int32_t* sums,
                  ReadIsa isa) {
    with_kernel(matrix, plan, inputs.vectors, isa, [&](auto kernel) {
        thread_local Scratch<std::int32_t> memory;
        constexpr int width = ReadMatrix::panel_width;
        const int block = std::min(kernel.block(), inputs.vectors);
        std::int32_t* lines = memory.at_least(static_cast<std::size_t>(block_values(block, plan)));
        for (int first = 0; first < inputs.vectors; first += block) {
            const int vectors = std::min(block, inputs.vectors - first);
            kernel.load({inputs.values + first * inputs.stride, inputs.stride, vectors});
            for (int panel = 0; panel < matrix.panels(); ++panel) {
                kernel.panel_sums(matrix, panel, 0, vectors, lines, nullptr);
                const std::ptrdiff_t first_line = static_cast<std::ptrdiff_t>(first) * plan.reads();
                for (int line = 0; line < vectors * plan.reads(); ++line)
                    std::copy_n(lines + line * width, width,
                                sums + (first_line + line) * matrix.stride() + panel * width);
            }
        }
    });
}

void multiply(const std::vector<ReadTask>& tasks, const ReadInputs& inputs, ReadIsa isa) {
    if (tasks.empty())
        return;
    const ReadMatrix& shape = *tasks.front().matrix;
    const ReadPlan& reading = *tasks.front().plan;
    int widest = 0;
    for (const ReadTask& task : tasks) {
        check(*task.matrix, *task.plan);
        if (task.matrix->rows() != shape.rows() || task.plan->input_bits != reading.input_bits ||
            task.plan->dac_bits != reading.dac_bits)
            throw Error("matrices that read the same inputs differ in rows, input bits or DAC bits");
        widest = std::max(widest, task.matrix->stride());
    }
    with_kernel(shape, reading, inputs.vectors, isa, [&](auto kernel) {
        thread_local Scratch<std::int32_t> sums_memory, codes_memory;
        const int group = std::min(kernel.vectors_at_a_time(), inputs.vectors);
        const int block = std::min(kernel.block(), group);
        std::int32_t* lines = sums_memory.at_least(static_cast<std::size_t>(2 * block_values(block, reading)));
        std::int32_t* other_lines = lines + block_values(block, reading);
        // Not a power of two, or the codes of many vectors would compete for the same places of the cache.
        const std::ptrdiff_t codes_stride = widest + ReadMatrix::panel_width;
        std::int32_t* codes = codes_memory.at_least(static_cast<std::size_t>(group * codes_stride));
        for (int first = 0; first < inputs.vectors; first += group) {
            const int count = std::min(group, inputs.vectors - first);
            kernel.load({inputs.values + first * inputs.stride, inputs.stride, count});
            for (const ReadTask& task : tasks) {
                PanelConversion conversion(*task.plan);
                conversion.disturbance_stride = task.matrix->stride();
                conversion.codes_stride = codes_stride;
                conversion.noise = task.disturbance ? nullptr : task.noise;
                conversion.vector_step = task.vector_step;
                for (int panel = 0; panel < task.matrix->panels(); ++panel)
                    for (int v = 0; v < count; v += block) {
                        const int vectors = std::min(block, count - v);
                        // The sums of a block are converted while those of the next are computed.
                        kernel.panel_sums(*task.matrix, panel, v, vectors, lines,
                                          conversion.vectors > 0 ? &conversion : nullptr);
                        const std::ptrdiff_t lane = panel * ReadMatrix::panel_width;
                        const std::ptrdiff_t first_line = static_cast<std::ptrdiff_t>(first + v) * reading.reads();
                        conversion.vectors = vectors;
                        conversion.sums = lines;
                        conversion.codes = codes + v * codes_stride + lane;
                        conversion.offsets = task.offsets ? task.offsets + lane : nullptr;
                        conversion.first = {task.first.image,
                                            task.first.vector + static_cast<unsigned>(first + v) * task.vector_step};
                        conversion.panel = panel;
                        if (task.disturbance)
                            conversion.disturbance = task.disturbance + first_line * task.matrix->stride() + lane;
                        std::swap(lines, other_lines);
                    }
                convert(conversion);
                add_slices(*task.plan, count, codes, codes_stride,
                           task.sums + static_cast<std::ptrdiff_t>(first) * task.plan->outputs);
            }
        }
    });
}

void multiply(const ReadMatrix& matrix, const ReadPlan& plan, const ReadInputs& inputs, const std::int32_t* disturbance,
              std::int32_t* sums, ReadIsa isa) {
    multiply({{&matrix, &plan, disturbance, sums}}, inputs, isa);
}

void convert_and_add(const ReadPlan& plan, int stride, int vectors, std::int32_t* partial, std::int32_t* sums,
                     std::uint16_t* clipped) {
    check_plan(plan);
    const int outputs = plan.outputs;
    thread_local std::vector<std::int32_t> codes, out_of_range;
    codes.resize(static_cast<std::size_t>(plan.conversions()));
    out_of_range.resize(codes.size());
    for (int b = 0; b < vectors; ++b, partial += plan.reads() * static_cast<std::ptrdiff_t>(stride), sums += outputs) {
        convert_reads(plan, stride, partial, codes.data(), out_of_range.data());
        add_slices(plan, 1, codes.data(), 0, sums);
        for (int o = 0; clipped && o < outputs; ++o) {
            int count = 0;
            for (int s = 0; s < plan.slices; ++s)
                count += out_of_range[static_cast<std::size_t>(s * outputs + o)];
            *clipped++ = static_cast<std::uint16_t>(count);
        }
    }
}

}  // namespace xloop
