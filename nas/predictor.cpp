#include "nas/predictor.hpp"

#include "core/error.hpp"
#include "core/random.hpp"
#include "dnn/one_thread.hpp"
#include "nas/optimisers/genomes.hpp"
#include "nas/rank_correlation.hpp"

#include <torch/torch.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <utility>

namespace xloop {
namespace {

/// Genes with more levels are read as a number alone.
constexpr int most_separate_levels = 32;

bool has_number(const Gene& gene) { return gene.levels > 1 && gene.ordered; }
int separate_levels(const Gene& gene) {
    return gene.levels > 1 && (!gene.ordered || gene.levels <= most_separate_levels) ? gene.levels : 0;
}

/// float [genomes, features].
torch::Tensor features(const std::vector<Gene>& genes, const std::vector<Genome>& genomes) {
    std::int64_t width = 1;
    for (const Gene& gene : genes)
        width += has_number(gene) + separate_levels(gene);
    torch::Tensor all = torch::zeros({static_cast<std::int64_t>(genomes.size()), width});
    float* row = all.data_ptr<float>();
    for (const Genome& genome : genomes) {
        check_genome(genes, genome);
        // One feature is always there, so that a space of one genome has one too.
        std::int64_t at = 0;
        row[at++] = 1.0f;
        for (std::size_t g = 0; g < genes.size(); ++g) {
            if (has_number(genes[g]))
                row[at++] = 2.0f * static_cast<float>(genome[g]) / static_cast<float>(genes[g].levels - 1) - 1.0f;
            if (separate_levels(genes[g]) > 0)
                row[at + genome[g]] = 1.0f;
            at += separate_levels(genes[g]);
        }
        row += width;
    }
    return all;
}

/// Where a metric lies and how far it spreads.
struct Scale {
    double mean = 0.0, deviation = 1.0;
};

std::vector<Scale> scales_of(const std::vector<std::vector<double>>& values) {
    const double count = static_cast<double>(values.size());
    std::vector<Scale> scales(values.front().size());
    for (std::size_t m = 0; m < scales.size(); ++m) {
        double largest = 0.0, sum = 0.0, squares = 0.0;
        for (const auto& row : values)
            largest = std::max(largest, std::abs(row[m]));
        for (const auto& row : values)
            sum += row[m] / count;
        for (const auto& row : values)
            squares += (row[m] - sum) * (row[m] - sum) / count;
        // What is left of equal values is rounding.
        const double deviation = std::sqrt(squares);
        scales[m] = {sum, deviation > 1e-12 * largest ? deviation : 1.0};
    }
    return scales;
}

/// float [genomes, metrics], each metric of mean 0 and deviation 1.
torch::Tensor standardised(const std::vector<std::vector<double>>& values, const std::vector<Scale>& scales) {
    torch::Tensor all =
        torch::empty({static_cast<std::int64_t>(values.size()), static_cast<std::int64_t>(scales.size())});
    float* at = all.data_ptr<float>();
    for (const auto& row : values)
        for (std::size_t m = 0; m < scales.size(); ++m)
            *at++ = static_cast<float>((row[m] - scales[m].mean) / scales[m].deviation);
    return all;
}

/// All members at once, so that a step is a few products: weights [members, inputs, outputs], biases [members, 1, outputs].
class Ensemble {
public:
    Ensemble(const PredictorConfig& config, std::int64_t inputs, std::int64_t outputs, torch::Generator& generator) {
        const std::int64_t members = config.members, width = config.width;
        const auto weight = [&](std::int64_t from, std::int64_t to, double gain) {
            return torch::empty({members, from, to})
                .normal_(0.0, std::sqrt(gain / static_cast<double>(from)), generator);
        };
        const auto bias = [&](std::int64_t to) { return torch::zeros({members, 1, to}); };
        parameters_ = {weight(inputs, width, 2.0),  bias(width),   weight(width, width, 2.0),   bias(width),
                       weight(width, outputs, 1.0), bias(outputs), weight(inputs, outputs, 1.0)};
    }

