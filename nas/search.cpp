#include "nas/search.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

namespace xloop {

std::vector<Objective> robustness_and_edap() {
    return {{"robust accuracy", Direction::maximise,
             [](const SubnetRecord& s) { return s.accuracy.robust(AccuracyCell::Engine::chip); }},
            {"EDAP", Direction::minimise, [](const SubnetRecord& s) { return s.estimate.edap(); }}};
}

SubnetRecord evaluate_candidate(const NetworkSpec& space, const SubnetPath& path, Evaluator& evaluator,
                                CandidateStore& store) {
    SubnetRecord record;
    record.path = space.path_text(path);
    const auto kept = store.find(record.path);
    const EvaluatedSubnet subnet = kept ? *kept : evaluator.evaluate(path);
    record.accuracy = subnet.accuracy;
    record.estimate = evaluator.estimate(subnet.workload);
    if (!kept)
        store.keep(record, subnet.workload);
    return record;
}

std::vector<SubnetRecord> search(const NetworkSpec& space, const Sampler& sampler,
                                 const std::vector<Objective>& objectives, int chosen, Evaluator& evaluator,
                                 CandidateStore& store, const Watch& watch) {
    std::vector<SubnetRecord> subnets;
    std::vector<std::vector<double>> values;
    for (auto next = sampler(subnets); !next.empty(); next = sampler(subnets)) {
        const double named = static_cast<double>(subnets.size() + next.size());
        for (const SubnetPath& path : next) {
            subnets.push_back(evaluate_candidate(space, path, evaluator, store));
            values.emplace_back();
            std::string figures;
            for (const Objective& objective : objectives) {
                values.back().push_back(objective.value(subnets.back()));
                figures += fmt::format(", {} {:.4g}", objective.name, values.back().back());
            }
            spdlog::debug("{}{}", subnets.back().path, figures);
            if (watch)
                watch({static_cast<double>(subnets.size()) / named});
        }
    }
    std::vector<Direction> directions;
    for (const Objective& objective : objectives)
        directions.push_back(objective.direction);
    const std::vector<int> front = pareto_front(directions, values);
    for (int i : front)
        subnets[static_cast<std::size_t>(i)].on_front = true;
    for (int i : spread_choice(front, chosen))
        subnets[static_cast<std::size_t>(i)].chosen = true;
    return subnets;
}

}  // namespace xloop
