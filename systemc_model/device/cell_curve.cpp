#include "systemc_model/device/cell_curve.hpp"
