#define XLOOP_ELIMINATION_VARIANT avx512
#define XLOOP_ELIMINATION_AVX512
#include "systemc_model/crossbar/wires/elimination/eliminate.hpp"
#include "systemc_model/crossbar/wires/elimination/variants.hpp"

namespace xloop::elimination {

void eliminate_avx512(const Problem<float>& problem) { avx512::eliminate(problem); }
void eliminate_avx512(const Problem<double>& problem) { avx512::eliminate(problem); }

}  // namespace xloop::elimination
