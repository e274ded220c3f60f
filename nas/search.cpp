#include "nas/search.hpp"

#include "core/random.hpp"
#include "nas/hypervolume.hpp"
#include "nas/optimisers/optimiser.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace xloop {
namespace {

std::vector<const SearchMetric*> metrics_of(const SearchConfig& config) {
    std::vector<const SearchMetric*> metrics;
    for (const std::string& name : config.objectives)
        metrics.push_back(&metric_named(name));
    return metrics;
}

std::vector<Constraint> constraints_of(const SearchConfig& config) {
    std::vector<Constraint> constraints;
    for (const std::string& text : config.constraints)
        constraints.push_back(parse_constraint(text));
    return constraints;
}

/// Far beyond any bound that is only missed.
constexpr double does_not_fit = 1e9;

class Search {
public:
    Search(const SearchTask& task, Evaluator& evaluator, const Watch& watch)
        : task_(task), evaluator_(evaluator), watch_(watch), metrics_(metrics_of(task.config)),
          constraints_(constraints_of(task.config)) {
        const auto accuracy = [](const SearchMetric* metric) { return metric->source == MetricSource::accuracy; };
        for (const SearchMetric* metric : metrics_)
            if (accuracy(metric))
                predicted_.push_back(metric);
        judges_ = !predicted_.empty() || std::any_of(constraints_.begin(), constraints_.end(),
                                                     [&](const Constraint& c) { return accuracy(c.metric); });
    }

    std::vector<Candidate> run() {
        OptimiserTask how;
        how.genes = task_.space.genes();
        how.seed = task_.seed;
        how.canonical = [&](const Genome& genome) { return task_.space.canonical(genome); };
        how.initial = {task_.space.smallest(), task_.space.largest()};
        add_decided(how.initial);
        if (task_.predictor != nullptr && !predicted_.empty())
            how.screen = [&](const std::vector<Genome>& genomes) { return screen(genomes); };
        const auto optimiser = make_optimiser(task_.config.optimiser, how);
        while (!spent()) {
            std::vector<Proposal> proposals = optimiser->ask();
            if (proposals.empty())
                break;
            const std::size_t left = static_cast<std::size_t>(task_.config.candidates) - candidates_.size();
            proposals.resize(std::min(proposals.size(), left));
            const std::size_t first = candidates_.size();
            optimiser->tell(answer(proposals));
            if (task_.keep)
                task_.keep(candidates_, first);
        }
        mark_front(task_.config, candidates_, task_.config.chosen);
        return std::move(candidates_);
    }

private:
    bool spent() const {
        return static_cast<int>(candidates_.size()) >= task_.config.candidates ||
               (task_.config.minutes > 0.0 && task_.elapsed_s() >= 60.0 * task_.config.minutes);
    }

    /// The most probable network, then draws by the probabilities; the hardware by chance.
    void add_decided(std::vector<Genome>& initial) const {
        if (task_.probabilities.empty())
            return;
        const std::vector<Gene>& genes = task_.space.genes();
        const int count = static_cast<int>(std::lround(task_.config.gates.decided * task_.config.optimiser.population));
        const KeyedRandom random(task_.seed, RandomUse::subnet_search);
        constexpr std::uint64_t decided_at = 1u << 23;
        for (int draw = 0; draw < count; ++draw) {
            Genome genome;
            for (std::size_t g = 0; g < genes.size(); ++g) {
                double left = random.uniform(static_cast<std::uint64_t>(draw), decided_at + g);
                if (g >= task_.probabilities.size()) {
                    genome.push_back(static_cast<int>(left * genes[g].levels));
                    continue;
                }
                const std::vector<double>& p = task_.probabilities[g];
                std::size_t level = 0;
                if (draw == 0)
                    level = static_cast<std::size_t>(std::max_element(p.begin(), p.end()) - p.begin());
                else
                    while (level + 1 < p.size() && left >= p[level])
                        left -= p[level++];
                genome.push_back(static_cast<int>(level));
            }
            initial.push_back(std::move(genome));
        }
    }

