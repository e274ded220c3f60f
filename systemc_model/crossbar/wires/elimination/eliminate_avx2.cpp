#define XLOOP_ELIMINATION_VARIANT avx2
#define XLOOP_ELIMINATION_AVX2
#include "systemc_model/crossbar/wires/elimination/eliminate.hpp"
#include "systemc_model/crossbar/wires/elimination/variants.hpp"

namespace xloop::elimination {

void eliminate_avx2(const Problem<float>& problem) { avx2::eliminate(problem); }
void eliminate_avx2(const Problem<double>& problem) { avx2::eliminate(problem); }

}  // namespace xloop::elimination
