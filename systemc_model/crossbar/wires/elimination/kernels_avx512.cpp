#define XLOOP_ELIMINATION_VARIANT avx512
#define XLOOP_ELIMINATION_AVX512
#include "systemc_model/crossbar/wires/elimination/eliminate.hpp"
#include "systemc_model/crossbar/wires/elimination/form_passage.hpp"
#include "systemc_model/crossbar/wires/elimination/inputs_passage.hpp"

namespace xloop::elimination {

const Kernels avx512_kernels{
    avx512::eliminate<float>, avx512::eliminate<double>, avx512::find_fields,
    avx512::find_own_paths,   avx512::find_gradient,
};

}  // namespace xloop::elimination
