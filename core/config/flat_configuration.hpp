#pragma once

#include "core/config/schema.hpp"
#include "core/json.hpp"

namespace xloop::config {

/// A configuration as one object of key paths: {"crossbar.rows": 64, "mapping.replicas": ["conv1=4"]}. Numbers and
/// truth values keep their kind, everything else is text.
Json flat_configuration(const Node& root);
/// The present values of a schema, keys without effect as well.
Json flat_configuration(const Section& schema);

}  // namespace xloop::config
