#define XLOOP_ELIMINATION_VARIANT portable
#include "systemc_model/crossbar/wires/elimination/eliminate.hpp"
#include "systemc_model/crossbar/wires/elimination/variants.hpp"

namespace xloop::elimination {

void eliminate_portable(const Problem<float>& problem) { portable::eliminate(problem); }
void eliminate_portable(const Problem<double>& problem) { portable::eliminate(problem); }

}  // namespace xloop::elimination
