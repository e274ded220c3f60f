#pragma once

#include "core/config/access.hpp"

#include <functional>
#include <string>

namespace xloop::config {

/// "integer", "list of texts" ...
std::string type_name(const Access::Spec& spec);

/// "[1, 1024]", "> 0" ...; empty when the field has no bounds.
std::string bounds_text(const Access::Spec& spec);

/// Receives a problem: the offending node, its place below the field ("" or "[2]"), what was expected and found.
using Complain = std::function<void(const Node& at, const std::string& place, const std::string& problem)>;

/// Reads `node` into the field's target, which stays as it is when there is something to complain about.
void assign(const Access::Spec& spec, const Node& node, const Complain& complain);

/// What a reader should have written for this field: "an integer in [1, 1024]".
std::string expectation(const Access::Spec& spec);

/// "`abc`", "a list" ...: a node as the complaint "got ..." names it.
std::string found_text(const Node& node);

/// The target's present value as a node, as if a user had written it.
Node value_node(const Access::Spec& spec);

/// The field at a path. Throws std::logic_error when a schema names a path that it does not have.
const Access::Spec& field_at(const Fields& fields, const std::string& path);

/// The first condition that the present values do not meet, of those that ask for a value; null when all are met.
const Field::Condition* unmet_condition(const Fields& fields, const Access::Spec& spec);

enum class Paths { as_written, absolute };

/// The target's present value as one line of YAML.
std::string value_text(const Access::Spec& spec, Paths paths);

/// The values that make an element of named sections another one than it started as.
Fields changed_fields(const NamedSections::Element& element);

}  // namespace xloop::config
