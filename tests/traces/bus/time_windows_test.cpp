#include "traces/bus/time_windows.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace xloop::trace {
namespace {

using Spans = std::vector<std::pair<Time, Time>>;

TEST(TimeWindows, GivenRandomSpans_ThenEveryQuestionIsAnsweredAsByATableOfTimes) {
    std::mt19937 random(3);
    for (int round = 0; round < 200; ++round) {
        Spans spans;
        std::vector<bool> in(120, false);
        for (auto s = random() % 5; s-- > 0;) {
            const Time begin = random() % 100, end = begin + random() % 12;
            spans.emplace_back(begin, end);
            std::fill(in.begin() + static_cast<std::ptrdiff_t>(begin), in.begin() + static_cast<std::ptrdiff_t>(end),
                      true);
        }
        const TimeWindows windows(spans);
        std::vector<Time> order(110);
        for (Time t = 0; t < 110; ++t)
            order[t] = t;
        std::shuffle(order.begin(), order.end(), random);  // questions in any order, as the last answer is kept
        for (Time t : order) {
            ASSERT_EQ(windows.contains(t), in[t]) << t;
            ASSERT_EQ(windows.shows_change(t), in[t] && t > 0 && in[t - 1]) << t;
            ASSERT_EQ(windows.before(t),
                      static_cast<Time>(std::count(in.begin(), in.begin() + static_cast<std::ptrdiff_t>(t), true)))
                << t;
            const Time last = t + random() % 8;
            ASSERT_EQ(windows.contains(t, last),
                      std::all_of(in.begin() + static_cast<std::ptrdiff_t>(t),
                                  in.begin() + static_cast<std::ptrdiff_t>(last) + 1, [](bool b) { return b; }))
                << t << " to " << last;
        }
    }
}

TEST(TimeWindows, GivenSpansThatTouchOrAreEmpty_ThenOneWindowIsLeft) {
    EXPECT_EQ(TimeWindows({{20, 30}, {5, 10}, {10, 15}, {40, 40}, {12, 13}}).windows(), (Spans{{5, 15}, {20, 30}}));
    EXPECT_TRUE(TimeWindows().windows().empty());
    EXPECT_EQ(TimeWindows::always().before(77), 77u);
}

TEST(TimeWindows, GivenWindowsThatOpenAndCloseDuringARun_ThenTimeStandsStillBetween) {
    TimeWindows windows;
    EXPECT_FALSE(windows.contains(5));
    windows.open(10);
    EXPECT_TRUE(windows.contains(1000));
    EXPECT_EQ(windows.before(25), 15u);
    windows.close(20);
    EXPECT_FALSE(windows.contains(20));
    EXPECT_EQ(windows.before(25), 10u);
    windows.open(30);
    EXPECT_EQ(windows.before(35), 15u);
    windows.close(35);
    windows.open(35);  // goes on: no break
    windows.close(50);
    EXPECT_EQ(windows.windows(), (Spans{{10, 20}, {30, 50}}));
    EXPECT_TRUE(windows.shows_change(35));
    EXPECT_FALSE(windows.shows_change(30));
    EXPECT_EQ(windows.before(60), 30u);
}

}  // namespace
}  // namespace xloop::trace
