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

void spread(ActivityRecord& record, Event data, Event size, double total) {
    const Counters sizes = record.total();
    Shares shares(total, static_cast<double>(sizes[size]));
    for (auto& [path, counters] : record.instances)
        counters[data] = shares.next(counters[size]);
}

}  // namespace

void expect_data(ActivityRecord& record, const HardwareConfig& hw, const DataAverages& averages) {
    const auto share = [&](std::size_t layer) {
        const bool known = layer < averages.active_rows_of_layer.size() && averages.active_rows_of_layer[layer] >= 0;
        return known ? averages.active_rows_of_layer[layer] : averages.active_rows;
    };
    const double row_ns = conductance_of_row(hw), toggles = averages.toggles * hw.noc.flit_bits;
    const auto expected = [](std::uint64_t count, double mean) {
        return static_cast<std::uint64_t>(std::llround(static_cast<double>(count) * mean));
    };
    Counters sum;
    for (std::size_t l = 0; l < record.layers.size(); ++l) {
        Counters& layer = record.layers[l];
        layer[Event::row_pulse] = expected(layer[Event::row_drive], share(l));
        layer[Event::read_conductance] = expected(layer[Event::row_pulse], row_ns);
        layer[Event::router_toggle] = expected(layer[Event::router_flit], toggles);
        layer[Event::link_toggle] = expected(layer[Event::link_flit], toggles);
        sum += layer;
    }
    if (record.layers.empty()) {
        const Counters sizes = record.total();
        sum[Event::row_pulse] = expected(sizes[Event::row_drive], averages.active_rows);
        sum[Event::read_conductance] = expected(sum[Event::row_pulse], row_ns);
        sum[Event::router_toggle] = expected(sizes[Event::router_flit], toggles);
        sum[Event::link_toggle] = expected(sizes[Event::link_flit], toggles);
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
