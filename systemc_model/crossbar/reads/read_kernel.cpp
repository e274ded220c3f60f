#include "systemc_model/crossbar/reads/read_kernel.hpp"
