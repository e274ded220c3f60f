#pragma once

#include "nas/optimisers/optimiser_config.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace xloop {

/// One choice of a space.
struct Gene {
    std::string name;
    int levels = 1;
    bool ordered = false;  ///< neighbouring levels are alike, as widths are; else they are categories
};

/// The level of each gene, from 0.
using Genome = std::vector<int>;

/// The genome that stands for all that mean the same. Of its own result it must give the same result.
using Canonical = std::function<Genome(const Genome&)>;

/// What is known of a genome.
struct Judged {
    Genome genome;
    std::vector<double> objectives;  ///< to be minimised; of a genome that breaks constraints not looked at
    double violation = 0.0;          ///< of constraints, 0: none is broken; infinite where nothing else is known
};

/// What is expected of these genomes, in their order; nothing while too little is known.
using Screen = std::function<std::vector<Judged>(const std::vector<Genome>&)>;

/// A genome to be evaluated.
struct Proposal {
    Genome genome;
    int parent = -1;          ///< its place among all that was told, from 0; -1: none
    const char* origin = "";  ///< "initial", "random", "crossover", "mutation", "neighbour", "in order"
};

/// Names genomes to evaluate, a generation at a time. What it asks for depends on its task and on what it was told, in order, and on
/// nothing else: asked and told the same again, it is in the same state.
class GenomeOptimiser {
public:
    virtual ~GenomeOptimiser() = default;
    /// The next generation: canonical genomes that it was neither told of nor has asked for before. Empty: there are none left,
    /// or a million genomes and more were gone through without finding one.
    virtual std::vector<Proposal> ask() = 0;
    /// Genomes with what was found, asked for or not. One that is told again counts for Proposal::parent alone. Throws Error where
    /// one does not fit the space, or where objectives are not as many as before or not finite.
    virtual void tell(const std::vector<Judged>& judged) = 0;
};

/// What an optimiser is to search.
struct OptimiserTask {
    std::vector<Gene> genes;
    std::uint64_t seed = 0;
    Canonical canonical = {};          ///< none: each genome means something else
    std::vector<Genome> initial = {};  ///< asked for first
    Screen screen = {};                ///< none: all that is made is asked for
};

/// An optimiser by the method of `config`. Throws Error where genes or initial genomes are wrong.
std::unique_ptr<GenomeOptimiser> make_optimiser(const OptimiserConfig& config, OptimiserTask task);

}  // namespace xloop
