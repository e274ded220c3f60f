#pragma once

#include "nas/optimisers/genomes.hpp"

#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace xloop {

/// What all methods share: what was seen and told, generations without repetition, and the screen. A method says what a child is made
/// of.
class Generations : public GenomeOptimiser {
public:
    /// `task`: as make_optimiser has checked it.
    Generations(const OptimiserConfig& config, OptimiserTask task);

    std::vector<Proposal> ask() final;
    void tell(const std::vector<Judged>& judged) final;

protected:
    /// A genome to evaluate; canonical or not, known or not. After one that is known the same is asked for again, `attempt` times so far,
    /// then a genome by chance is taken. None: the generation ends here.
    virtual std::optional<Proposal> child(Draws& draws, int attempt) = 0;
    /// Before the first child of a generation.
    virtual void begin_generation(Draws&) {}
    /// What was told anew, as places in told().
    virtual void learn(const std::vector<int>& places) = 0;

    const OptimiserConfig& config() const { return config_; }
    const std::vector<Gene>& genes() const { return task_.genes; }
    const std::vector<Judged>& told() const { return told_; }
    const Judged& told(int place) const { return told_[static_cast<std::size_t>(place)]; }
    Genome canonical(const Genome& genome) const { return task_.canonical ? task_.canonical(genome) : genome; }
    /// Asked for or told of.
    bool seen(const Genome& canonical) const { return seen_.count(canonical) > 0; }
    /// Seen, or made for the generation in the making.
    bool taken(const Genome& canonical) const { return seen(canonical) || made_.count(canonical) > 0; }
    Proposal by_chance(Draws& draws) const { return {random_genome(genes(), draws), -1, "random"}; }

private:
    Draws next_draws() { return {random_, address_++}; }
    std::vector<Proposal> initial(int count);
    std::optional<Proposal> fresh_child();
    std::optional<Proposal> untaken();
    std::optional<Proposal> walk();
    void screen(std::vector<Proposal>& made, int count) const;

    OptimiserConfig config_;
    OptimiserTask task_;
    KeyedRandom random_;
    std::uint64_t address_ = 0;
    std::vector<Judged> told_;
    std::size_t objectives_ = 0;                         ///< 0: not known yet
    std::unordered_map<Genome, bool, GenomeHash> seen_;  ///< true: told of
    std::unordered_set<Genome, GenomeHash> made_;
    std::size_t next_initial_ = 0;
    // The walk through all genomes for the last ones: a fixed stride that has no factor in common with their number.
    std::uint64_t count_, first_, stride_, walked_ = 0, place_ = 0;
};

}  // namespace xloop
