#include "apps/sweep/point_estimator.hpp"

#include "analysis/statistics.hpp"
#include "analysis/study.hpp"
#include "core/config/flat_configuration.hpp"
#include "core/config/schema.hpp"
#include "core/hardware_kinds.hpp"
#include "core/hardware_variants.hpp"
#include "systemc_model/estimate/quick_estimate.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <algorithm>

namespace xloop {

/// A network with costs and all that is not hardware: read once, for many pieces of hardware.
struct PointEstimator::Subject {
    Subject(LoadedExperiment experiment)
        : study(load_study(std::move(experiment.config), std::move(experiment.origins), StudyNeeds::shapes)),
          variants(study.config.hardware), estimator(study.graph) {}

    Study study;
    HardwareVariants variants;
    QuickEstimator estimator;
};

PointEstimator::PointEstimator(const LoadedExperiment& experiment)
    : root_(config::load_text(experiment.yaml(false), "the experiment")), hardware_sections_{"layers", "tile_types"} {
    HardwareConfig hardware;
    config::Section schema("hardware");
    describe(schema, hardware);
    const Json keys = config::flat_configuration(schema);
    for (const auto& [key, value] : keys.items())
        hardware_sections_.insert(key.substr(0, key.find('.')));
}

PointEstimator::~PointEstimator() = default;
PointEstimator::PointEstimator(PointEstimator&&) noexcept = default;

PointEstimator::Subject& PointEstimator::subject_of(const std::vector<std::string>& assignments) {
    std::unique_ptr<Subject>& subject = subjects_[assignments];
    if (!subject)
        subject = std::make_unique<Subject>(load_experiment(root_, assignments));
    return *subject;
}

PointEstimator::Figures PointEstimator::operator()(const std::vector<std::string>& assignments) {
    std::vector<std::string> of_hardware, others;
    for (const std::string& assignment : assignments)
        (hardware_sections_.count(assignment.substr(0, assignment.find_first_of(".="))) > 0 ? of_hardware : others)
            .push_back(assignment);
    Subject& subject = subject_of(others);
    const HardwareConfig hardware = subject.variants.with(of_hardware);
    const HardwareKinds types(hardware);
    const int images = subject.study.config.simulation.images;
    bool skips = false;
    for (int type = 0; type < types.types(); ++type)
        skips = skips || types[type].skips_zero_reads();
    const std::vector<UnitCosts> costs = type_costs(subject.study.costs, types, CostDetail::figures);
    Figures found;
    for (const UnitCosts& of_type : costs)
        found.warnings.insert(found.warnings.end(), of_type.warnings.begin(), of_type.warnings.end());
    const CostTable& table = subject.study.costs;
    if (const auto blind = rows_blind_to(table, subject.study.config.hardware, hardware); !blind.empty())
        found.warnings.push_back(
            fmt::format("{}: numbers of {} are for other hardware and do not follow the change; take a table of models",
                        table.name, fmt::join(blind, ", ")));
    if (!skips) {
        found.merit = subject.estimator(hardware, costs, images).figures;
        return found;
    }
    // Which reads are made follows from statistics of the network on this hardware.
    Study study = subject.study;
    study.config.hardware = hardware;
    MappedNetwork network = study.map();
    const DataAverages averages = assume_data(network, study.config.simulation.recorded_statistics(), images);
    found.merit = estimate_hardware(network, study.costs, images, EstimateDetail::classes, averages).figures;
    return found;
}

}  // namespace xloop
