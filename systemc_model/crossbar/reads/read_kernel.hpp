#pragma once

#include "systemc_model/crossbar/reads/noise_draws.hpp"
#include "systemc_model/crossbar/reads/read_inputs.hpp"
#include "systemc_model/crossbar/reads/read_matrix.hpp"
#include "systemc_model/crossbar/reads/read_plan.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace xloop {

/// Kernels: look-up in tables of four or of six rows (RowTables), and those of instruction sets (ByteSums). All give the same
/// bits: every partial sum is an exact integer.
enum class ReadIsa { portable, portable6, vnni, amx };

const char* name(ReadIsa isa);
/// Whether this processor (and this build) can run it.
bool available(ReadIsa isa);
std::vector<ReadIsa> available_read_isas();
/// The available one of that name. Throws InputError for a name that is unknown or not available.
ReadIsa find_read_isa(const std::string& wanted);

// All of these throw Error if the plan's conversions are not those of the matrix, if a parameter of the plan is out of
// its range, if a partial sum or a result might not fit into 32 bits (a disturbance must leave that room too), or if
// `isa` is not available.

/// Sums before the ADC: sums[(b * plan.reads() + t) * matrix.stride() + c]; entries c >= conversions() are 0.
void partial_sums(const ReadMatrix& matrix, const ReadPlan& plan, const ReadInputs& inputs, std::int32_t* sums,
                  ReadIsa isa);

/// One of several matrices that read the same inputs. `disturbance` and `sums`: as for `multiply`. `offsets`, if not null, are
/// added to all lines of sums: matrix.stride() values. `noise`, if not null, is drawn and added where there is no
/// `disturbance`; vector v has the address `first` with v * vector_step added to its vector.
struct ReadTask {
    const ReadMatrix* matrix;
    const ReadPlan* plan;
    const std::int32_t* disturbance;
    std::int32_t* sums;
    const std::int32_t* offsets = nullptr;
    const NoiseDraws* noise = nullptr;
    NoiseAddress first = {};
    std::uint64_t vector_step = 0;
};

/// As `multiply` for each task, but the inputs are prepared once. Throws Error if the matrices differ in rows, or the plans
/// in input_bits or dac_bits.
void multiply(const std::vector<ReadTask>& tasks, const ReadInputs& inputs, ReadIsa isa);

/// Everything up to shift-and-add, fused: sums[b * plan.outputs + o] (overwritten). `disturbance` is null or has the
/// layout of partial_sums and is added before the conversion. With a disturbance call it for some 16 to 64 vectors at a
/// time, so that the disturbance is still in the cache.
void multiply(const ReadMatrix& matrix, const ReadPlan& plan, const ReadInputs& inputs, const std::int32_t* disturbance,
              std::int32_t* sums, ReadIsa isa);

/// The ADC and shift-and-add alone, on sums that came from elsewhere: `partial` has the layout of partial_sums with
/// lines of `stride` entries (changed to codes in place), `sums` that of multiply. `clipped`, if not null, receives for
/// each [b * plan.outputs + o] how many of its plan.reads() * plan.slices conversions were out of range.
void convert_and_add(const ReadPlan& plan, int stride, int vectors, std::int32_t* partial, std::int32_t* sums,
                     std::uint16_t* clipped);

}  // namespace xloop
