#include "core/error.hpp"
#include "nas/optimisers/search_methods.hpp"
#include "tests/nas/optimisers/problems.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <map>
#include <numeric>
#include <set>

namespace xloop {
namespace {

constexpr double infinite = std::numeric_limits<double>::infinity();

Judged sums(const Genome& genome) {
    double sum = 0.0, weighted = 0.0;
    for (std::size_t g = 0; g < genome.size(); ++g) {
        sum += genome[g];
        weighted -= static_cast<double>(g + 1) * genome[g] * genome[g];
    }
    return {genome, {sum, weighted}, 0.0};
}

/// Where the last gene is 0, the first one says nothing: 24 genomes of 48 mean something of their own where it is 1, 6 where it is 0.
const std::vector<Gene> mixed{
    {"width", 4, true}, {"kind", 3, false}, {"fixed", 1, true}, {"bits", 2, true}, {"there", 2, false}};
constexpr std::size_t mixed_meanings = 24 + 6;
Genome mixed_canonical(Genome genome) {
    if (genome.back() == 0)
        genome.front() = 0;
    return genome;
}

OptimiserConfig config_of(SearchMethod method, int population) {
    OptimiserConfig config;
    config.method = method;
    config.population = config.generation = population;
    return config;
}

class EachMethod : public testing::TestWithParam<SearchMethod> {
protected:
    std::unique_ptr<GenomeOptimiser> make(int population, OptimiserTask task) const {
        return make_optimiser(config_of(GetParam(), population), std::move(task));
    }
};

INSTANTIATE_TEST_SUITE_P(Methods, EachMethod,
                         testing::Values(SearchMethod::random, SearchMethod::nsga2, SearchMethod::regularised_evolution,
                                         SearchMethod::local_search, SearchMethod::exhaustive),
                         [](const auto& of) { return name_of(of.param); });

TEST_P(EachMethod, GivenASmallSpace_ThenEachMeaningIsAskedForOnceAndThenNothing) {
    for (const int population : {1, 7, 100}) {
        const auto optimiser = make(population, {mixed, 3, mixed_canonical});
        std::set<Genome> asked;
        std::size_t count = 0;
        for (auto generation = optimiser->ask(); !generation.empty(); generation = optimiser->ask()) {
            std::vector<Judged> judged;
            EXPECT_LE(generation.size(), static_cast<std::size_t>(population));
            for (const Proposal& proposal : generation) {
                EXPECT_EQ(proposal.genome, mixed_canonical(proposal.genome));
                asked.insert(proposal.genome);
                judged.push_back(sums(proposal.genome));
            }
            count += generation.size();
            optimiser->tell(judged);
        }
        EXPECT_EQ(count, mixed_meanings);
        EXPECT_EQ(asked.size(), mixed_meanings);
        EXPECT_TRUE(optimiser->ask().empty());
    }
}

TEST_P(EachMethod, GivenTinySpaces_ThenTheyEnd) {
    for (const int levels : {1, 3}) {
        const auto optimiser = make(100, {{{"only", levels, true}, {"fixed", 1, false}}, 1});
        EXPECT_EQ(run(*optimiser, sums, 1000).size(), static_cast<std::size_t>(levels));
    }
}

TEST_P(EachMethod, GivenTheSameSeedAndAnswers_ThenProposalsAreTheSame) {
    const auto asked = [&](std::uint64_t seed) {
        const auto optimiser = make(12, {ordered_genes(9, 5), seed});
        std::vector<std::tuple<Genome, int, std::string>> all;
        for (int generation = 0; generation < 8; ++generation) {
            std::vector<Judged> judged;
            for (const Proposal& proposal : optimiser->ask()) {
                all.emplace_back(proposal.genome, proposal.parent, proposal.origin);
                judged.push_back(sums(proposal.genome));
            }
            optimiser->tell(judged);
        }
        return all;
    };
    EXPECT_EQ(asked(5), asked(5));
    EXPECT_EQ(asked(5) == asked(6), GetParam() == SearchMethod::exhaustive);
}

TEST_P(EachMethod, GivenInitialGenomes_ThenTheyComeFirstAndOnce) {
    const Genome largest{3, 2, 0, 1, 1}, absent{2, 1, 0, 0, 0};
    const auto optimiser = make(4, {mixed, 3, mixed_canonical, {largest, absent, largest, {3, 1, 0, 0, 0}}});
    const auto first = optimiser->ask();
    ASSERT_EQ(first.size(), 4u);
    EXPECT_EQ(first[0].genome, largest);
    EXPECT_EQ(first[1].genome, mixed_canonical(absent));
    EXPECT_STREQ(first[1].origin, "initial");
    EXPECT_STRNE(first[2].origin, "initial");
}

TEST_P(EachMethod, GivenMoreInitialGenomesThanAGenerationHolds_ThenTheNextBeginsWithTheOthers) {
    std::vector<Genome> initial;
    for (int level = 0; level < 7; ++level)
        initial.push_back({level, 6 - level});
    const auto optimiser = make(4, {ordered_genes(2, 7), 3, {}, initial});
    const auto all = run(*optimiser, sums, 8);
    for (std::size_t i = 0; i < initial.size(); ++i)
        EXPECT_EQ(all[i].genome, initial[i]);
}

TEST_P(EachMethod, GivenGenomesThatItDidNotAskFor_ThenItTakesThemAsKnown) {
    const auto optimiser = make(5, {mixed, 3, mixed_canonical});
    const Genome known{1, 2, 0, 1, 1};
    optimiser->tell({sums(known), sums(known), sums({3, 0, 0, 0, 0})});
    const auto all = run(*optimiser, sums, 1000);
    EXPECT_EQ(all.size(), mixed_meanings - 2);
    for (const Judged& one : all)
        EXPECT_NE(one.genome, known);
}

TEST_P(EachMethod, GivenParents_ThenChildrenComeFromWhatWasTold) {
    const auto optimiser = make(10, {ordered_genes(12, 9), 3});
    std::vector<Genome> told;
    int with_parent = 0;
    for (int generation = 0; generation < 10; ++generation) {
        std::vector<Judged> judged;
        for (const Proposal& proposal : optimiser->ask()) {
            ASSERT_LT(proposal.parent, static_cast<int>(told.size()));
            with_parent += proposal.parent >= 0;
            if (std::string(proposal.origin) == "neighbour") {
                int distance = 0;
                for (std::size_t g = 0; g < proposal.genome.size(); ++g)
                    distance += std::abs(proposal.genome[g] - told.at(proposal.parent)[g]);
                EXPECT_EQ(distance, 1);
            }
            judged.push_back(sums(proposal.genome));
        }
        for (const Judged& one : judged)
            told.push_back(one.genome);
        optimiser->tell(judged);
    }
    const bool breeds = GetParam() != SearchMethod::random && GetParam() != SearchMethod::exhaustive;
    EXPECT_EQ(with_parent > 0, breeds);
}

/// The more levels the better, up to a bound on their sum.
Judged bounded(const Genome& genome) {
    const double sum = std::accumulate(genome.begin(), genome.end(), 0.0);
    return {genome, {-sum, static_cast<double>(genome.front())}, std::max(0.0, sum - 30.0)};
}

TEST_P(EachMethod, GivenAConstraint_ThenGuidedMethodsReachItsBoundWithoutBreakingIt) {
    if (GetParam() == SearchMethod::random || GetParam() == SearchMethod::exhaustive)
        return;
    const auto all = run(*make(40, {ordered_genes(10, 9), 2}), bounded, 2400);
    const auto front = front_of(all);
    EXPECT_EQ(front.front(), (Values{-30.0, 0.0})) << "the bound, with nothing in the first gene";
    const auto feasible = [](const Judged& one) { return one.violation == 0.0; };
    EXPECT_LT(std::count_if(all.begin(), all.begin() + 40, feasible), 20) << "most by chance break it";
    EXPECT_GT(std::count_if(all.end() - 400, all.end(), feasible), 100) << "later ones less";
}

TEST_P(EachMethod, GivenNothingThatKeepsTheConstraints_ThenItGoesOn) {
    const auto broken = [](const Genome& genome) { return Judged{genome, {}, infinite}; };
    EXPECT_EQ(run(*make(5, {mixed, 3, mixed_canonical}), broken, 1000).size(), mixed_meanings);
}

TEST_P(EachMethod, GivenAScreen_ThenTheBestOfManyAreAskedFor) {
    OptimiserConfig config = config_of(GetParam(), 10);
    config.screen_factor = 6;
    std::vector<Genome> offered;
    bool ready = false;
    const Screen screen = [&](const std::vector<Genome>& genomes) {
        std::vector<Judged> expected;
        offered = genomes;
        for (const Genome& genome : genomes)
            expected.push_back(sums(genome));
        return ready ? expected : std::vector<Judged>{};
    };
    const auto optimiser = make_optimiser(config, {ordered_genes(20, 9), 2, {}, {}, screen});
    run(*optimiser, sums, 40);
    ready = true;
    offered.clear();
    const auto asked = optimiser->ask();
    ASSERT_EQ(asked.size(), 10u);
    if (GetParam() == SearchMethod::exhaustive) {
        EXPECT_TRUE(offered.empty());
        return;
    }
    EXPECT_EQ(std::set<Genome>(offered.begin(), offered.end()).size(), 60u);
    const std::vector<Direction> two(2, Direction::minimise);
    std::vector<Values> values;
    for (const Genome& genome : offered)
        values.push_back(sums(genome).objectives);
    const std::vector<int> ranks = non_dominated_ranks(two, values);
    int worst = 0;
    std::set<Genome> chosen;
    for (const Proposal& proposal : asked) {
        const auto at = std::find(offered.begin(), offered.end(), proposal.genome);
        ASSERT_NE(at, offered.end());
        worst = std::max(worst, ranks[static_cast<std::size_t>(at - offered.begin())]);
        chosen.insert(proposal.genome);
    }
    EXPECT_EQ(chosen.size(), 10u);
    for (std::size_t i = 0; i < offered.size(); ++i)
        EXPECT_TRUE(ranks[i] >= worst || chosen.count(offered[i]) > 0) << "a better one was left out";
}

TEST_P(EachMethod, GivenAScreenAndASmallSpace_ThenWhatIsLeftOutIsAskedForLater) {
    const Screen screen = [](const std::vector<Genome>& genomes) {
        std::vector<Judged> expected;
        for (const Genome& genome : genomes)
            expected.push_back(sums(genome));
        return expected;
    };
    const auto optimiser = make(4, {mixed, 3, mixed_canonical, {}, screen});
    EXPECT_EQ(run(*optimiser, sums, 1000).size(), mixed_meanings);
}

TEST_P(EachMethod, GivenAnswersThatCannotBe_ThenTheyAreRefused) {
    const auto optimiser = make(4, {mixed, 3});
    const Genome good{0, 0, 0, 0, 0};
    EXPECT_THROW(optimiser->tell({{{0, 0}, {1.0}, 0.0}}), Error);
    EXPECT_THROW(optimiser->tell({{{0, 3, 0, 0, 0}, {1.0}, 0.0}}), Error);
    EXPECT_THROW(optimiser->tell({{good, {}, 0.0}}), Error);
    EXPECT_THROW(optimiser->tell({{good, {std::nan("")}, 0.0}}), Error);
    EXPECT_THROW(optimiser->tell({{good, {infinite}, 0.0}}), Error);
    EXPECT_THROW(optimiser->tell({{good, {1.0}, -1.0}}), Error);
    EXPECT_THROW(optimiser->tell({{good, {1.0}, std::nan("")}}), Error);
    optimiser->tell({{good, {1.0, 2.0}, 0.0}});
    EXPECT_THROW(optimiser->tell({{{1, 0, 0, 0, 0}, {1.0}, 0.0}}), Error);
    EXPECT_THROW(make(4, {{}, 1}), Error);
    EXPECT_THROW(make(4, {{{"none", 0, true}}, 1}), Error);
    EXPECT_THROW(make(4, {mixed, 1, {}, {{9, 0, 0, 0, 0}}}), Error);
}

TEST(RandomSearch, GivenALargeSpaceOfFewMeanings_ThenItFindsThemAndEnds) {
    const Canonical first_alone = [](const Genome& genome) {
        Genome canonical(genome.size(), 0);
        canonical.front() = genome.front();
        return canonical;
    };
    const auto optimiser = make_optimiser(config_of(SearchMethod::random, 10), {ordered_genes(40, 3), 1, first_alone});
    EXPECT_EQ(run(*optimiser, sums, 1000).size(), 3u);
}

TEST(RandomSearch, GivenManySeeds_ThenEachGenomeIsAskedForFirstAsOften) {
    std::map<Genome, int> counts;
    constexpr int seeds = 3000;
    for (std::uint64_t seed = 0; seed < seeds; ++seed)
        ++counts[make_optimiser(config_of(SearchMethod::random, 1), {ordered_genes(2, 3), seed})->ask()[0].genome];
    ASSERT_EQ(counts.size(), 9u);
    double chi_square = 0.0;
    for (const auto& [genome, count] : counts)
        chi_square += (count - seeds / 9.0) * (count - seeds / 9.0) / (seeds / 9.0);
    EXPECT_LT(chi_square, 26.1) << "8 degrees of freedom, 0.1 %";
}

TEST(ExhaustiveSearch, GivenGenes_ThenTheLastRunsFastest) {
    const auto all =
        run(*make_optimiser(config_of(SearchMethod::exhaustive, 4), {{{"a", 2, true}, {"b", 3, true}}, 1}), sums, 100);
    std::vector<Genome> genomes;
    for (const Judged& one : all)
        genomes.push_back(one.genome);
    EXPECT_EQ(genomes, (std::vector<Genome>{{0, 0}, {0, 1}, {0, 2}, {1, 0}, {1, 1}, {1, 2}}));
}

TEST(RegularisedEvolution, GivenABestMember_ThenItDiesOfAge) {
    OptimiserConfig config = config_of(SearchMethod::regularised_evolution, 4);
    config.tournament = 100;
    const auto optimiser = make_optimiser(config, {ordered_genes(6, 9), 1});
    const auto parents_of_a_generation = [&](double first_value) {
        std::set<int> parents;
        std::vector<Judged> judged;
        for (const Proposal& child : optimiser->ask()) {
            parents.insert(child.parent);
            judged.push_back({child.genome, {first_value++}, 0.0});
        }
        optimiser->tell(judged);
        return parents;
    };
    parents_of_a_generation(0.0);
    EXPECT_EQ(parents_of_a_generation(100.0), std::set<int>{0}) << "so large a tournament surely has the best in it";
    EXPECT_EQ(parents_of_a_generation(200.0), std::set<int>{4})
        << "four younger ones are there, the first of them best";
}

TEST(OptimiserConfig, GivenNoSizes_ThenTheyAreThoseOfThePapers) {
    OptimiserConfig config;
    EXPECT_EQ(config.generation_size(), 100);
    EXPECT_EQ(config.tournament_size(), 2);
    config.method = SearchMethod::regularised_evolution;
    EXPECT_EQ(config.generation_size(), 25);
    EXPECT_EQ(config.tournament_size(), 25);
    config.population = 2;
    EXPECT_EQ(config.generation_size(), 1);
    EXPECT_EQ(config.tournament_size(), 1);
}

TEST(SearchMethodList, GivenAll_ThenRowsAreInTheOrderOfTheirNames) {
    for (const std::string& name : all_names<SearchMethod>()) {
        EXPECT_EQ(traits_of(*value_named<SearchMethod>(name)).method, *value_named<SearchMethod>(name));
        EXPECT_NE(search_method_list().find("  " + name + " "), std::string::npos);
    }
}

}  // namespace
}  // namespace xloop
