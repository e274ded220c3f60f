#include "analysis/timed_run.hpp"

#include "analysis/study_images.hpp"
#include "analysis/timing.hpp"
#include "core/error.hpp"
#include "core/progress.hpp"
#include "core/workload/input_pixels.hpp"
#include "systemc_model/chip/clipped_conversions.hpp"
#include "systemc_model/cost/energy.hpp"
#include "systemc_model/cost/power_profile.hpp"
#include "systemc_model/device/fault_map.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <algorithm>
#include <functional>
#include <set>

namespace xloop {
namespace {

/// As the integer network reads them.
ImageSet stored_images(const StudyConfig& config, const WorkloadGraph& graph, bool train, int count) {
    if (config.weights.from == WeightsSource::random)
        return load_images(config.data, graph.input, train ? DataPart::training : DataPart::test, count, config.seed);
    const StudyImages real = load_study_images(config, graph.input, train, count);
    ImageSet images;
    images.shape = graph.input;
    images.pixels = input_pixels(graph, real.values.data(), real.count());
    images.labels = real.labels;
    return images;
}

ImageSet demand_images(const StudyConfig& config, const WorkloadGraph& graph) {
    ImageSet images = stored_images(config, graph, false, config.simulation.images);
    if (images.count() < config.simulation.images)
        throw InputError(fmt::format("simulation.images asks for {} images, the data set has {}",
                                     config.simulation.images, images.count()));
    return images;
}

ImageSet calibration_images(const StudyConfig& config, const WorkloadGraph& graph) {
    if (config.weights.from != WeightsSource::random || !calibrates(HardwareKinds(config.hardware)))
        return {};
    return stored_images(config, graph, true, config.hardware.adc.calibration_images);
}

/// Faults that are listed for arrays which this network does not have would have no effect, without a word.
void warn_of_faults(const MappedNetwork& network) {
    std::set<std::uint64_t> arrays;
    for (const LayerMapping& layer : network.mapping.layers)
        for (const LayerCopy& copy : layer.copies)
            for (const PlacedBlock& block : copy.blocks)
                arrays.insert(block.array_id);
    std::set<std::string> told;
    for (int type = 0; type < network.kinds.types(); ++type) {
        if (network.kinds[type].is_digital())
            continue;
        for (const std::string& fault : FaultMap(network.kinds[type]).outside(arrays))
            if (told.insert(fault).second)
                spdlog::warn("{}", fault);
    }
}

}  // namespace

Values compute_untimed(const Study& study, const MappedNetwork& network, int threads) {
    const StudyConfig& config = study.config;
    ImageSet images = demand_images(config, network.graph);
    warn_of_faults(network);
    const ImageSet calibration = calibration_images(config, network.graph);
    Progress progress("programming arrays");
    auto chip = program(network, {calibration.pixels.data(), calibration.count()}, threads, std::ref(progress));
    const ClippingCounter counter(*chip);
    auto untimed = run_images(network.graph, counter, images.pixels.data(), 0, images.count(), threads);
    return {std::move(images), std::move(chip), std::move(untimed), counter.counts()};
}

void demand_equal(const SimulationResult& timed, const std::vector<std::vector<std::int32_t>>& untimed) {
    for (std::size_t i = 0; i < untimed.size(); ++i)
        if (timed.logits[i] != untimed[i]) {
            const auto different = std::mismatch(untimed[i].begin(), untimed[i].end(), timed.logits[i].begin());
            throw Error(
                fmt::format("the timed run differs from the untimed run at image {}, logit {}: {} against {}; this "
                            "is a fault of the model, not of the input",
                            i, different.first - untimed[i].begin(), *different.second, *different.first));
        }
}

DataAverages recorded_averages(const SimulationResult& result) {
    DataAverages averages;
    for (const SimulationResult::Layer& layer : result.layers)
        averages.active_rows_of_layer.push_back(layer.active_rows);
    return averages;
}

namespace {

/// Energies of items that a result has for the chip, or kind by kind; summed over the kinds.
template <class Counts>
std::vector<PerComponent> energies(const SimulationResult& result, const std::vector<Counts>& of_chip,
                                   std::vector<Counts> SimulationResult::Kind::*of_kind, const HardwareKinds& kinds,
                                   const std::vector<UnitCosts>& types) {
    if (result.kinds.empty())
        return dynamic_j(of_chip, types.front());
    std::vector<PerComponent> sum(of_chip.size(), PerComponent{});
    for (int kind = 0; kind < kinds.count(); ++kind) {
        const UnitCosts costs = costs_of_kind(types[static_cast<std::size_t>(kinds.type_of(kind))], kinds[kind]);
        const std::vector<PerComponent> more = dynamic_j(result.kinds[static_cast<std::size_t>(kind)].*of_kind, costs);
        for (std::size_t i = 0; i < sum.size(); ++i)
            for (std::size_t c = 0; c < component_count; ++c)
                sum[i][c] += more[i][c];
    }
    return sum;
}

/// Without values, events that depend on data follow those that do not.
void expect_windows(SimulationResult& result, const ActivityRecord& activity) {
    expect_data(result.windows, activity.total());
    for (std::size_t k = 0; k < result.kinds.size(); ++k)
        expect_data(result.kinds[k].windows, activity.kinds[k].total());
}

}  // namespace

HardwareReport simulation_report(const SimulationResult& result, const Study& study, const MappedNetwork& network) {
    HardwareReport report;
    report.method = "simulation";
    report.network = network.graph.name;
    report.images = static_cast<int>(result.images.size());
    report.cycles = result.cycles;
    report.latency_cycles = result.latency_cycles(0);
    report.interval_cycles = shown_interval(result);
    for (const SimulationResult::Layer& layer : result.layers)
        report.layers.push_back({layer.name, layer.images.front().start, layer.images.front().length()});
    report.activity = result.activity;
    report.data_from_values = study.config.simulation.computes();
    const StudyConfig& config = study.config;
    const DataAverages averages = report.data_from_values ? DataAverages{} : recorded_averages(result);
    const std::vector<UnitCosts> types = complete_report(report, network, study.costs, averages);
    const std::vector<PerComponent> data_j =
        energies(result, result.image_data, &SimulationResult::Kind::image_data, network.kinds, types);
    for (const PerComponent& image : image_energy(report.ledger, data_j))
        report.image_energy_j.push_back(sum_of(image));
    SimulationResult spread;
    spread.windows = result.windows;
    spread.kinds = result.kinds;
    if (!report.data_from_values)
        expect_windows(spread, report.activity);
    const PowerProfile profile =
        power_profile(energies(spread, spread.windows, &SimulationResult::Kind::windows, network.kinds, types),
                      config.simulation.limits.power_window_cycles, result.cycles,
                      1e-9 * config.hardware.clock.period_ns(), static_w(network.kinds, network.mapping.chip(), types));
    report.power = {profile.window_cycles, profile.peak_w(), profile.energy_j()};
    return report;
}

}  // namespace xloop
