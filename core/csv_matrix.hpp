#pragma once

#include <Eigen/Core>
#include <limits>
#include <string>

namespace xloop {

/// A matrix in a CSV file without a header: one line of numbers for each row, separated by commas, every line of the same
/// length. Spaces around numbers, CRLF line ends and blank lines at the end are accepted. `what` names a number in messages
/// ("a voltage in volt"); numbers below `least` are refused. Throws InputError with file, line, column and what was
/// expected.
Eigen::MatrixXd read_csv_matrix(const std::string& path, const std::string& what,
                                double least = std::numeric_limits<double>::lowest());

/// The text of such a file; `digits` significant digits in scientific notation, or as many as it takes to read the same
/// bits again (0).
std::string csv_text(const Eigen::MatrixXd& m, int digits = 0);

}  // namespace xloop
