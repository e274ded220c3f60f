#include "attacks/hardware_faults.hpp"

#include "core/csv_rows.hpp"
#include "core/error.hpp"
#include "core/random.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <map>
#include <numeric>
#include <set>

namespace xloop {
namespace {

/// The number with the digit of `bits` bits at `place` replaced.
int with_digit(int number, int place, int bits, int digit) {
    const int mask = (1 << bits) - 1;
    return (number & ~(mask << (place * bits))) | (digit << (place * bits));
}

std::vector<int> bit_values(int weight, int weight_bits) {
    std::vector<int> values;
    const int sign = 1 << (weight_bits - 1), stored = weight & (2 * sign - 1);
    for (int bit = 0; bit < weight_bits; ++bit) {
        const int flipped = stored ^ (1 << bit);
        values.push_back((flipped & sign) != 0 ? flipped - 2 * sign : flipped);
    }
    return values;
}

std::vector<int> cell_values(int weight, int weight_bits, const HardwareConfig& hardware) {
    const bool offset = hardware.crossbar.weights == WeightMapping::offset;
    const int magnitude_bits = offset ? weight_bits : std::max(1, weight_bits - 1);
    const int bits =
        hardware.device.analog() ? magnitude_bits : std::min(hardware.device.bits_per_cell, magnitude_bits);
    const int places = (magnitude_bits + bits - 1) / bits;
    std::vector<int> values;
    for (int place = 0; place < places; ++place)
        for (const int digit : {0, (1 << bits) - 1}) {
            if (offset) {
                const int shift = 1 << (weight_bits - 1);
                values.push_back(with_digit(weight + shift, place, bits, digit) - shift);
                continue;
            }
            const int plus = std::max(weight, 0), minus = std::max(-weight, 0);
            values.push_back(with_digit(plus, place, bits, digit) - minus);
            values.push_back(plus - with_digit(minus, place, bits, digit));
        }
    return values;
}

}  // namespace

NamedFault NamedFault::parse(const std::string& text) {
    const std::size_t dash = text.find('-');
    const auto wrong = [&](const std::string& why) {
        return InputError(
            fmt::format("fault `{}`: {}; expected KIND-NUMBER, as ranked_bits-10, drift-1e6 (seconds) or "
                        "memory-0.65 (volts), with KIND one of {}",
                        text, why, fmt::join(all_names<FaultKind>(), ", ")));
    };
    const std::string name = text.substr(0, dash);
    const auto kind = value_named<FaultKind>(name);
    if (!kind)
        throw wrong("there is none of this name" + did_you_mean(name, all_names<FaultKind>()));
    const std::string number = dash == std::string::npos ? "" : text.substr(dash + 1);
    char* end = nullptr;
    const double amount = std::strtod(number.c_str(), &end);
    if (number.empty() || *end != '\0' || !(amount > 0.0) || !std::isfinite(amount))
        throw wrong("a number above 0 is to stand behind the dash");
    const NamedFault fault{*kind, amount};
    if (fault.of_weights() && (amount != std::floor(amount) || amount > 1e6))
        throw wrong("a whole number up to a million is expected");
    return fault;
}

std::string fault_list() {
    return "  random_bits-N, ranked_bits-N    N bits of stored weights flip: by chance, or where the loss rises most\n"
           "  random_cells-N, ranked_cells-N  N cells are stuck at their lowest or highest level, likewise\n"
           "  drift-S                         cells have drifted for S seconds\n"
           "  memory-V                        bits of stored maps flip as robustness.memory_table says for V volts\n";
}

std::vector<int> faulty_values(int weight, int weight_bits, bool cells, const HardwareConfig& hardware) {
    std::vector<int> values = cells ? cell_values(weight, weight_bits, hardware) : bit_values(weight, weight_bits);
    const int largest = largest_weight(weight_bits);
    for (int& value : values)
        value = weight_bits == 1 ? (value < 0 ? -1 : 1) : std::clamp(value, -largest, largest);
    std::sort(values.begin(), values.end());
    values.erase(std::unique(values.begin(), values.end()), values.end());
    values.erase(std::remove(values.begin(), values.end(), weight), values.end());
    return values;
}

std::vector<int> matrix_layers(const WorkloadGraph& graph, const std::vector<std::string>& names) {
    std::vector<int> layers;
    std::vector<std::string> known;
    for (std::size_t l = 0; l < graph.layers.size(); ++l)
        if (graph.layers[l].on_crossbars()) {
            known.push_back(graph.layers[l].name);
            if (names.empty() || std::find(names.begin(), names.end(), known.back()) != names.end())
                layers.push_back(static_cast<int>(l));
        }
    for (const std::string& name : names)
        if (std::find(known.begin(), known.end(), name) == known.end())
            throw KeyError("robustness.fault_layers", fmt::format("the network has no layer `{}` with weights{}", name,
                                                                  did_you_mean(name, known)));
    return layers;
}

std::vector<WeightFault> random_faults(const WorkloadGraph& graph, const HardwareConfig& hardware, bool cells,
                                       const std::vector<std::string>& names, int count, std::uint64_t seed) {
    const std::vector<int> layers = matrix_layers(graph, names);
    std::vector<std::uint64_t> ends;
    for (const int l : layers)
        ends.push_back((ends.empty() ? 0 : ends.back()) + graph.layers[static_cast<std::size_t>(l)].weights->size());
    if (static_cast<std::uint64_t>(count) > ends.back())
        throw KeyError("robustness.faults",
                       fmt::format("{} faults, but the layers have {} weights", count, ends.back()));
    const KeyedRandom random(seed, RandomUse::device_faults);
    constexpr std::uint64_t of_attacks = std::uint64_t{1} << 60;
    std::set<std::uint64_t> taken;
    std::vector<WeightFault> faults;
    for (std::uint64_t draw = 0; faults.size() < static_cast<std::size_t>(count); ++draw) {
        const std::uint64_t place = random.below(ends.back(), of_attacks, 2 * draw);
        if (!taken.insert(place).second)
            continue;
        const auto at = static_cast<std::size_t>(std::upper_bound(ends.begin(), ends.end(), place) - ends.begin());
        const GraphLayer& layer = graph.layers[static_cast<std::size_t>(layers[at])];
        const auto weight = static_cast<std::int64_t>(place - (at == 0 ? 0 : ends[at - 1]));
        const std::vector<int> values =
            faulty_values((*layer.weights)[static_cast<std::size_t>(weight)], layer.weight_bits, cells, hardware);
        if (!values.empty())
            faults.push_back({layers[at], weight, values[random.below(values.size(), of_attacks, 2 * draw + 1)]});
    }
    return faults;
}

WorkloadGraph with_faults(WorkloadGraph graph, const std::vector<WeightFault>& faults) {
    std::map<int, std::vector<std::int8_t>> changed;
    for (const WeightFault& fault : faults) {
        const auto& weights = *graph.layers[static_cast<std::size_t>(fault.layer)].weights;
        auto& own = changed.try_emplace(fault.layer, weights).first->second;
        own[static_cast<std::size_t>(fault.weight)] = static_cast<std::int8_t>(fault.value);
    }
    for (auto& [layer, weights] : changed)
        graph.layers[static_cast<std::size_t>(layer)].weights =
            std::make_shared<const std::vector<std::int8_t>>(std::move(weights));
    return graph;
}

MemoryFaults::MemoryFaults(const WorkloadGraph& graph, const std::vector<std::string>& layers, double p, int safe,
                           std::uint64_t seed)
    : p_(p), safe_(safe), seed_(seed) {
    std::vector<std::string> known{"input"};
    for (const GraphLayer& layer : graph.layers)
        known.push_back(layer.name);
    for (const std::string& name : layers)
        if (std::find(known.begin(), known.end(), name) == known.end())
            throw KeyError("robustness.fault_layers",
                           fmt::format("the network has no layer `{}`{}", name, did_you_mean(name, known)));
    for (std::size_t k = 0; k < known.size(); ++k) {
        const bool chosen = layers.empty() ? k > 0 : std::find(layers.begin(), layers.end(), known[k]) != layers.end();
        // Logits leave the chip as they are summed up.
        const bool stored = k == 0 || !graph.layers[k - 1].is_output;
        edges_.push_back(graph.edge(static_cast<int>(k) - 1));
        if (!chosen || !stored)
            edges_.back().bits = 0;
    }
}

void MemoryFaults::apply(int producer, std::int64_t image, FeatureMap& map) const {
    const Edge& edge = edges_[static_cast<std::size_t>(producer + 1)];
    const int weak = edge.bits - safe_;
    if (weak <= 0 || p_ <= 0.0)
        return;
    const KeyedRandom random(seed_, RandomUse::device_faults);
    // From one flip to the next: the gap is geometric, so that only flips cost time.
    const double per_log = 1.0 / std::log1p(-std::min(p_, 1.0 - 1e-12));
    const double all = static_cast<double>(map.size()) * weak;
    double at = -1.0;
    for (std::uint64_t draw = 0;; ++draw) {
        const double u = 1.0 - random.uniform(static_cast<std::uint64_t>(image),
                                              (static_cast<std::uint64_t>(producer + 1) << 40) + draw);
        at += 1.0 + std::floor(std::log(u) * per_log);
        if (at >= all)
            return;
        const auto place = static_cast<std::size_t>(at);
        Activation& value = map[place / static_cast<std::size_t>(weak)];
        value = static_cast<Activation>(value ^ (1 << (place % static_cast<std::size_t>(weak))));
    }
}

double flip_probability(const std::string& table, double voltage) {
    if (table.empty())
        throw KeyError("robustness.memory_table",
                       "a CSV file with the columns voltage and probability, since "
                       "robustness.faults has `memory`");
    CsvRows rows(table, {"voltage", "probability"});
    std::map<double, double> points;
    while (rows.next())
        points[rows.number(0, 0.0)] = rows.number(1, 0.0);
    for (const auto& [v, p] : points)
        if (p > 1.0)
            throw InputError(fmt::format("{}: probability {} at {} V; at most 1 is expected", table, p, v));
    const auto above = points.lower_bound(voltage);
    if (points.empty() || above == points.end() || (above == points.begin() && above->first != voltage))
        throw InputError(fmt::format("{}: has no rows on both sides of {} V", table, voltage));
    if (above->first == voltage)
        return above->second;
    const auto below = std::prev(above);
    const double share = (voltage - below->first) / (above->first - below->first);
    if (below->second <= 0.0 || above->second <= 0.0)
        return below->second + share * (above->second - below->second);
    return std::exp(std::log(below->second) + share * (std::log(above->second) - std::log(below->second)));
}

}  // namespace xloop
