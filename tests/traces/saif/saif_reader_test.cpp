#include "traces/saif/saif_reader.hpp"

#include <gmock/gmock.h>

namespace xloop::trace {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

SaifFile parse(const std::string& text) {
    TextInput in("t.saif", text);
    return read_saif(in);
}

std::string error_of(const std::string& text) {
    try {
        parse(text);
    } catch (const InputError& e) {
        return e.what();
    }
    return "no error";
}

std::vector<std::string> nets_of(const SaifFile& file) {
    std::vector<std::string> nets;
    file.for_each_net([&](const std::string& path, const SaifNet& net) {
        const SaifCounts& c = net.counts;
        nets.push_back(path + " " + net.full_name() + " " + std::to_string(c.t0) + "/" + std::to_string(c.t1) + "/" +
                       std::to_string(c.tx) + "/" + std::to_string(c.tz) + " " + std::to_string(c.tc) + " " +
                       std::to_string(c.ig));
    });
    return nets;
}

TEST(SaifReader, GivenAWholeFile_ThenHeaderAndTreeAreRead) {
    const SaifFile file = parse(R"saif((SAIFILE
(SAIFVERSION "2.0")
(DIRECTION "backward")
(DESIGN "top")
(DATE "today \"quoted\"")
(VENDOR "somebody")
(PROGRAM_NAME "tool")
(VERSION "1.0")
(DIVIDER / )
(TIMESCALE 10 ns)
(DURATION 1000.00)
(INSTANCE tb
  (INSTANCE "DUT" dut
    (NET
      (clk (T0 500) (T1 500) (TX 0) (TC 200) (IG 3))
      (d\[3\] (T0 1000) (T1 0) (TX 0) (TC 0) (IG 0))
      (d[2] (T0 100)(T1 200)(TX 300)(TZ 400)(TB 0)(TC 2)(TG 9)(IG 1))
    )
    (PORT (in (T0 1000) (T1 0) (TX 0) (TC 0)))
    (LEAKAGE (unknown (T0 5) "text (" ) (x))
    (INSTANCE inner (NET ("quoted" (T1 1000))))
  )
  (NET (last (T0 1000)))
)
)
)saif");
    EXPECT_EQ(file.header.design, "top");
    EXPECT_EQ(file.header.date, "today \"quoted\"");
    EXPECT_EQ(file.header.program, "tool");
    EXPECT_EQ(file.header.version, "1.0");
    EXPECT_EQ(file.header.duration, 1000u);
    EXPECT_EQ(file.timescale().femtoseconds(), 10'000'000u);
    EXPECT_EQ(file.divider, '/');
    EXPECT_THAT(nets_of(file), ElementsAre("tb last 1000/0/0/0 0 0", "tb.dut clk 500/500/0/0 200 3",
                                           "tb.dut d[3] 1000/0/0/0 0 0", "tb.dut d[2] 100/200/300/400 2 1",
                                           "tb.dut in 1000/0/0/0 0 0", "tb.dut.inner quoted 0/1000/0/0 0 0"));
    const SaifNet& net = file.instances[0].children[0].nets[1];
    EXPECT_EQ(net.name, "d");
    EXPECT_EQ(net.bit, 3);
    EXPECT_EQ(net.line, 16u);
}

TEST(SaifReader, GivenHeadersInOtherForms_ThenTheyMeanTheSame) {
    for (const char* scale : {"1 ps", "1ps", "\"1ps\"", "\"1\" ps"})
        EXPECT_EQ(parse(std::string("(SAIFILE (DURATION 5) (TIMESCALE ") + scale + ") (DIRECTION \"backward\"))")
                      .timescale()
                      .femtoseconds(),
                  1000u)
            << scale;
    EXPECT_EQ(parse("(SAIFILE(DESIGN)(DIVIDER .))").divider, '.');
    EXPECT_EQ(parse("(SAIFILE(DIVIDER \"/\"))").divider, '/');
    const SaifFile file = parse("(SAIFILE (INSTANCE \"quoted\" (NET)) (INSTANCE \"type\" \"name\"))");
    ASSERT_EQ(file.instances.size(), 2u);
    EXPECT_EQ(file.instances[0].name, "quoted");
    EXPECT_EQ(file.instances[1].name, "name");
}

