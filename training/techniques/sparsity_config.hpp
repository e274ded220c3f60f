#pragma once

#include "core/config/origins.hpp"
#include "core/names.hpp"

#include <array>

namespace xloop {

/// What becomes zero in training.
///   magnitude  single weights, the smallest of a layer (Zhu and Gupta, arXiv 1710.01878)
///   dub        as magnitude, with columns of an array drawn to equal numbers of weights and then cut to powers of two (D.U.B.: Ibrayev
///              et al., arXiv 2403.13082)
///   patterns   five of nine weights of each 3 x 3 kernel, and whole kernels (PatDNN: Niu et al., arXiv 2001.00138)
///   filters    whole filters, and the weights that read them (Roy et al., arXiv 2003.02800)
enum class SparsityMethod { none, magnitude, dub, patterns, filters };
constexpr auto names_of(SparsityMethod) { return std::array{"none", "magnitude", "dub", "patterns", "filters"}; }

/// By which filters are chosen: those with the least L1 norm, the least mean magnitude of their outputs, or any.
enum class FilterCriterion { l1, mean_activation, random };
constexpr auto names_of(FilterCriterion) { return std::array{"l1", "mean_activation", "random"}; }

/// Columns of an array as training sees them: the weights of an output in the rows of one read.
struct DubConfig {
    double penalty = 0.1;  ///< weight of the columns' variance in the loss
    double threshold_begin = 1.0,
           threshold_end = 0.1;  ///< of what counts as a weight, over the layer's root mean square
    int level = 0;               ///< each column is cut to rows / 2^level weights; 0: to the next level, by snap_margin
    double snap_margin = 0.1;    ///< columns that are so many of their rows above the next level are cut to it
};

struct SparsityConfig {
    SparsityMethod method = SparsityMethod::none;
    double share =
        0.5;  ///< at the end: of the weights, with patterns of the 3 x 3 kernels, with filters of the filters of a layer
    double begin_epochs = 1.0, end_epochs = 4.0;
    int every_steps = 100;
    DubConfig dub;
    int patterns = 8;
    FilterCriterion criterion = FilterCriterion::l1;
};

/// Share that is zero after `epochs` epochs: from 0 at begin_epochs to `share` at end_epochs, share (1 - (1 - p)^3) at the part p of
/// the way (Zhu and Gupta, equation 1).
double pruned_share(const SparsityConfig& config, double epochs);

/// Declares every key of training.sparsity in `s`.
void describe(config::Section& s, SparsityConfig& c);

}  // namespace xloop
