#pragma once

#include "core/activity.hpp"
#include "core/hardware_kinds.hpp"

#include <vector>

namespace xloop {

/// Averages that stand for data where values are not known.
struct DataAverages {
    double active_rows = 0.5;  ///< share of a read's row lines that are driven above 0 V: random bits
    double toggles = 0.5;      ///< share of a flit's bits that differ from the flit before: random bits
    /// For each layer of the record, instead of `active_rows`; below 0 or missing: not known.
    std::vector<double> active_rows_of_layer;
};

/// Sets the events of `record` that depend on data to what the averages let expect from the events that do not:
///   row_pulse = active rows x row_drive,
///   read_conductance = row_pulse x columns x mean conductance x mean square of a DAC digit above 0: all levels and digits
///   equally likely, so (g_on + g_off) / 2; of signed weights in two cells, one is at g_off,
///   router_toggle, link_toggle = toggles x flit_bits x flits.
/// Instances and layers keep adding up to the same totals.
void expect_data(ActivityRecord& record, const HardwareConfig& hardware, const DataAverages& averages = {});
/// The same for one layer's events alone, `layer` in `averages`.
void expect_data(Counters& events, std::size_t layer, const HardwareConfig& hardware, const DataAverages& averages);
/// The same on a chip of several kinds of hardware, kind by kind.
void expect_data(ActivityRecord& record, const HardwareKinds& kinds, const DataAverages& averages = {});

/// The same for events by windows of time: what depends on data follows its size event, so that all windows together have
/// the data events of `total`, the counters of the whole run.
void expect_data(std::vector<PerEvent>& windows, const Counters& total);

}  // namespace xloop
