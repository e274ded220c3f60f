#include "nas/optimisers/generations.hpp"
#include "nas/optimisers/search_methods.hpp"

namespace xloop {
namespace {

class RandomSearch final : public Generations {
    using Generations::Generations;
    std::optional<Proposal> child(Draws& draws, int) override { return by_chance(draws); }
    void learn(const std::vector<int>&) override {}
};

}  // namespace

std::unique_ptr<GenomeOptimiser> make_random_search(const OptimiserConfig& config, OptimiserTask task) {
    return std::make_unique<RandomSearch>(config, std::move(task));
}

}  // namespace xloop
