#include "systemc_model/crossbar/spare_columns.hpp"

#include <algorithm>
#include <numeric>
#include <utility>
#include <vector>

namespace xloop {

WeightSlicing place_weights(const ArrayContents& contents, const HardwareConfig& hardware, const DeviceModel& device) {
    WeightSlicing slicing(hardware, contents.outputs, contents.polarity, contents.groups);
    if (hardware.crossbar.spare_cols == 0)
        return slicing;

    const LevelMatrix targets = slicing.levels(contents.weights, contents.rows, contents.stride);
    const auto error = [&](int conversion, int place) {
        const int own = slicing.columns_of(slicing.place(conversion)), other = slicing.columns_of(place);
        double levels = 0.0;
        for (int r = 0; r < contents.rows; ++r)
            for (int c = 0; c < hardware.columns_per_conversion(); ++c)
                levels += device.fault_error(r, other + c, targets(r, own + c), contents.id);
        return levels * slicing.slice_weight(conversion);
    };

    using Error = std::pair<double, int>;  // and its conversion or place
    std::vector<Error> worst;
    for (int c = 0; c < slicing.conversions(); ++c)
        worst.emplace_back(error(c, slicing.place(c)), c);
    std::stable_sort(worst.begin(), worst.end(), [](const Error& a, const Error& b) { return a.first > b.first; });

    std::vector<int> spare(static_cast<std::size_t>(hardware.crossbar.spare_cols));
    std::iota(spare.begin(), spare.end(), hardware.conversion_places() - hardware.crossbar.spare_cols);
    for (const auto& [own_error, conversion] : worst) {
        Error best(own_error, -1);
        for (int place : spare)
            if (const double there = error(conversion, place); there < best.first)
                best = {there, place};
        if (best.second < 0)
            continue;
        slicing.move(conversion, best.second);
        spare.erase(std::find(spare.begin(), spare.end(), best.second));
    }
    return slicing;
}

}  // namespace xloop
