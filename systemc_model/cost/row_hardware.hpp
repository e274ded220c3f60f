#pragma once

#include "core/activity.hpp"
#include "core/config/node.hpp"
#include "core/hardware_config.hpp"

#include <limits>
#include <string>
#include <vector>

namespace xloop {

struct CostOrigin;
struct CostTable;

/// A key of the hardware that numbers of a cost table may be for.
struct HardwareKey {
    const char* path;  ///< "adc.bits"
    double (*value)(const HardwareConfig& hardware);
    std::vector<std::string> names = {};  ///< of an enum, whose value is the place of its name
    /// Whether the key has an effect on this hardware; null: always.
    bool (*acts)(const HardwareConfig& hardware) = nullptr;
    /// What numbers are for where a table does not say; not a number: a table has to say.
    double unstated = std::numeric_limits<double>::quiet_NaN();

    std::string text(double number) const;
};

/// One key that a row's numbers are for.
struct RowDemand {
    const HardwareKey* key = nullptr;
    double value = 0;  ///< not a number: the row does not know
};

/// A row of numbers on hardware that it is not for, by one key.
struct OtherHardware {
    std::string row, component;    ///< names of the event or component, and of the component
    std::string key, table, here;  ///< "adc.bits", "8" (or "unknown"), "4"
};

/// The keys that numbers of a row must be for; a table has to state each of them that has no `unstated`.
const std::vector<const char*>& keys_of(Event event);
const std::vector<const char*>& keys_of(Component component);

/// Reads what numbers are for: `own` is the row's map `for`, `common` the table's (either may be null), `needed` the keys
/// that must be stated there (but those with `unstated`) with a value, `any` (the numbers hold for all values) or `unknown`; the row's may state others
/// besides. `own_width`: the numbers follow noc.flit_bits (`per_bits`). Throws InputError with the place of the fault, or of
/// `row` for what is missing.
std::vector<RowDemand> read_demands(const config::Node& row, const config::Node* own, const config::Node* common,
                                    const std::vector<const char*>& needed, bool own_width);

/// Throws InputError for keys and values in the table's map `for` that cannot be.
void check_demands(const config::Node& common);

/// The demands that `hardware` does not meet.
std::vector<RowDemand> unmet_demands(const CostOrigin& origin, const HardwareConfig& hardware);

/// Names of the rows whose numbers stay the same from one piece of hardware to the other although they depend on what
/// differs: what the table says of such a change is worth nothing there. Empty: the table prices the change. Rows that fall
/// back to a model follow.
std::vector<std::string> rows_blind_to(const CostTable& table, const HardwareConfig& from, const HardwareConfig& to);

}  // namespace xloop
