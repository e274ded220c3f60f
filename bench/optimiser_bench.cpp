// What the optimisers themselves cost, and what they find: 100,000 candidates in generations of 100, of ZDT1, two objectives, 30 genes of
// 1000 levels, and of a space of networks, 20 genes of 4 levels.
// Usage: optimiser_bench [CANDIDATES]

#include "nas/hypervolume.hpp"
#include "tests/nas/optimisers/problems.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <ctime>

namespace xloop {
namespace {

Judged accuracy_and_cost(const Genome& genome) {
    double accuracy = 0.0, cost = 0.0;
    for (std::size_t g = 0; g < genome.size(); ++g) {
        accuracy -= std::sqrt(static_cast<double>(genome[g] * (g % 3 + 1)));
        cost += static_cast<double>(genome[g]) * static_cast<double>(g % 5 + 1);
    }
    return {genome, {accuracy, cost}, 0.0};
}

void bench(const std::string& name, const std::vector<Gene>& genes, const Evaluate& evaluate, const Values& reference,
           int candidates) {
    for (const SearchMethod method : {SearchMethod::random, SearchMethod::nsga2, SearchMethod::regularised_evolution,
                                      SearchMethod::local_search, SearchMethod::exhaustive}) {
        OptimiserConfig config;
        config.method = method;
        config.generation = 100;
        const auto optimiser = make_optimiser(config, {genes, 1});
        const std::clock_t begin = std::clock();
        const std::vector<Judged> all = run(*optimiser, evaluate, candidates);
        const double seconds = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
        std::vector<Values> found;
        for (const Judged& one : all)
            found.push_back(one.objectives);
        fmt::print("{:<10} {:<22} {:7.2f} us a candidate, {} candidates, hypervolume {:.5g}\n", name, name_of(method),
                   1e6 * seconds / static_cast<double>(all.size()), all.size(), hypervolume(found, reference));
    }
}

}  // namespace
}  // namespace xloop

int main(int argc, char** argv) {
    const int candidates = argc > 1 ? std::atoi(argv[1]) : 100000;
    const xloop::RealProblem zdt1 = xloop::zdt1();
    xloop::bench(
        "ZDT1", xloop::ordered_genes(30, 1000), [&](const xloop::Genome& genome) { return zdt1(genome, 1000); },
        zdt1.reference, candidates);
    xloop::bench("networks", xloop::ordered_genes(20, 4), xloop::accuracy_and_cost, {0.0, 200.0}, candidates);
    return 0;
}
