#include "nas/optimisers/genomes.hpp"

#include "core/digest.hpp"
#include "core/error.hpp"

#include <fmt/format.h>

namespace xloop {

std::size_t GenomeHash::operator()(const Genome& genome) const {
    return static_cast<std::size_t>(Digest().add(genome.data(), genome.size() * sizeof(int)).value());
}

void check_genome(const std::vector<Gene>& genes, const Genome& genome) {
    if (genome.size() != genes.size())
        throw Error(fmt::format("a genome of {} genes, in a space of {}", genome.size(), genes.size()));
    for (std::size_t g = 0; g < genes.size(); ++g)
        if (genome[g] < 0 || genome[g] >= genes[g].levels)
            throw Error(fmt::format("level {} of gene `{}`, which has {}", genome[g], genes[g].name, genes[g].levels));
}

std::uint64_t genome_count(const std::vector<Gene>& genes) {
    constexpr std::uint64_t most = std::uint64_t{1} << 62;
    std::uint64_t count = 1;
    for (const Gene& gene : genes) {
        const auto levels = static_cast<std::uint64_t>(gene.levels);
        if (count > most / levels)
            return most;
        count *= levels;
    }
    return count;
}

Genome genome_at(const std::vector<Gene>& genes, std::uint64_t number) {
    Genome genome(genes.size());
    for (std::size_t g = genes.size(); g-- > 0;) {
        const auto levels = static_cast<std::uint64_t>(genes[g].levels);
        genome[g] = static_cast<int>(number % levels);
        number /= levels;
    }
    return genome;
}

Genome random_genome(const std::vector<Gene>& genes, Draws& draws) {
    Genome genome;
    genome.reserve(genes.size());
    for (const Gene& gene : genes)
        genome.push_back(draws.below(gene.levels));
    return genome;
}

std::vector<std::size_t> open_genes(const std::vector<Gene>& genes) {
    std::vector<std::size_t> open;
    for (std::size_t g = 0; g < genes.size(); ++g)
        if (genes[g].levels > 1)
            open.push_back(g);
    return open;
}

std::vector<Genome> neighbours(const std::vector<Gene>& genes, const Genome& genome) {
    std::vector<Genome> all;
    for (std::size_t g = 0; g < genes.size(); ++g)
        for (int level = 0; level < genes[g].levels; ++level) {
            const int step = level - genome[g];
            if (step == 0 || (genes[g].ordered && step != 1 && step != -1))
                continue;
            all.push_back(genome);
            all.back()[g] = level;
        }
    return all;
}

int other_level(const Gene& gene, int level, Draws& draws) {
    const int drawn = draws.below(gene.levels - 1);
    return drawn < level ? drawn : drawn + 1;
}

}  // namespace xloop
