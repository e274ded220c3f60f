#include "nas/rank_correlation.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <map>

namespace xloop {
namespace {

using Values = std::vector<double>;

TEST(KendallTau, GivenOrders_ThenItIsTheHandCount) {
    EXPECT_DOUBLE_EQ(kendall_tau({1, 2, 3, 4}, {10, 20, 30, 40}), 1.0);
    EXPECT_DOUBLE_EQ(kendall_tau({1, 2, 3, 4}, {4, 3, 2, 1}), -1.0);
    // Of six pairs, (1, 2) and (3, 4) are the other way round.
    EXPECT_DOUBLE_EQ(kendall_tau({1, 2, 3, 4}, {2, 1, 4, 3}), (4.0 - 2.0) / 6.0);
}

TEST(KendallTau, GivenTies_ThenItIsTauB) {
    // Ten pairs; tied in a: (1, 2); in b: (3, 4) and (4, 5) and (3, 5). Of the six others all agree.
    EXPECT_DOUBLE_EQ(kendall_tau({1, 1, 2, 3, 4}, {5, 6, 7, 7, 7}), 6.0 / std::sqrt(9.0 * 7.0));
    EXPECT_EQ(kendall_tau({1, 1, 1}, {1, 2, 3}), 0.0);
    EXPECT_EQ(kendall_tau({}, {}), 0.0);
    EXPECT_EQ(kendall_tau({1}, {1}), 0.0);
}

TEST(RandomFolds, GivenAnyNumber_ThenSizesDifferByAtMostOneAndSeedsDecide) {
    for (const int count : {2, 7, 100}) {
        std::map<int, int> sizes;
        for (int fold : random_folds(count, 5, 1))
            ++sizes[fold];
        for (const auto& [fold, size] : sizes) {
            EXPECT_LT(fold, 5);
            EXPECT_LE(std::abs(size - count / 5.0), 1.0);
        }
    }
    EXPECT_EQ(random_folds(50, 5, 1), random_folds(50, 5, 1));
    EXPECT_NE(random_folds(50, 5, 1), random_folds(50, 5, 2));
}

TEST(LeftOutTau, GivenFolds_ThenPairsOfDifferentFoldsDoNotCount) {
    // Three pairs in the first fold, in order; one in the second, the other way round.
    EXPECT_DOUBLE_EQ(left_out_tau({1, 2, 3, 9, 8}, {1, 2, 3, 4, 5}, {0, 0, 0, 1, 1}), (3.0 - 1.0) / 4.0);
    EXPECT_EQ(left_out_tau({1, 2}, {1, 2}, {0, 1}), 0.0);
}

}  // namespace
}  // namespace xloop
