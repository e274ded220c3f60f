#include "systemc_model/crossbar/circuit/analog_array.hpp"
