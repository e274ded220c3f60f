#pragma once

#include "analysis/validation.hpp"

#include <string>

namespace xloop {

/// The validation for people: layers, classes, shared parts, totals, reported figures, verdicts.
std::string validation_text(const Validation& validation);
/// The same as one object. An error that is not finite is null.
Json validation_json(const Validation& validation);
/// One line for each comparison, with a header line.
std::string validation_csv(const Validation& validation);

}  // namespace xloop