    Candidate made_of(const Proposal& proposal) const {
        Candidate c;
        c.id = static_cast<int>(candidates_.size()) + 1;
        c.genome = proposal.genome;
        c.network = task_.space.network_text(proposal.genome);
        c.hardware = task_.space.hardware_text(proposal.genome);
        c.assignments = task_.space.assignments(proposal.genome);
        c.generation = generation_;
        c.parent = proposal.parent + 1;
        c.origin = proposal.origin;
        return c;
    }

    /// Of what is known: accuracies only once they were judged.
    void bound(Candidate& candidate) const {
        candidate.violation = candidate.refused.empty() ? 0.0 : does_not_fit;
        for (const Constraint& constraint : constraints_)
            if (candidate.refused.empty() &&
                (constraint.metric->source == MetricSource::hardware || candidate.judged()))
                candidate.violation += constraint.violation(candidate);
    }

    Judged told(const Candidate& candidate) const {
        Judged judged{candidate.genome, {}, candidate.violation};
        for (const SearchMetric* metric : metrics_) {
            const double value = candidate.refused.empty() ? metric->value(candidate) : 0.0;
            judged.objectives.push_back(std::isnan(value) ? 0.0 : minimised(*metric, value));
        }
        return judged;
    }

    std::vector<Judged> answer(const std::vector<Proposal>& proposals) {
        ++generation_;
        const std::size_t first = candidates_.size();
        for (const Proposal& proposal : proposals) {
            candidates_.push_back(made_of(proposal));
            evaluator_.estimate(candidates_.back());
            bound(candidates_.back());
        }
        predict(first);
        if (judges_)
            judge(first);
        std::vector<Judged> answers;
        std::transform(candidates_.begin() + static_cast<std::ptrdiff_t>(first), candidates_.end(),
                       std::back_inserter(answers), [&](const Candidate& c) { return told(c); });
        report(static_cast<double>(candidates_.size()));
        return answers;
    }

    void judge(std::size_t first) {
        Evaluator::Candidates asked;
        std::vector<std::size_t> which;
        for (std::size_t i = first; i < candidates_.size(); ++i)
            if (candidates_[i].violation == 0.0) {
                asked.push_back(&candidates_[i]);
                which.push_back(i);
            }
        const Watch inner = [&](const StepState& state) {
            report(static_cast<double>(first) + state.done * static_cast<double>(candidates_.size() - first));
        };
        const std::vector<AccuracyTable> tables = evaluator_.judge(asked, inner);
        for (std::size_t k = 0; k < which.size(); ++k) {
            candidates_[which[k]].accuracy = tables[k];
            bound(candidates_[which[k]]);
        }
    }

    /// Whether enough is known, and then the predictor is fitted to all of it.
    bool fit() {
        if (task_.predictor == nullptr || predicted_.empty())
            return false;
        std::vector<Genome> genomes;
        std::vector<std::vector<double>> values;
        for (const Candidate& c : candidates_)
            if (c.judged()) {
                genomes.push_back(c.genome);
                values.emplace_back();
                for (const SearchMetric* metric : predicted_)
                    values.back().push_back(metric->value(c));
            }
        if (static_cast<int>(genomes.size()) < task_.config.predictor_after)
            return false;
        if (genomes.size() != fitted_)
            task_.predictor->fit(genomes, values);
        fitted_ = genomes.size();
        return true;
    }

    /// Before they are judged, so that predictions can be held against what is found.
    void predict(std::size_t first) {
        if (!fit())
            return;
        std::vector<Genome> genomes;
        for (std::size_t i = first; i < candidates_.size(); ++i)
            genomes.push_back(candidates_[i].genome);
        const auto values = task_.predictor->predict(genomes);
        for (std::size_t i = first; i < candidates_.size(); ++i)
            candidates_[i].predicted = values[i - first];
    }

