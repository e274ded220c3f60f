#include "nas/optimisers/generations.hpp"
#include "nas/optimisers/search_methods.hpp"

namespace xloop {
namespace {

class ExhaustiveSearch final : public Generations {
public:
    ExhaustiveSearch(const OptimiserConfig& config, OptimiserTask task)
        : Generations(config, std::move(task)), count_(genome_count(genes())) {}

private:
    std::optional<Proposal> child(Draws&, int) override {
        while (next_ < count_) {
            Genome genome = canonical(genome_at(genes(), next_++));
            if (!taken(genome))
                return Proposal{std::move(genome), -1, "in order"};
        }
        return std::nullopt;
    }
    void learn(const std::vector<int>&) override {}

    std::uint64_t count_, next_ = 0;
};

}  // namespace

std::unique_ptr<GenomeOptimiser> make_exhaustive_search(const OptimiserConfig& config, OptimiserTask task) {
    // All are asked for in the end, so that there is nothing to choose.
    task.screen = {};
    return std::make_unique<ExhaustiveSearch>(config, std::move(task));
}

}  // namespace xloop