TEST(SaifReader, GivenNames_ThenOnlyWholeBitNumbersAreBits) {
    EXPECT_EQ(split_bit("d[3]"), std::pair(std::string_view("d"), 3));
    EXPECT_EQ(split_bit("mem[1][12]"), std::pair(std::string_view("mem[1]"), 12));
    for (const char* name : {"d", "d[]", "d[x]", "d[-1]", "[3]", "d[3", "d[03]", "d[3:0]", "d[99999999999]"})
        EXPECT_EQ(split_bit(name), std::pair(std::string_view(name), -1));
}

TEST(SaifReader, GivenCommentsAnywhere_ThenTheyChangeNothing) {
    const std::vector<std::string> words = {
        "(", "SAIFILE", "(", "DURATION", "10", ")",  "(",  "DIVIDER", "\"/\"", ")", "(", "INSTANCE", "m",
        "(", "NET",     "(", "a\\/b",    "(",  "T0", "10", ")",       ")",     ")", ")", ")"};
    for (const char* comment : {"// (one line) \"\n", "/* several\n lines // * ( */", "/**/"}) {
        std::string text;
        for (const std::string& word : words)
            text += comment + word;
        EXPECT_THAT(nets_of(parse(text + comment)), ElementsAre("m a/b 10/0/0/0 0 0")) << comment;
    }
    EXPECT_THAT(error_of("(SAIFILE /* no end"), HasSubstr("the file ends in a comment"));
}

TEST(SaifReader, GivenNumbersOfAnyForm_ThenTheNearestWholeOnesAreTaken) {
    const SaifFile file = parse(
        "(SAIFILE (TIMESCALE 1e0 ns) (DURATION 1.0E+3) (INSTANCE m (NET (a (T0 99.5) (T1 5e2) (TX +3) (TZ .4) (TB 1e0) "
        "(TC "
        "2.00) (IG 1e-3)))))");
    EXPECT_EQ(file.header.duration, 1000u);
    EXPECT_EQ(file.timescale().text(), "1ns");
    EXPECT_THAT(nets_of(file), ElementsAre("m a 100/500/3/0 2 0"));
    EXPECT_EQ(file.instances[0].nets[0].tb, 1u);
    EXPECT_TRUE(file.approximate);
    EXPECT_FALSE(parse("(SAIFILE (DURATION 10.0))").approximate);
}

TEST(SaifReader, GivenDividersWithoutBackslash_ThenTheyStandBetweenInstances) {
    const SaifFile file = parse(
        "(SAIFILE (DURATION 5) (DIVIDER /) (INSTANCE tb/dut (NET (a (T0 5)))) (INSTANCE tb/u\\/x (NET (b (T0 5))))\n"
        "(INSTANCE tb (INSTANCE gen.blk (NET (c (T0 5))))))");
    EXPECT_THAT(nets_of(file),
                ElementsAre("tb.dut a 5/0/0/0 0 0", "tb.u/x b 5/0/0/0 0 0", "tb.gen\\.blk c 5/0/0/0 0 0"));
    EXPECT_EQ(file.instances.size(), 1u);
}

TEST(SaifReader, GivenAListener_ThenWhatIsOddCostsOnlyItself) {
    const std::string text =
        "(saifile (DURATION 20) (DURATION 30) (TIMESCALE 2 ns) (VENDOR) (DESIGN a b) (INSTANCE m (net (a (T0 x) (T1 20 "
        "7) (TC "
        "4)) (a (T0 20)) (b (T0 20)))) ";
    TextInput in("t.saif", text);
    std::vector<std::string> problems;
    in.set_listener([&](const std::string& what) { problems.push_back(what); });
    const SaifFile file = read_saif(in);
    EXPECT_THAT(nets_of(file), ElementsAre("m a 0/40/0/0 4 0", "m b 40/0/0/0 0 0"));
    EXPECT_EQ(file.header.duration, 40u);
    EXPECT_EQ(file.timescale().text(), "1ns");
    EXPECT_THAT(problems, ElementsAre(HasSubstr("DURATION comes twice"), HasSubstr("times are taken in 1ns"),
                                      HasSubstr("T0 `x`"), HasSubstr("T1: `7`"), HasSubstr("ends before the last"),
                                      HasSubstr("net `m.a` comes again")));
}

