#pragma once

#include "traces/saif/saif_file.hpp"
#include "traces/text/text_input.hpp"

namespace xloop::trace {

/// Reads a backward SAIF file (version 2.0, IEEE 1801 annex): nets and ports of all instances; groups that do not matter
/// here are skipped. Errors are InputError with line and column.
SaifFile read_saif(TextInput& in);

}  // namespace xloop::trace
