#include "systemc_model/crossbar/reads/read_matrix.hpp"
