#define XLOOP_ELIMINATION_VARIANT portable
#include "systemc_model/crossbar/wires/elimination/eliminate.hpp"
#include "systemc_model/crossbar/wires/elimination/form_passage.hpp"
#include "systemc_model/crossbar/wires/elimination/inputs_passage.hpp"

namespace xloop::elimination {

const Kernels portable_kernels{
    portable::eliminate<float>, portable::eliminate<double>, portable::find_fields,
    portable::find_own_paths,   portable::find_gradient,
};

}  // namespace xloop::elimination
