#include "traces/bus/window_text.hpp"

#include "core/error.hpp"

#include <gmock/gmock.h>

namespace xloop::trace {
namespace {

using testing::HasSubstr;
using Span = std::pair<Time, Time>;

Span span(const char* text, std::uint64_t cycle_fs = 1'000'000) { return std::get<Span>(parse_window(text, cycle_fs)); }
Region region(const char* text) { return std::get<Region>(parse_window(text, 1'000'000)); }

std::string error_of(const char* text) {
    try {
        parse_window(text, 1'000'000);
    } catch (const InputError& e) {
        return e.what();
    }
    return "no error";
}

TEST(WindowText, GivenSpansInAnyUnit_ThenTheyArePicoseconds) {
    EXPECT_EQ(span("cycles:0-2000"), Span(0, 2'000'000));
    EXPECT_EQ(span("cycles:3-7", 769'230), Span(2308, 5385)) << "rounded to whole picoseconds";
    EXPECT_EQ(span("ns:100-250.5"), Span(100'000, 250'500));
    EXPECT_EQ(span("ps:5-6"), Span(5, 6));
    EXPECT_EQ(span("us:10-"), Span(10'000'000, never));
    EXPECT_EQ(span("ms:0-1e12"), Span(0, never)) << "longer than any run";
}

TEST(WindowText, GivenRegions_ThenWhatIsNotSaidIsAny) {
    EXPECT_EQ(region("layer:conv3,image:2").layer, "conv3");
    EXPECT_EQ(region("layer:conv3,image:2").image, 2);
    EXPECT_EQ(region("image:0,layer:a-b").layer, "a-b");
    EXPECT_EQ(region("layer:stem, a,image:2").layer, "stem, a") << "names may hold commas";
    EXPECT_EQ(region("layer:stem, a,image:2").image, 2);
    EXPECT_EQ(region("layer:conv3").image, -1);
    EXPECT_EQ(region("image:1").layer, "");
}

TEST(WindowText, GivenNonsense_ThenTheMessageShowsItAndWhatWasExpected) {
    for (const char* text :
         {"", "100-200", "ns:100", "ns:200-100", "ns:5-5", "ns:a-b", "ns:-1-5", "ns:1-2x", "cycle:1-2",
          "layer:", "image:", "image:x", "ns:1-2,layer:a", "layer:a,ns:1-2", "ns:nan-5"}) {
        EXPECT_THAT(error_of(text), HasSubstr("window `" + std::string(text) + "`"));
        EXPECT_THAT(error_of(text), HasSubstr("cycles:BEGIN-END")) << text;
    }
}

}  // namespace
}  // namespace xloop::trace