TEST(SaifReader, GivenErrors_ThenPlaceAndExpectationAreNamed) {
    EXPECT_THAT(error_of(""), HasSubstr("the end of the file, expected (SAIFILE"));
    EXPECT_THAT(error_of("(FILE)"), HasSubstr("t.saif:1:5: expected SAIFILE"));
    EXPECT_THAT(error_of("(SAIFILE\n(DURATION 5)\n"), HasSubstr("cut off"));
    EXPECT_THAT(error_of("(SAIFILE\n(DURATION 5x))"),
                HasSubstr("t.saif:2:12: DURATION `5x`, expected a number from 0"));
    EXPECT_THAT(error_of("(SAIFILE (DURATION -5))"), HasSubstr("expected a number from 0"));
    EXPECT_THAT(error_of("(SAIFILE (DURATION 99999999999999999999))"), HasSubstr("less than 2^64"));
    EXPECT_THAT(error_of("(SAIFILE (DURATION))"), HasSubstr("`)`, expected the number of DURATION"));
    EXPECT_THAT(error_of("(SAIFILE (TIMESCALE 3 ps))"), HasSubstr("TIMESCALE `3ps`, expected 1, 10 or 100"));
    EXPECT_THAT(error_of("(SAIFILE (DIRECTION \"forward\"))"), HasSubstr("backward"));
    EXPECT_THAT(error_of("(SAIFILE (DURATION 1) (DURATION 1))"), HasSubstr("DURATION comes twice"));
    EXPECT_THAT(error_of("(SAIFILE (DIVIDER ab))"), HasSubstr("expected one character"));
    EXPECT_THAT(error_of("(SAIFILE (INSTANCE))"), HasSubstr("expected the name of an instance"));
    EXPECT_THAT(error_of("(SAIFILE (INSTANCE a (NET (n (T0 x)))))"), HasSubstr("T0 `x`, expected a number"));
    EXPECT_THAT(error_of("(SAIFILE (INSTANCE a (NET (n T0)))))"), HasSubstr("expected `)` or a count"));
    EXPECT_THAT(error_of("(SAIFILE (INSTANCE a (NET n)))"), HasSubstr("expected `)` or a net"));
    EXPECT_THAT(error_of("(SAIFILE (INSTANCE a (NET (n (T0 1 2)))))"), HasSubstr("`2`, expected `)`"));
    EXPECT_THAT(error_of("(SAIFILE (INSTANCE a (OTHER ((((1"), HasSubstr("the file ends in a group"));
    EXPECT_THAT(error_of("(SAIFILE (DESIGN \"abc"), HasSubstr("the file ends in a quoted text"));
    EXPECT_THAT(error_of("(SAIFILE)\n)"), HasSubstr("t.saif:2:1: `)` behind the end of SAIFILE"));
    std::string deep = "(SAIFILE ";
    for (int i = 0; i < 300; ++i)
        deep += "(INSTANCE a\n";
    EXPECT_THAT(error_of(deep), HasSubstr("t.saif:257:"));
    EXPECT_THAT(error_of(deep), HasSubstr("more than 256 instances in each other"));
    EXPECT_THAT(error_of("(SAIFILE (X " + std::string(100'000, '(')), HasSubstr("the file ends in a group"));
    EXPECT_THAT(error_of("(SAIFILE (INSTANCE " + std::string(70'000, 'a')), HasSubstr("more than 65536 characters"));
}

}  // namespace
}  // namespace xloop::trace
