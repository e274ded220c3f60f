#include "traces/saif/saif_printer.hpp"

#include "core/files.hpp"
#include "tests/traces/plain_waves.hpp"
#include "tests/traces/scratch_folder.hpp"

#include <gmock/gmock.h>

namespace xloop::trace {
namespace {

using testing::HasSubstr;

class SaifPrinterTest : public test::ScratchFolder {
protected:
    template <class Print>
    std::string printed(const NetNaming& naming, const Print& print) {
        TextOutput out(path("a.saif"));
        SaifPrinter printer(out, {"top", "xloop", "1", "", 100, 10, "fs"}, naming);
        print(printer);
        printer.finish();
        out.close();
        return read_file(path("a.saif"));
    }
};

TEST_F(SaifPrinterTest, GivenScopesAcrossTheTree_ThenInstancesNestAndReadBack) {
    printed({}, [](SaifPrinter& p) {
        p.scope(levels_of("chip"));
        p.net("clk", -1, {50, 50, 0, 0, 10, 0});
        p.scope(levels_of("chip.a.b"));  // `a` has no nets of its own
        p.net("w", 0, {100, 0, 0, 0, 0, 0});
        p.net("w", 1, {90, 10, 0, 0, 2, 1});
        p.scope(levels_of("chip.a.c"));
        p.net("x", -1, {40, 30, 20, 10, 3, 0});
        p.scope(levels_of("chip.d"));
        p.net("y", -1, {100, 0, 0, 0, 0, 0});
    });
    const SaifFile file = saif_file(path("a.saif"));
    EXPECT_EQ(file.header.duration, 100u);
    EXPECT_EQ(file.header.timescale_value, 10);
    EXPECT_EQ(file.header.timescale_unit, "fs");
    EXPECT_EQ(file.header.design, "top");
    const NetCounts expected{{"chip.clk", {50, 50, 0, 0, 10, 0}},
                             {"chip.a.b.w[0]", {100, 0, 0, 0, 0, 0}},
                             {"chip.a.b.w[1]", {90, 10, 0, 0, 2, 1}},
                             {"chip.a.c.x", {40, 30, 20, 10, 3, 0}},
                             {"chip.d.y", {100, 0, 0, 0, 0, 0}}};
    EXPECT_EQ(counts_of(file), expected);
}

TEST_F(SaifPrinterTest, GivenANamingOfBits_ThenBusesAndDividerFollowIt) {
    const std::string text = printed({'.', "{}_{}_"}, [](SaifPrinter& p) {
        p.scope(levels_of("u$1"));
        p.net("d", 3, {100, 0, 0, 0, 0, 0});
        p.net("odd-name", -1, {100, 0, 0, 0, 0, 0});
    });
    EXPECT_THAT(text, HasSubstr("(DIVIDER . )"));
    EXPECT_THAT(text, HasSubstr("(INSTANCE u$1\n"));
    EXPECT_THAT(text, HasSubstr("(d_3_ (T0 100)"));
    EXPECT_THAT(text, HasSubstr("(odd\\-name (T0"));
}

}  // namespace
}  // namespace xloop::trace
