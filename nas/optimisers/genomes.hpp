#pragma once

#include "core/random.hpp"
#include "nas/optimisers/optimiser.hpp"

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace xloop {

/// The random numbers of one address, one after the other. Each attempt at a genome has an address of its own, so that what one
/// draws changes no other.
class Draws {
public:
    Draws(const KeyedRandom& random, std::uint64_t address) : random_(random), address_(address) {}

    double uniform() { return random_.uniform(address_, next_++); }
    /// In [0, n).
    int below(int n) { return static_cast<int>(random_.below(static_cast<std::uint64_t>(n), address_, next_++)); }
    template <class T>
    void shuffle(std::vector<T>& list) {
        for (std::size_t left = list.size(); left > 1; --left)
            std::swap(list[left - 1], list[static_cast<std::size_t>(below(static_cast<int>(left)))]);
    }

private:
    const KeyedRandom& random_;
    std::uint64_t address_, next_ = 0;
};

struct GenomeHash {
    std::size_t operator()(const Genome& genome) const;
};

/// Throws Error where a genome is none of these genes.
void check_genome(const std::vector<Gene>& genes, const Genome& genome);

/// How many genomes there are, at most 2^62.
std::uint64_t genome_count(const std::vector<Gene>& genes);
/// The genome of a number below genome_count, the last gene running fastest.
Genome genome_at(const std::vector<Gene>& genes, std::uint64_t number);
/// Every level of each gene is as likely.
Genome random_genome(const std::vector<Gene>& genes, Draws& draws);
/// Genes with more than one level.
std::vector<std::size_t> open_genes(const std::vector<Gene>& genes);
/// All genomes that differ in one gene: of ordered ones by one level.
std::vector<Genome> neighbours(const std::vector<Gene>& genes, const Genome& genome);
/// Any other level, of a gene with more than one.
int other_level(const Gene& gene, int level, Draws& draws);

}  // namespace xloop
