#include "nas/predictor.hpp"

#include "core/error.hpp"
#include "core/random.hpp"
#include "nas/optimisers/genomes.hpp"
#include "nas/rank_correlation.hpp"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include <cmath>
#include <limits>
#include <set>

namespace xloop {
namespace {

/// Ten choices as spaces of networks have them: kinds, widths and depths.
std::vector<Gene> ten_genes() {
    std::vector<Gene> genes;
    for (int g = 0; g < 10; ++g)
        genes.push_back({"gene", g % 2 == 0 ? 4 : 3, g % 3 != 0});
    return genes;
}

/// Different ones, of which each gene has the first `levels` levels alone.
std::vector<Genome> random_genomes(std::vector<Gene> genes, std::size_t count, std::uint64_t seed, int levels = 99) {
    for (Gene& gene : genes)
        gene.levels = std::min(gene.levels, levels);
    const KeyedRandom random(seed, RandomUse::path_sampling);
    std::set<Genome> seen;
    std::vector<Genome> all;
    for (std::uint64_t draw = 0; all.size() < count; ++draw) {
        Draws draws(random, draw);
        Genome genome = random_genome(genes, draws);
        if (seen.insert(genome).second)
            all.push_back(std::move(genome));
    }
    return all;
}

/// An accuracy of sums of random effects of each gene's levels, and a product that the same genes make: the logarithm of a cost.
std::vector<double> effects(const Genome& genome) {
    const KeyedRandom random(11, RandomUse::random_weights);
    double accuracy = 0.6, cost = 0.0;
    for (std::uint64_t g = 0; g < genome.size(); ++g) {
        const auto level = static_cast<std::uint64_t>(genome[g]);
        accuracy += 0.03 * random.normal(g, level);
        cost += std::log(1.0 + static_cast<double>(level) * random.uniform(100 + g));
    }
    return {accuracy, cost};
}

std::vector<std::vector<double>> values_of(const std::vector<Genome>& genomes) {
    std::vector<std::vector<double>> values;
    for (const Genome& genome : genomes)
        values.push_back(effects(genome));
    return values;
}

std::vector<double> metric(const std::vector<std::vector<double>>& values, std::size_t m) {
    std::vector<double> column;
    for (const auto& row : values)
        column.push_back(row[m]);
    return column;
}

std::vector<std::vector<double>> means_of(const std::vector<Prediction>& predictions) {
    std::vector<std::vector<double>> means;
    for (const Prediction& p : predictions)
        means.push_back(p.mean);
    return means;
}

/// Learns too little to be of use.
PredictorConfig quick() {
    PredictorConfig config;
    config.steps = 60;
    return config;
}

TEST(GenomePredictor, GivenAHundredGenomes_ThenItRanksOthersByWhatGenesAdd) {
    const auto genes = ten_genes();
    const auto all = random_genomes(genes, 400, 1);
    const std::vector<Genome> known(all.begin(), all.begin() + 100), others(all.begin() + 100, all.end());
    GenomePredictor predictor(genes, 1);
    predictor.fit(known, values_of(known));
    const auto predicted = means_of(predictor.predict(others)), actual = values_of(others);
    for (std::size_t m = 0; m < 2; ++m) {
        const double tau = kendall_tau(metric(predicted, m), metric(actual, m));
        RecordProperty("tau_" + std::to_string(m), std::to_string(tau));
        EXPECT_GT(tau, 0.8) << "metric " << m;
    }
    const auto held = predictor_tau(genes, 1, {}, known, values_of(known), 4);
    for (std::size_t m = 0; m < 2; ++m)
        EXPECT_NEAR(held[m], kendall_tau(metric(predicted, m), metric(actual, m)), 0.12)
            << "what it says of itself, with a quarter less to learn from";
}

TEST(GenomePredictor, GivenGenomesFarFromWhatItKnows_ThenItIsLessSure) {
    const auto genes = ten_genes();
    const auto near = random_genomes(genes, 160, 1, 2), any = random_genomes(genes, 400, 2);
    const std::vector<Genome> known(near.begin(), near.begin() + 80), like_known(near.begin() + 80, near.end());
    std::vector<Genome> far;
    std::copy_if(any.begin(), any.end(), std::back_inserter(far), [](const Genome& genome) {
        return std::count_if(genome.begin(), genome.end(), [](int level) { return level >= 2; }) >= 5;
    });
    ASSERT_GT(far.size(), 50u);
    GenomePredictor predictor(genes, 1);
    predictor.fit(known, values_of(known));
    const auto mean_deviation = [&](const std::vector<Genome>& genomes, std::size_t m) {
        double sum = 0.0;
        for (const Prediction& p : predictor.predict(genomes))
            sum += p.deviation[m];
        return sum / static_cast<double>(genomes.size());
    };
    for (std::size_t m = 0; m < 2; ++m) {
        EXPECT_GT(mean_deviation(far, m), 2.0 * mean_deviation(like_known, m));
        EXPECT_GT(mean_deviation(like_known, m), 0.0);
    }
}

TEST(GenomePredictor, GivenTheSameSeed_ThenBitsAreTheSameWhateverElseDraws) {
    const auto genes = ten_genes();
    const auto known = random_genomes(genes, 30, 1);
    const auto fitted = [&](std::uint64_t seed) {
        GenomePredictor predictor(genes, seed, quick());
        predictor.fit(known, values_of(known));
        return means_of(predictor.predict(known));
    };
    const auto first = fitted(1);
    torch::manual_seed(99);
    torch::rand({7});
    EXPECT_EQ(fitted(1), first);
    EXPECT_NE(fitted(2), first);
}

TEST(GenomePredictor, GivenASecondFit_ThenNothingIsLeftOfTheFirst) {
    const auto genes = ten_genes();
    const auto known = random_genomes(genes, 30, 1), before = random_genomes(genes, 40, 2);
    GenomePredictor predictor(genes, 1, quick()), fresh(genes, 1, quick());
    predictor.fit(before, values_of(before));
    predictor.fit(known, values_of(known));
    fresh.fit(known, values_of(known));
    EXPECT_EQ(means_of(predictor.predict(before)), means_of(fresh.predict(before)));
}

TEST(GenomePredictor, GivenFewGenomes_ThenPredictionsStayNearTheirRange) {
    const auto genes = ten_genes();
    const auto others = random_genomes(genes, 100, 5);
    for (const std::size_t count : {8, 12})
        for (const std::uint64_t seed : {1, 2}) {
            const auto known = random_genomes(genes, count, seed);
            const auto values = values_of(known);
            GenomePredictor predictor(genes, seed);
            predictor.fit(known, values);
            for (const Prediction& p : predictor.predict(others))
                for (std::size_t m = 0; m < 2; ++m) {
                    const auto column = metric(values, m);
                    const auto [low, high] = std::minmax_element(column.begin(), column.end());
                    EXPECT_GT(p.mean[m], *low - (*high - *low));
                    EXPECT_LT(p.mean[m], *high + (*high - *low));
                }
        }
}

TEST(GenomePredictor, GivenMetricsOfAnySizeOrNone_ThenScalesDoNotMatter) {
    const auto genes = ten_genes();
    const auto known = random_genomes(genes, 60, 1);
    auto values = values_of(known);
    for (auto& row : values)
        row = {row[0], 1e-15 * row[0] + 1e-12, 1e18 * row[0], 42.0};
    GenomePredictor predictor(genes, 1);
    predictor.fit(known, values);
    const auto predicted = means_of(predictor.predict(known));
    for (const std::size_t m : {0, 1, 2})
        EXPECT_GT(kendall_tau(metric(predicted, m), metric(values, m)), 0.8);
    for (const auto& row : predicted)
        EXPECT_NEAR(row[3], 42.0, 0.5);
}

TEST(GenomePredictor, GivenOneGenomeAgainAndAgainOrAHugeGene_ThenItStillHasAnAnswer) {
    GenomePredictor single({{"fixed", 1, true}}, 1);
    single.fit(std::vector<Genome>(8, {0}), std::vector<std::vector<double>>(8, {3.0}));
    EXPECT_NEAR(single.predict({{0}})[0].mean[0], 3.0, 0.1);

    const std::vector<Gene> huge{{"x", 100001, true}};
    std::vector<Genome> known;
    std::vector<std::vector<double>> values;
    for (int i = 0; i <= 40; ++i) {
        known.push_back({2500 * i});
        values.push_back({std::sin(i / 20.0)});
    }
    GenomePredictor predictor(huge, 1);
    predictor.fit(known, values);
    EXPECT_NEAR(predictor.predict({{51000}})[0].mean[0], std::sin(51000 / 50000.0), 0.05);
}

TEST(GenomePredictor, GivenWhatCannotBeLearnt_ThenItIsRefused) {
    const auto genes = ten_genes();
    const auto known = random_genomes(genes, 8, 1);
    auto values = values_of(known);
    GenomePredictor predictor(genes, 1);
    EXPECT_THROW(predictor.predict(known), Error);
    EXPECT_THROW(predictor.fit({known.begin(), known.begin() + 7}, {values.begin(), values.begin() + 7}), Error);
    EXPECT_THROW(predictor.fit(known, {values.begin(), values.begin() + 7}), Error);
    values[3][1] = std::numeric_limits<double>::quiet_NaN();
    EXPECT_THROW(predictor.fit(known, values), Error);
    values[3] = {1.0};
    EXPECT_THROW(predictor.fit(known, values), Error);
    auto wrong = known;
    wrong[2][0] = 4;
    EXPECT_THROW(predictor.fit(wrong, values_of(known)), Error);
}

}  // namespace
}  // namespace xloop
