#pragma once

#include "traces/bus/name_map.hpp"
#include "traces/saif/saif_file.hpp"
#include "traces/text/glob.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace xloop::trace {

/// Which instances of an activity are kept, and under which names.
struct SaifRenaming {
    std::optional<Glob> scope;    ///< instances that match, and all within them; none: all
    std::string strip_path;       ///< "tb.dut" or "tb/dut": levels taken off; what is not below them is left out
    NameMap* name_map = nullptr;  ///< after that
};

/// Nets that were left out are counted in `left_out`. Throws InputError when none is left.
SaifFile renamed(const SaifFile& file, const SaifRenaming& renaming, std::uint64_t& left_out);

/// Writes a backward SAIF file; `program` and `version` go into its header.
void write_saif(const SaifFile& file, const std::string& path, const NetNaming& naming, const std::string& program,
                const std::string& version);

}  // namespace xloop::trace
