#include "systemc_model/crossbar/wires/array_fields.hpp"