    std::vector<torch::Tensor>& parameters() { return parameters_; }
    /// x: [genomes, features], or [members, genomes, features] of each member's own; gives [members, genomes, metrics].
    torch::Tensor forward(const torch::Tensor& x) const {
        const auto& p = parameters_;
        const torch::Tensor own = x.dim() == 3 ? x : x.unsqueeze(0).expand({p[0].size(0), -1, -1});
        const torch::Tensor hidden = torch::relu(torch::relu(own.bmm(p[0]) + p[1]).bmm(p[2]) + p[3]);
        return hidden.bmm(p[4]) + p[5] + own.bmm(p[6]);
    }

private:
    std::vector<torch::Tensor> parameters_;
};

/// The same genomes of all, [genomes, ...], for each member's places, int64 [members, n]: [members, n, ...].
torch::Tensor at_places(const torch::Tensor& all, const torch::Tensor& places) {
    return all.index_select(0, places.flatten()).view({places.size(0), places.size(1), -1});
}

/// What each member is trained on and what it is judged by: places among the genomes, int64 [members, n].
struct Samples {
    torch::Tensor drawn;   ///< as many as there are genomes, with replacement
    torch::Tensor left;    ///< some of the others, filled up with drawn ones
    torch::Tensor weight;  ///< float [members, n, 1]: 0 where `left` is filled up
};

Samples draw_samples(std::int64_t members, std::int64_t genomes, torch::Generator& generator) {
    // So many tell well enough when a member is best.
    constexpr std::int64_t most_left = 256;
    // Each member does without one genome at least.
    const torch::Tensor without = torch::arange(members).remainder(genomes).unsqueeze(1);
    const torch::Tensor drawn =
        (without + 1 + torch::randint(genomes - 1, {members, genomes}, generator, torch::kInt64)).remainder(genomes);
    const torch::Tensor undrawn = torch::ones({members, genomes}).scatter_(1, drawn, 0.0);
    const torch::Tensor order = undrawn + 0.5 * torch::rand({members, genomes}, generator);
    const torch::Tensor left = order.argsort(1, true).narrow(1, 0, std::min(genomes, most_left));
    return {drawn, left, undrawn.gather(1, left).unsqueeze(2)};
}

/// Keeps of each member the parameters with which it was best.
class BestMembers {
public:
    explicit BestMembers(const std::vector<torch::Tensor>& parameters)
        : error_(torch::full({parameters[0].size(0)}, std::numeric_limits<float>::infinity())),
          age_(torch::zeros({parameters[0].size(0)})) {
        for (const torch::Tensor& p : parameters)
            kept_.push_back(p.detach().clone());
    }

