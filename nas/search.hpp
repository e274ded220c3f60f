#pragma once

#include "core/progress.hpp"
#include "nas/candidate.hpp"
#include "nas/search_config.hpp"
#include "nas/search_metrics.hpp"
#include "nas/search_space.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace xloop {

/// Answers what a search asks of candidates; how is not the search's affair. Answers are in the order of the question.
class Evaluator {
public:
    using Candidates = std::vector<const Candidate*>;
    virtual ~Evaluator() = default;
    /// Fills in `weights`, `estimate` and, where the network does not fit the hardware, `refused`. Quick.
    virtual void estimate(Candidate& candidate) = 0;
    /// Accuracies on the images that candidates are judged by. Takes long, so that answers are kept.
    virtual std::vector<AccuracyTable> judge(const Candidates& candidates, const Watch& watch) = 0;
    /// Trains candidates further; what is asked of them then is asked of the new weights.
    virtual void fine_tune(const Candidates& candidates, const Watch& watch) = 0;
    /// Accuracies on the test images.
    virtual std::vector<AccuracyTable> test(const Candidates& candidates, const Watch& watch) = 0;
    /// What the cycle model says.
    virtual std::vector<Confirmation> confirm(const Candidates& candidates, const Watch& watch) = 0;
};

/// Predicts metrics of genomes from those of others.
class MetricPredictor {
public:
    virtual ~MetricPredictor() = default;
    /// values[i][m]: metric m of genomes[i].
    virtual void fit(const std::vector<Genome>& genomes, const std::vector<std::vector<double>>& values) = 0;
    /// Expected values in the same form.
    virtual std::vector<std::vector<double>> predict(const std::vector<Genome>& genomes) = 0;
};

/// What a search is told.
struct SearchTask {
    const SearchSpace& space;
    const SearchConfig& config;
    std::uint64_t seed = 1;
    MetricPredictor* predictor = nullptr;  ///< of accuracies; null: none
    std::vector<std::vector<double>> probabilities =
        {};  ///< of the network's choices (nas/gates.hpp); none: not learnt
    /// Called after each generation with all candidates so far and the place of its first one.
    std::function<void(const std::vector<Candidate>&, std::size_t first)> keep = {};
    /// Seconds that the search has taken; of all runs that led here.
    std::function<double()> elapsed_s = [] { return 0.0; };
};

/// Names, estimates and judges generations of candidates until the budget is spent or nothing is left to name; then marks those on
/// the Pareto front of the objectives that keep the constraints, and the chosen: evenly spread over it. In the order of naming.
/// Results depend on the task and the answers alone.
std::vector<Candidate> search(const SearchTask& task, Evaluator& evaluator, const Watch& watch = {});

/// Trains the chosen further where search.fine_tune_epochs says so. Asks the cycle model about them and judges them on the test images, then ranks them anew: `rank` counts from the first
/// objective's best, those that another one dominates by the confirmed figures behind all others.
void confirm(const SearchTask& task, Evaluator& evaluator, std::vector<Candidate>& candidates, const Watch& watch = {});

/// Marks `on_front` and, evenly spread over the front, `count` as `chosen`.
void mark_front(const SearchConfig& config, std::vector<Candidate>& candidates, int count);

/// The hypervolume that the feasible among the first n candidates dominate, for n = 1, 2, ...; objectives to be minimised that are
/// figures of the hardware as logarithms, each scaled to [0, 1] between the best and the worst of `reference`.
std::vector<double> hypervolume_of_first(const SearchConfig& config, const std::vector<Candidate>& candidates,
                                         const std::vector<Candidate>& reference);

}  // namespace xloop