    /// Predicted accuracies beside estimated figures; empty where too little is known.
    std::vector<Judged> screen(const std::vector<Genome>& genomes) {
        if (!fit())
            return {};
        const auto values = task_.predictor->predict(genomes);
        std::vector<Judged> expected;
        for (std::size_t i = 0; i < genomes.size(); ++i) {
            Candidate c = made_of({genomes[i], -1, ""});
            evaluator_.estimate(c);
            bound(c);
            expected.push_back({genomes[i], {}, c.violation});
            std::size_t next = 0;
            for (const SearchMetric* metric : metrics_) {
                const bool known = metric->source == MetricSource::hardware;
                const double value = !known ? values[i][next++] : c.refused.empty() ? metric->value(c) : 0.0;
                expected.back().objectives.push_back(std::isnan(value) ? 0.0 : minimised(*metric, value));
            }
        }
        return expected;
    }

    void report(double done) const {
        if (!watch_)
            return;
        const double share = std::min(1.0, done / task_.config.candidates);
        std::string detail = fmt::format("{} of {} candidates", static_cast<int>(done), task_.config.candidates);
        std::optional<double> left;
        if (task_.config.minutes > 0.0)
            left = std::max(0.0, 60.0 * task_.config.minutes - task_.elapsed_s());
        if (!judges_) {
            watch_({share, left, detail});
            return;
        }
        const Candidate* best = nullptr;
        for (const Candidate& c : candidates_)
            if (c.judged() && c.violation == 0.0 && (best == nullptr || told(c).objectives < told(*best).objectives))
                best = &c;
        if (best != nullptr)
            for (const SearchMetric* metric : metrics_)
                detail += fmt::format(", {} {}", metric->heading,
                                      fmt::format(fmt::runtime(metric->format), metric->scale * metric->value(*best)));
        watch_({share, left, detail});
    }

    const SearchTask& task_;
    Evaluator& evaluator_;
    const Watch& watch_;
    std::vector<const SearchMetric*> metrics_, predicted_;
    std::vector<Constraint> constraints_;
    bool judges_ = false;
    int generation_ = 0;
    std::size_t fitted_ = 0;
    std::vector<Candidate> candidates_;
};

std::vector<double> values_of(const std::vector<const SearchMetric*>& metrics, const Candidate& candidate) {
    std::vector<double> values;
    for (const SearchMetric* metric : metrics)
        values.push_back(metric->value(candidate));
    return values;
}

/// Keeps the constraints and has a value for each objective.
bool is_comparable(const std::vector<const SearchMetric*>& metrics, const Candidate& candidate) {
    if (!candidate.refused.empty() || candidate.violation > 0.0)
        return false;
    const std::vector<double> values = values_of(metrics, candidate);
    return std::none_of(values.begin(), values.end(), [](double value) { return std::isnan(value); });
}

/// Indices of the front among those that `takes` names.
template <class Takes>
std::vector<int> front_among(const std::vector<const SearchMetric*>& metrics, const std::vector<Candidate>& candidates,
                             Takes takes) {
    std::vector<int> which;
    std::vector<std::vector<double>> values;
    std::vector<Direction> directions;
    for (const SearchMetric* metric : metrics)
        directions.push_back(metric->direction);
    for (std::size_t i = 0; i < candidates.size(); ++i)
        if (takes(candidates[i]) && is_comparable(metrics, candidates[i])) {
            which.push_back(static_cast<int>(i));
            values.push_back(values_of(metrics, candidates[i]));
        }
    std::vector<int> front = pareto_front(directions, values);
    for (int& member : front)
        member = which[static_cast<std::size_t>(member)];
    return front;
}

}  // namespace

std::vector<Candidate> search(const SearchTask& task, Evaluator& evaluator, const Watch& watch) {
    return Search(task, evaluator, watch).run();
}