    void look(const torch::Tensor& error, const std::vector<torch::Tensor>& parameters) {
        const torch::Tensor better = error < error_;
        error_ = torch::where(better, error, error_);
        age_ = torch::where(better, torch::zeros_like(age_), age_ + 1.0);
        for (std::size_t n = 0; n < kept_.size(); ++n)
            kept_[n] = torch::where(better.view({-1, 1, 1}), parameters[n].detach(), kept_[n]);
    }
    /// Looks since the last improvement, of the member that improved last.
    int age() const { return static_cast<int>(age_.min().item<float>()); }
    const std::vector<torch::Tensor>& kept() const { return kept_; }

private:
    torch::Tensor error_, age_;
    std::vector<torch::Tensor> kept_;
};

void train(Ensemble& ensemble, const PredictorConfig& config, const torch::Tensor& x, const torch::Tensor& y,
           torch::Generator& generator) {
    const std::int64_t members = config.members, genomes = x.size(0);
    const std::int64_t batch = std::min<std::int64_t>(config.batch, genomes);
    const Samples samples = draw_samples(members, genomes, generator);
    const torch::Tensor x_left = at_places(x, samples.left), y_left = at_places(y, samples.left);
    for (torch::Tensor& p : ensemble.parameters())
        p.requires_grad_(true);
    torch::optim::Adam adam(ensemble.parameters(),
                            torch::optim::AdamOptions(config.learning_rate).weight_decay(config.weight_decay));
    BestMembers best(ensemble.parameters());
    for (int step = 0; step < config.steps && best.age() < config.patience; ++step) {
        if (step % config.check_steps == 0) {
            const torch::NoGradGuard no_grad;
            const torch::Tensor squares = (ensemble.forward(x_left) - y_left).square() * samples.weight;
            best.look(squares.sum({1, 2}) / samples.weight.sum({1, 2}), ensemble.parameters());
        }
        const torch::Tensor places = torch::randint(genomes, {members, batch}, generator, torch::kInt64);
        const torch::Tensor chosen = samples.drawn.gather(1, places);
        adam.zero_grad();
        // The members' errors are added, so that none feels the others.
        (ensemble.forward(at_places(x, chosen)) - at_places(y, chosen)).square().mean({1, 2}).sum().backward();
        adam.step();
    }
    for (std::size_t n = 0; n < best.kept().size(); ++n)
        ensemble.parameters()[n] = best.kept()[n];
}

void check(const std::vector<Genome>& genomes, const std::vector<std::vector<double>>& values) {
    if (genomes.size() < GenomePredictor::least_genomes || values.size() != genomes.size())
        throw Error("a predictor needs " + std::to_string(GenomePredictor::least_genomes) +
                    " genomes and more, with the values of each");
    for (const auto& row : values)
        if (row.empty() || row.size() != values.front().size() ||
            !std::all_of(row.begin(), row.end(), [](double v) { return std::isfinite(v); }))
            throw Error("a predictor needs the same metrics of each genome, all of them finite");
}

}  // namespace

struct GenomePredictor::State {
    std::vector<Gene> genes;
    std::uint64_t seed;
    PredictorConfig config;
    std::vector<Scale> scales = {};
    std::unique_ptr<Ensemble> ensemble = {};
};

GenomePredictor::GenomePredictor(std::vector<Gene> genes, std::uint64_t seed, const PredictorConfig& config)
    : state_(std::make_unique<State>(State{std::move(genes), seed, config})) {
    use_one_thread();
}
GenomePredictor::GenomePredictor(GenomePredictor&&) noexcept = default;
GenomePredictor& GenomePredictor::operator=(GenomePredictor&&) noexcept = default;
GenomePredictor::~GenomePredictor() = default;

void GenomePredictor::fit(const std::vector<Genome>& genomes, const std::vector<std::vector<double>>& values) {
    check(genomes, values);
    State& s = *state_;
    auto generator = torch::make_generator<at::CPUGeneratorImpl>(KeyedRandom(s.seed, RandomUse::predictor).bits(0, 1));
    const torch::Tensor x = features(s.genes, genomes);
    s.scales = scales_of(values);
    s.ensemble = std::make_unique<Ensemble>(s.config, x.size(1), static_cast<std::int64_t>(s.scales.size()), generator);
    train(*s.ensemble, s.config, x, standardised(values, s.scales), generator);
}

std::vector<Prediction> GenomePredictor::predict(const std::vector<Genome>& genomes) const {
    const State& s = *state_;
    if (!s.ensemble)
        throw Error("a predictor that was not fitted to anything");
    const torch::NoGradGuard no_grad;
    const torch::Tensor all = s.ensemble->forward(features(s.genes, genomes)).to(torch::kFloat64);
    const torch::Tensor mean = all.mean(0).contiguous(), deviation = all.std(0, false).contiguous();
    std::vector<Prediction> predictions(genomes.size());
    for (std::size_t i = 0; i < genomes.size(); ++i)
        for (std::size_t m = 0; m < s.scales.size(); ++m) {
            const std::size_t at = i * s.scales.size() + m;
            predictions[i].mean.push_back(s.scales[m].mean + s.scales[m].deviation * mean.data_ptr<double>()[at]);
            predictions[i].deviation.push_back(s.scales[m].deviation * deviation.data_ptr<double>()[at]);
        }
    return predictions;
}

std::vector<double> predictor_tau(const std::vector<Gene>& genes, std::uint64_t seed, const PredictorConfig& config,
                                  const std::vector<Genome>& genomes, const std::vector<std::vector<double>>& values,
                                  int folds) {
    check(genomes, values);
    const std::vector<int> fold = random_folds(static_cast<int>(genomes.size()), folds, seed);
    const std::size_t metrics = values.front().size();
    std::vector<std::vector<double>> predicted(metrics, std::vector<double>(genomes.size())), actual = predicted;
    GenomePredictor predictor(genes, seed, config);
    for (int left_out = 0; left_out < folds; ++left_out) {
        std::vector<Genome> known, asked;
        std::vector<std::vector<double>> known_values;
        std::vector<std::size_t> places;
        for (std::size_t i = 0; i < genomes.size(); ++i)
            if (fold[i] == left_out) {
                asked.push_back(genomes[i]);
                places.push_back(i);
            } else {
                known.push_back(genomes[i]);
                known_values.push_back(values[i]);
            }
        predictor.fit(known, known_values);
        const std::vector<Prediction> predictions = predictor.predict(asked);
        for (std::size_t k = 0; k < places.size(); ++k)
            for (std::size_t m = 0; m < metrics; ++m) {
                predicted[m][places[k]] = predictions[k].mean[m];
                actual[m][places[k]] = values[places[k]][m];
            }
    }
    std::vector<double> taus;
    for (std::size_t m = 0; m < metrics; ++m)
        taus.push_back(left_out_tau(predicted[m], actual[m], fold));
    return taus;
}

}  // namespace xloop
