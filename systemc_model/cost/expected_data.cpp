#include "systemc_model/cost/expected_data.hpp"

#include <cmath>

namespace xloop {
namespace {

/// An event that depends on data, and the event whose counts it follows.
struct Follows {
    Event data, size;
};
constexpr std::array<Follows, 4> followers = {{{Event::row_pulse, Event::row_drive},
                                               {Event::read_conductance, Event::row_drive},
                                               {Event::router_toggle, Event::router_flit},
                                               {Event::link_toggle, Event::link_flit}}};

/// Hands `total` out in shares, rounded so that all that was handed out is always within one half of what is due.
class Shares {
public:
    Shares(double total, double weights) : per_weight_(weights > 0 ? total / weights : 0.0) {}
    std::uint64_t next(std::uint64_t weight) {
        weights_ += static_cast<double>(weight);
        const auto due = static_cast<std::uint64_t>(std::llround(weights_ * per_weight_));
        const std::uint64_t share = due - given_;
        given_ = due;
        return share;
    }

private:
    double per_weight_, weights_ = 0;
    std::uint64_t given_ = 0;
};

/// Nanosiemens x digit^2 that one driven row adds to read_conductance.
double conductance_of_row(const HardwareConfig& hw) {
    const int largest = (1 << hw.dac.bits) - 1;
    const double mean_square = (largest + 1) * (2 * largest + 1) / 6.0;  // of 1 ... largest
    const double off = hw.device.g_off(), any = (hw.device.g_on() + off) / 2;
    // Of the two cells that hold a signed weight one is off.
    const double mean = hw.offset() ? any : (any + off) / 2;
    const int spare = hw.crossbar.spare_cols * hw.columns_per_conversion();  // all off
    return 1e9 * hw.crossbar.cols * mean * mean_square - 1e9 * spare * (mean - off) * mean_square;
}

void expect(Counters& events, const HardwareConfig& hw, double active_rows, double toggles) {
    const auto expected = [](std::uint64_t count, double mean) {
        return static_cast<std::uint64_t>(std::llround(static_cast<double>(count) * mean));
    };
    const double bits = toggles * hw.noc.flit_bits;
    events[Event::row_pulse] = expected(events[Event::row_drive], active_rows);
    events[Event::read_conductance] = expected(events[Event::row_pulse], conductance_of_row(hw));
    events[Event::router_toggle] = expected(events[Event::router_flit], bits);
    events[Event::link_toggle] = expected(events[Event::link_flit], bits);
}

void spread(ActivityRecord& record, Event data, Event size, double total) {
    const Counters sizes = record.total();
    Shares shares(total, static_cast<double>(sizes[size]));
    for (auto& [path, counters] : record.instances)
        counters[data] = shares.next(counters[size]);
}

}  // namespace

void expect_data(Counters& events, std::size_t layer, const HardwareConfig& hw, const DataAverages& averages) {
    const bool known = layer < averages.active_rows_of_layer.size() && averages.active_rows_of_layer[layer] >= 0;
    expect(events, hw, known ? averages.active_rows_of_layer[layer] : averages.active_rows, averages.toggles);
}

void expect_data(ActivityRecord& record, const HardwareConfig& hw, const DataAverages& averages) {
    Counters sum;
    for (std::size_t l = 0; l < record.layers.size(); ++l) {
        expect_data(record.layers[l], l, hw, averages);
        sum += record.layers[l];
    }
    if (record.layers.empty()) {
        sum = record.total();
        expect(sum, hw, averages.active_rows, averages.toggles);
    }
    for (const Follows& f : followers)
        spread(record, f.data, f.size, static_cast<double>(sum[f.data]));
}

void expect_data(ActivityRecord& record, const HardwareKinds& kinds, const DataAverages& averages) {
    if (record.kinds.empty())
        return expect_data(record, kinds[0], averages);
    for (std::size_t k = 0; k < record.kinds.size(); ++k)
        expect_data(record.kinds[k], kinds[static_cast<int>(k)], averages);
    record.add_kinds();
}

void expect_data(std::vector<PerEvent>& windows, const Counters& total) {
    for (const Follows& f : followers) {
        const double share =
            total[f.size] > 0 ? static_cast<double>(total[f.data]) / static_cast<double>(total[f.size]) : 0.0;
        for (auto& window : windows)
            window[static_cast<std::size_t>(f.data)] = share * window[static_cast<std::size_t>(f.size)];
    }
}

}  // namespace xloop
