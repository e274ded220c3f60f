#pragma once

#include "nas/optimisers/optimiser.hpp"

#include <cstdint>
#include <memory>
#include <vector>

namespace xloop {

/// Defaults: the best of some that were tried on sums of genes' effects, with noise, with and without effects of pairs, from 30 to 2000
/// genomes of 20 genes. What counts most is the weight decay.
struct PredictorConfig {
    int members = 10;      ///< networks of the ensemble
    int width = 32;        ///< of their two hidden layers
    int steps = 1000;      ///< of Adam, at most
    int batch = 64;        ///< genomes a step
    int check_steps = 25;  ///< steps between two looks at what a member was not trained on
    int patience = 8;      ///< looks without improvement of any member after which training ends
    double learning_rate = 5e-3;
    double weight_decay = 1e-2;
};

/// What an ensemble expects of a genome, for each metric.
struct Prediction {
    std::vector<double> mean, deviation;  ///< over the members
};

/// Predicts metrics of genomes from those of others: an ensemble of small perceptrons, as in BANANAS (White et al., arXiv 1910.11858),
/// that read each gene's level as one of a set and, of ordered genes, as a number too. A linear path beside the hidden layers is ours:
/// most effects of genes add up. Members differ in initial weights and in the samples that they are trained on, drawn with replacement;
/// those that were not drawn decide when a member is best. Hides LibTorch from its users, and keeps it on one thread (dnn/one_thread.hpp).
class GenomePredictor {
public:
    static constexpr int least_genomes = 8;

    explicit GenomePredictor(std::vector<Gene> genes, std::uint64_t seed, const PredictorConfig& config = {});
    GenomePredictor(GenomePredictor&&) noexcept;
    GenomePredictor& operator=(GenomePredictor&&) noexcept;
    ~GenomePredictor();

    /// Anew: nothing is left of what was learnt before. values[i][m]: metric m of genomes[i], in any unit. Throws Error where there
    /// are fewer than `least_genomes`, where one does not fit the genes, or where values are not finite.
    void fit(const std::vector<Genome>& genomes, const std::vector<std::vector<double>>& values);
    /// Throws Error before fit(), or where a genome does not fit the genes.
    std::vector<Prediction> predict(const std::vector<Genome>& genomes) const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

/// How well a predictor of these genomes ranks others: for each metric, Kendall's tau between its values and what is predicted for each of
/// `folds` folds by a predictor of the others (left_out_tau). Throws Error as fit() does.
std::vector<double> predictor_tau(const std::vector<Gene>& genes, std::uint64_t seed, const PredictorConfig& config,
                                  const std::vector<Genome>& genomes, const std::vector<std::vector<double>>& values,
                                  int folds);

}  // namespace xloop
