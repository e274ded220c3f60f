#pragma once

#include "systemc_model/crossbar/wires/parasitics.hpp"
#include "systemc_model/device/cell_curve.hpp"

#include <gtest/gtest.h>
#include <Eigen/Core>
#include <algorithm>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace xloop::test {

/// A matrix in a CSV file without a header.
inline Eigen::MatrixXd read_csv(const std::string& path) {
    std::ifstream in(path);
    std::vector<std::vector<double>> rows;
    for (std::string line; std::getline(in, line);) {
        rows.emplace_back();
        std::stringstream cells(line);
        for (std::string cell; std::getline(cells, cell, ',');)
            rows.back().push_back(std::stod(cell));
    }
    Eigen::MatrixXd m(rows.size(), rows.empty() ? 0 : rows.front().size());
    for (Eigen::Index i = 0; i < m.rows(); ++i)
        for (Eigen::Index j = 0; j < m.cols(); ++j)
            m(i, j) = rows[i][j];
    return m;
}

/// One operating point of tests/data/crossbar_spice: conductances, source voltages, column currents.
struct SpiceCase {
    std::string name;
    Parasitics parasitics;
    CellCurve curve;
    Eigen::MatrixXd g, v, i;
};

/// The cases whose name begins with `prefix` ("lin_", "acc_", "nl_", "nlacc_").
inline std::vector<SpiceCase> spice_cases(const std::string& prefix) {
    const std::string folder = XLOOP_SOURCE_DIR "/tests/data/crossbar_spice/";
    std::ifstream in(folder + "manifest.csv");
    std::vector<SpiceCase> cases;
    std::string line;
    std::getline(in, line);
    while (std::getline(in, line)) {
        std::stringstream cells(line);
        std::vector<std::string> c;
        for (std::string cell; std::getline(cells, cell, ',');)
            c.push_back(cell);
        if (c.at(0).rfind(prefix, 0) != 0)
            continue;
        SpiceCase found;
        found.name = c[0];
        found.parasitics = {std::stod(c[4]), std::stod(c[5]), std::stod(c[6]), std::stod(c[7])};
        found.curve = {std::stod(c[9]), std::stod(c[8])};
        found.g = read_csv(folder + c[0] + ".G.csv");
        found.v = read_csv(folder + c[0] + ".V.csv");
        found.i = read_csv(folder + c[0] + ".I.csv");
        cases.push_back(std::move(found));
    }
    return cases;
}

/// Largest deviation of any input's currents over that input's largest expected current.
inline double worst_error(const Eigen::MatrixXd& current, const Eigen::MatrixXd& expected) {
    double worst = 0.0;
    for (Eigen::Index k = 0; k < expected.rows(); ++k)
        worst = std::max(
            worst, (current.row(k) - expected.row(k)).cwiseAbs().maxCoeff() / expected.row(k).cwiseAbs().maxCoeff());
    return worst;
}

/// Demands that currents are those of a case, and keeps the error for --gtest_output=json:FILE.
inline void expect_currents(const SpiceCase& expected, const Eigen::MatrixXd& current, double mark,
                            const char* method) {
    const double error = worst_error(current, expected.i);
    EXPECT_LT(error, mark) << expected.name << ' ' << method;
    std::ostringstream text;
    text.precision(2);
    text << error;
    testing::Test::RecordProperty(expected.name + "_" + method, text.str());
}

}  // namespace xloop::test
