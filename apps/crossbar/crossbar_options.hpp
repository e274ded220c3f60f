#pragma once

#include "apps/command.hpp"
#include "systemc_model/crossbar/circuit/analog_array.hpp"

#include <Eigen/Core>
#include <cstdint>
#include <optional>
#include <string>

namespace xloop {

/// The command line of `xloop crossbar`, as given.
struct CrossbarOptions {
    std::string conductance_file, random_size;
    std::optional<double> r_on, r_off;
    std::optional<std::int64_t> seed;
    std::string voltage_file;
    std::optional<int> random_inputs;
    bool binary = false;
    std::optional<double> v_max;
    Parasitics parasitics;
    CellCurve curve;
    std::string circuit, precision = "fp64";
    std::string out_file, loss_file, plot_file, saved_conductance_file, saved_voltage_file;
    bool json = false, timing = false;
};

void add_crossbar_options(CommandLine& command, CrossbarOptions& options);

/// One array and what to ask it.
struct CrossbarJob {
    AnalogModel model;
    Eigen::MatrixXd g;      ///< M x N siemens
    Eigen::MatrixXd v;      ///< k x M volt
    double read_voltage_v;  ///< that losses are told for
};

/// Checks the options and reads or draws the array and its inputs. Throws InputError.
CrossbarJob load_crossbar_job(const CrossbarOptions& options);

}  // namespace xloop
