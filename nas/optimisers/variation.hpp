#pragma once

#include "nas/optimisers/genomes.hpp"

namespace xloop {

// Ordered genes are varied as real numbers that are rounded to a level, each level being as wide as the others, the first and the last
// too.

/// A child of `own` with a share of `other`: simulated binary crossover within bounds (Deb and Agrawal, Complex Systems 9 (1995); bounds
/// as in Deb et al. 2002) of ordered genes, exchange of categories, each gene with probability 1/2.
Genome crossed(const std::vector<Gene>& genes, const Genome& own, const Genome& other, double eta, Draws& draws);

/// The genome, each gene changed with probability `rate`: ordered ones by polynomial mutation within bounds (Deb and Goyal, Computer
/// Science and Informatics 26 (1996)), and by one level where rounding would leave nothing of it (ours); a category becomes any other.
Genome mutated(const std::vector<Gene>& genes, Genome genome, double rate, double eta, Draws& draws);

}  // namespace xloop
