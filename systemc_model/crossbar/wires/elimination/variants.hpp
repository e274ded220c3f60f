#pragma once

#include "systemc_model/crossbar/wires/elimination/plan.hpp"

namespace xloop::elimination {

/// The same arithmetic compiled for several instruction sets: the same bits.
void eliminate_portable(const Problem<float>& problem);
void eliminate_portable(const Problem<double>& problem);
#if defined(__x86_64__)
void eliminate_avx2(const Problem<float>& problem);
void eliminate_avx2(const Problem<double>& problem);
void eliminate_avx512(const Problem<float>& problem);
void eliminate_avx512(const Problem<double>& problem);
#endif

enum class InstructionSet { portable, avx2, avx512 };

/// What this machine can run, the fastest last.
std::vector<InstructionSet> available_instruction_sets();

}  // namespace xloop::elimination