void mark_front(const SearchConfig& config, std::vector<Candidate>& candidates, int count) {
    const std::vector<int> front = front_among(metrics_of(config), candidates, [](const Candidate&) { return true; });
    for (Candidate& c : candidates)
        c.on_front = c.chosen = false;
    for (const int i : front)
        candidates[static_cast<std::size_t>(i)].on_front = true;
    for (const int i : spread_choice(front, count))
        candidates[static_cast<std::size_t>(i)].chosen = true;
}

void confirm(const SearchTask& task, Evaluator& evaluator, std::vector<Candidate>& candidates, const Watch& watch) {
    Evaluator::Candidates asked;
    std::vector<Candidate*> chosen;
    for (Candidate& c : candidates)
        if (c.chosen) {
            asked.push_back(&c);
            chosen.push_back(&c);
        }
    const std::vector<const SearchMetric*> metrics = metrics_of(task.config);
    const bool judges = std::any_of(metrics.begin(), metrics.end(), [](const SearchMetric* metric) {
        return metric->source == MetricSource::accuracy;
    });
    if (judges && task.config.fine_tune_epochs > 0) {
        evaluator.fine_tune(asked, watch);
        for (Candidate* c : chosen)
            c->tuned = true;
        const std::vector<AccuracyTable> tables = evaluator.judge(asked, watch);
        for (std::size_t i = 0; i < chosen.size(); ++i)
            chosen[i]->accuracy = tables[i];
    }
    const std::vector<Confirmation> confirmed = evaluator.confirm(asked, watch);
    const std::vector<AccuracyTable> tests = judges ? evaluator.test(asked, watch) : std::vector<AccuracyTable>();
    for (std::size_t i = 0; i < chosen.size(); ++i) {
        chosen[i]->confirmed = confirmed[i];
        if (judges)
            chosen[i]->test = tests[i];
        chosen[i]->rank = 0;
    }
    // Front after front, as long as one is left.
    int rank = 0;
    for (std::vector<int> next;;) {
        next = front_among(metrics, candidates, [](const Candidate& c) { return c.chosen && c.rank == 0; });
        if (next.empty())
            break;
        for (const int i : next)
            candidates[static_cast<std::size_t>(i)].rank = ++rank;
    }
}

std::vector<double> hypervolume_of_first(const SearchConfig& config, const std::vector<Candidate>& candidates,
                                         const std::vector<Candidate>& reference) {
    const std::vector<const SearchMetric*> metrics = metrics_of(config);
    const auto point = [&](const Candidate& c) {
        std::vector<double> values;
        for (const SearchMetric* metric : metrics) {
            const double value = metric->value(c);
            values.push_back(metric->source == MetricSource::hardware ? std::log(value) : minimised(*metric, value));
        }
        return values;
    };
    std::vector<double> low(metrics.size(), std::numeric_limits<double>::infinity()), high(metrics.size(), -low[0]);
    for (const Candidate& c : reference)
        if (is_comparable(metrics, c)) {
            const std::vector<double> p = point(c);
            for (std::size_t m = 0; m < p.size(); ++m) {
                low[m] = std::min(low[m], p[m]);
                high[m] = std::max(high[m], p[m]);
            }
        }
    std::vector<std::vector<double>> front;
    std::vector<double> volumes;
    double volume = 0.0;
    for (const Candidate& c : candidates) {
        if (is_comparable(metrics, c)) {
            std::vector<double> p = point(c);
            for (std::size_t m = 0; m < p.size(); ++m)
                p[m] = high[m] > low[m] ? (p[m] - low[m]) / (high[m] - low[m]) : 0.0;
            const std::vector<Direction> small(p.size(), Direction::minimise);
            const bool old = std::any_of(front.begin(), front.end(), [&](const std::vector<double>& member) {
                return member == p || dominates(small, member, p);
            });
            if (!old) {
                front.erase(std::remove_if(front.begin(), front.end(),
                                           [&](const auto& member) { return dominates(small, p, member); }),
                            front.end());
                front.push_back(p);
                volume = hypervolume(front, std::vector<double>(p.size(), 1.0));
            }
        }
        volumes.push_back(volume);
    }
    return volumes;
}

}  // namespace xloop
