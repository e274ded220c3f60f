#include "nas/choice_costs.hpp"

#include "core/error.hpp"
#include "core/random.hpp"

#include <fmt/format.h>
#include <Eigen/Dense>
#include <cmath>

namespace xloop {

ChoiceCosts choice_costs(const SearchSpace& space, HardwareEstimator& estimator, const SearchMetric& metric,
                         std::uint64_t seed, int samples) {
    const std::vector<Gene>& genes = space.genes();
    const std::size_t choices = space.network().open_choices().size();
    std::vector<Eigen::Index> first(choices);
    Eigen::Index columns = 1;
    for (std::size_t c = 0; c < choices; ++c) {
        first[c] = columns;
        columns += genes[c].levels - 1;
    }
    const KeyedRandom random(seed, RandomUse::subnet_search);
    std::vector<Genome> genomes;
    std::vector<double> logs;
    for (int draw = 0; draw < samples; ++draw) {
        Candidate c;
        for (std::size_t g = 0; g < genes.size(); ++g)
            c.genome.push_back(g < choices ? static_cast<int>(random.below(static_cast<std::uint64_t>(genes[g].levels),
                                                                           static_cast<std::uint64_t>(draw), g))
                                           : 0);
        c.network = space.network_text(c.genome);
        c.assignments = space.assignments(c.genome);
        estimator(c);
        if (!c.refused.empty())
            continue;
        genomes.push_back(c.genome);
        logs.push_back(std::log(metric.value(c)));
    }
    if (static_cast<Eigen::Index>(logs.size()) <= columns)
        throw InputError(fmt::format("of {} random subnets {} fit the hardware, too few to tell what choices cost",
                                     samples, logs.size()));
    Eigen::MatrixXd design = Eigen::MatrixXd::Zero(static_cast<Eigen::Index>(logs.size()), columns);
    for (std::size_t i = 0; i < genomes.size(); ++i) {
        const auto row = static_cast<Eigen::Index>(i);
        design(row, 0) = 1.0;
        for (std::size_t c = 0; c < choices; ++c)
            if (genomes[i][c] > 0)
                design(row, first[c] + genomes[i][c] - 1) = 1.0;
    }
    const Eigen::Map<const Eigen::VectorXd> y(logs.data(), static_cast<Eigen::Index>(logs.size()));
    const Eigen::VectorXd solution = design.completeOrthogonalDecomposition().solve(y);
    ChoiceCosts costs;
    for (std::size_t c = 0; c < choices; ++c) {
        costs.effects.emplace_back(1, 0.0);
        for (int level = 1; level < genes[c].levels; ++level)
            costs.effects.back().push_back(solution(first[c] + level - 1));
    }
    const double all = (y.array() - y.mean()).square().sum();
    costs.explained = all > 0.0 ? 1.0 - (y - design * solution).squaredNorm() / all : 1.0;
    return costs;
}

}  // namespace xloop
