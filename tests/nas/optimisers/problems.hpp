#pragma once

#include "analysis/pareto.hpp"
#include "nas/optimisers/optimiser.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <string>
#include <vector>

namespace xloop {

using Values = std::vector<double>;
using Evaluate = std::function<Judged(const Genome&)>;

inline std::vector<Gene> ordered_genes(int count, int levels) {
    return std::vector<Gene>(static_cast<std::size_t>(count), Gene{"x", levels, true});
}

/// What one run asked for and was told, generation by generation, until `evaluations` or the end.
inline std::vector<Judged> run(GenomeOptimiser& optimiser, const Evaluate& evaluate, int evaluations,
                               const std::function<bool(const std::vector<Judged>&)>& enough = {}) {
    std::vector<Judged> all;
    while (static_cast<int>(all.size()) < evaluations && !(enough && enough(all))) {
        std::vector<Judged> judged;
        for (const Proposal& proposal : optimiser.ask())
            judged.push_back(evaluate(proposal.genome));
        if (judged.empty())
            break;
        optimiser.tell(judged);
        all.insert(all.end(), judged.begin(), judged.end());
    }
    return all;
}

/// Objectives of the feasible ones that nothing dominates, in order.
inline std::vector<Values> front_of(const std::vector<Judged>& all) {
    std::vector<Values> values, front;
    for (const Judged& one : all)
        if (one.violation == 0.0)
            values.push_back(one.objectives);
    const std::vector<Direction> directions(values.empty() ? 0 : values.front().size(), Direction::minimise);
    for (int i : pareto_front(directions, values))
        front.push_back(values[static_cast<std::size_t>(i)]);
    return front;
}

/// A problem over reals in [0, 1], each of them a gene of as many evenly spaced levels.
struct RealProblem {
    std::string name;
    int variables = 0;
    Values (*objectives)(const Values& x) = nullptr;
    Values reference;
    double best = 0.0;        ///< hypervolume of the true front
    int evaluations = 25000;  ///< Deb et al. 2002: 100 members, 250 generations

    Judged operator()(const Genome& genome, int levels) const {
        Values x;
        for (int level : genome)
            x.push_back(static_cast<double>(level) / (levels - 1));
        return {genome, objectives(x), 0.0};
    }
};

// Zitzler, Deb and Thiele, Evolutionary Computation 8 (2000): 30 variables, g = 1 on the front, where all but the first are 0.

inline double zdt_g(const Values& x) {
    double sum = 0.0;
    for (std::size_t i = 1; i < x.size(); ++i)
        sum += x[i];
    return 1.0 + 9.0 * sum / static_cast<double>(x.size() - 1);
}

inline RealProblem zdt1() {
    const auto objectives = [](const Values& x) -> Values {
        const double g = zdt_g(x);
        return {x[0], g * (1.0 - std::sqrt(x[0] / g))};
    };
    // Between the front f2 = 1 - sqrt(f1) and 1.1, and right of f1 = 1 a strip of 0.1.
    return {"ZDT1", 30, objectives, {1.1, 1.1}, 0.1 + 2.0 / 3.0 + 0.11};
}

inline RealProblem zdt2() {
    const auto objectives = [](const Values& x) -> Values {
        const double g = zdt_g(x);
        return {x[0], g * (1.0 - (x[0] / g) * (x[0] / g))};
    };
    return {"ZDT2", 30, objectives, {1.1, 1.1}, 0.1 + 1.0 / 3.0 + 0.11};
}

inline RealProblem zdt3() {
    const auto objectives = [](const Values& x) -> Values {
        const double g = zdt_g(x);
        return {x[0], g * (1.0 - std::sqrt(x[0] / g) - x[0] / g * std::sin(10.0 * M_PI * x[0]))};
    };
    // The lowest value so far of the curve on which the front lies, in 10^5 steps.
    constexpr int steps = 100000;
    double sum = 0.0, lowest = 1.1;
    for (int i = 0; i < steps; ++i) {
        const double f = (i + 0.5) / steps;
        lowest = std::min(lowest, 1.0 - std::sqrt(f) - f * std::sin(10.0 * M_PI * f));
        sum += (1.1 - lowest) / steps;
    }
    return {"ZDT3", 30, objectives, {1.1, 1.1}, sum + 0.1 * (1.1 - lowest)};
}

/// Deb et al., CEC 2002, three objectives, 12 variables: the front is an eighth of the unit sphere, where the last ten are 1/2. Four times the
/// evaluations: with those of the others the share of hypervolume is 98 %, as crowding spreads members less well in three dimensions.
inline RealProblem dtlz2() {
    const auto objectives = [](const Values& x) -> Values {
        double g = 0.0;
        for (std::size_t i = 2; i < x.size(); ++i)
            g += (x[i] - 0.5) * (x[i] - 0.5);
        const double a = x[0] * M_PI / 2.0, b = x[1] * M_PI / 2.0;
        return {(1.0 + g) * std::cos(a) * std::cos(b), (1.0 + g) * std::cos(a) * std::sin(b), (1.0 + g) * std::sin(a)};
    };
    return {"DTLZ2", 12, objectives, {1.1, 1.1, 1.1}, 1.1 * 1.1 * 1.1 - M_PI / 6.0, 100000};
}

}  // namespace xloop
