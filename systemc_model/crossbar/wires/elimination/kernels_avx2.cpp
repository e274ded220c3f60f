#define XLOOP_ELIMINATION_VARIANT avx2
#define XLOOP_ELIMINATION_AVX2
#include "systemc_model/crossbar/wires/elimination/eliminate.hpp"
#include "systemc_model/crossbar/wires/elimination/form_passage.hpp"
#include "systemc_model/crossbar/wires/elimination/inputs_passage.hpp"

namespace xloop::elimination {

const Kernels avx2_kernels{
    avx2::eliminate<float>, avx2::eliminate<double>, avx2::find_fields, avx2::find_own_paths, avx2::find_gradient,
};

}  // namespace xloop::elimination
