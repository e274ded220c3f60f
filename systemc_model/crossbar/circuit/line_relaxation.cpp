#include "systemc_model/crossbar/circuit/line_relaxation.hpp"
