#include "traces/bus/selection.hpp"

#include <gtest/gtest.h>

namespace xloop::trace {
namespace {

std::vector<SignalClass> included(Detail detail) {
    std::vector<SignalClass> classes;
    for (std::size_t c = 0; c < names_of(SignalClass{}).size(); ++c)
        if (includes(detail, static_cast<SignalClass>(c)))
            classes.push_back(static_cast<SignalClass>(c));
    return classes;
}

TEST(Selection, GivenADetail_ThenEachOneHoldsTheOnesBefore) {
    EXPECT_EQ(included(Detail::control),
              (std::vector<SignalClass>{SignalClass::enable, SignalClass::handshake, SignalClass::state}));
    EXPECT_EQ(included(Detail::data).size(), 9u);
    EXPECT_EQ(included(Detail::all).size(), names_of(SignalClass{}).size());
    EXPECT_FALSE(includes(Detail::data, SignalClass::strobe));
    EXPECT_FALSE(includes(Detail::data, SignalClass::registers));
    EXPECT_FALSE(includes(Detail::data, SignalClass::clock));
}

TEST(Selection, GivenClasses_ThenTheyReplaceTheDetail) {
    Selection selection;
    selection.detail = Detail::control;
    selection.classes = {SignalClass::strobe};
    EXPECT_TRUE(selection.includes(SignalClass::strobe));
    EXPECT_FALSE(selection.includes(SignalClass::enable));
}

TEST(Selection, GivenPaths_ThenOnlyWhatIsSelectedAndNotExcludedStays) {
    Selection selection;
    selection.select = {Glob("chip.tile_0_0"), Glob("chip.**.adc_bank")};
    selection.exclude = {Glob("chip.tile_0_0.bus.data")};
    const auto takes = [&](const char* scope, const char* name) {
        return selection.includes(Signal{scope, name, 1, SignalClass::bus});
    };
    EXPECT_TRUE(takes("chip.tile_0_0.bus", "valid"));
    EXPECT_FALSE(takes("chip.tile_0_0.bus", "data"));
    EXPECT_TRUE(takes("chip.tile_1_0.pe_0.xbar_0.adc_bank.adc_3", "code"));
    EXPECT_FALSE(takes("chip.tile_1_0.bus", "valid"));
    EXPECT_FALSE(selection.includes(Signal{"chip.tile_0_0", "clk", 1, SignalClass::clock}))
        << "its class is not in the detail";
}

}  // namespace
}  // namespace xloop::trace
