#include "nas/optimisers/variation.hpp"

#include <algorithm>
#include <cmath>

namespace xloop {
namespace {

int nearest_level(const Gene& gene, double value) {
    return std::clamp(static_cast<int>(std::lround(value)), 0, gene.levels - 1);
}

/// How far a child of two parents lies from their middle, over half their distance: by the distribution of index `eta`, cut off where
/// the bound is, which is `room` parents' distances away from the nearer parent.
double spread(double room, double eta, double u) {
    const double power = eta + 1.0;
    const double alpha = 2.0 - std::pow(1.0 + 2.0 * room, -power);
    const double at = u * alpha;
    return std::pow(at <= 1.0 ? at : 1.0 / (2.0 - at), 1.0 / power);
}

int crossed_level(const Gene& gene, int own, int other, double eta, Draws& draws) {
    const double low = std::min(own, other), high = std::max(own, other);
    const double distance = high - low, middle = (low + high) / 2.0;
    const double u = draws.uniform();
    const bool lower_child = draws.uniform() < 0.5;
    const double room = (lower_child ? low + 0.5 : gene.levels - 0.5 - high) / distance;
    const double way = spread(room, eta, u) * distance / 2.0;
    return nearest_level(gene, lower_child ? middle - way : middle + way);
}

/// The change of a value over its whole range, which ends `below` and `above` it in the same unit: polynomial mutation.
double polynomial_change(double below, double above, double eta, double u) {
    const double power = eta + 1.0;
    const auto side = [&](double v, double room) {
        return 1.0 - std::pow(2.0 * v + (1.0 - 2.0 * v) * std::pow(1.0 - room, power), 1.0 / power);
    };
    return u < 0.5 ? -side(u, below) : side(1.0 - u, above);
}

int mutated_level(const Gene& gene, int level, double eta, Draws& draws) {
    const double below = (level + 0.5) / gene.levels;
    const double change = polynomial_change(below, 1.0 - below, eta, draws.uniform());
    const int moved = nearest_level(gene, level + change * gene.levels);
    if (moved != level)
        return moved;
    const int step = change < 0.0 ? -1 : 1;
    const int next = level + step;
    return next < 0 || next >= gene.levels ? level - step : next;
}

}  // namespace

Genome crossed(const std::vector<Gene>& genes, const Genome& own, const Genome& other, double eta, Draws& draws) {
    Genome child = own;
    for (std::size_t g = 0; g < genes.size(); ++g) {
        if (own[g] == other[g] || draws.uniform() < 0.5)
            continue;
        child[g] = genes[g].ordered ? crossed_level(genes[g], own[g], other[g], eta, draws) : other[g];
    }
    return child;
}

Genome mutated(const std::vector<Gene>& genes, Genome genome, double rate, double eta, Draws& draws) {
    for (std::size_t g : open_genes(genes))
        if (draws.uniform() < rate)
            genome[g] = genes[g].ordered ? mutated_level(genes[g], genome[g], eta, draws)
                                         : other_level(genes[g], genome[g], draws);
    return genome;
}

}  // namespace xloop
