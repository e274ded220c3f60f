#include "traces/vcd/vcd_reader.hpp"

#include "tests/traces/scratch_folder.hpp"
#include "traces/text/text_output.hpp"

#include <gmock/gmock.h>
#include <algorithm>
#include <cstdlib>
#include <random>

namespace xloop::trace {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using Event = VcdReader::Event;
using VcdReaderFile = test::ScratchFolder;

std::string digits(const VcdReader& reader) {
    const VcdValue& value = reader.header().values[reader.change().code];
    if (value.kind == VcdValue::Kind::real)
        return std::to_string(reader.change().real);
    if (value.kind == VcdValue::Kind::text)
        return "text";
    std::string text;
    for (std::uint32_t bit = value.width; bit-- > 0;) {
        const bool v = (reader.change().value[bit / 64] >> bit % 64 & 1u) != 0;
        const bool u = (reader.change().unknown[bit / 64] >> bit % 64 & 1u) != 0;
        text += u ? (v ? 'x' : 'z') : (v ? '1' : '0');
    }
    return text;
}

/// "time name=digits" for every change; other events in brackets. A code stands under the name of its first variable.
std::vector<std::string> events_of(TextInput& in, VcdHeader* header = nullptr) {
    VcdReader reader(in);
    if (header != nullptr)
        *header = reader.header();
    std::vector<std::string> events;
    for (Event event = reader.next(); event != Event::end; event = reader.next()) {
        const std::string time = std::to_string(reader.time());
        switch (event) {
        case Event::time: break;
        case Event::change:
            for (const VcdVariable& variable : reader.header().variables)
                if (variable.code == reader.change().code) {
                    events.push_back(time + " " + variable.name + "=" + digits(reader));
                    break;
                }
            break;
        case Event::dump_vars: events.push_back(time + " [vars]"); break;
        case Event::dump_all: events.push_back(time + " [all]"); break;
        case Event::dump_off: events.push_back(time + " [off]"); break;
        case Event::dump_on: events.push_back(time + " [on]"); break;
        default: events.push_back(time + " [end]");
        }
    }
    return events;
}

std::vector<std::string> events_of(const std::string& text) {
    TextInput in("t.vcd", text);
    return events_of(in);
}

VcdHeader header_of(const std::string& text) {
    TextInput in("t.vcd", text);
    return VcdReader(in).header();
}

std::string error_of(const std::string& text) {
    try {
        events_of(text);
    } catch (const InputError& e) {
        return e.what();
    }
    return "no error";
}

const std::string small_header =
    "$timescale 1ns $end\n$scope module m $end\n$var wire 1 ! a $end\n$var wire 4 \" v [3:0] $end\n"
    "$var real 64 # r $end\n$upscope $end\n$enddefinitions $end\n";  // 7 lines

TEST(VcdReader, GivenAllKindsOfDeclarations_ThenTheHeaderHasThem) {
    const VcdHeader header = header_of(R"vcd($date
   today, at 10:00
$end
$version tool 1.0 $end
$comment anything $var here $end
$timescale
	100 fs
$end
$attrbegin misc 07 $end
$scope module tb $end
$var wire 8 ! data [7:0] $end
$var reg 8 " up[0:7] $end
$var wire 1 # data[3] $end
$var wire 1 $ bit [5] $end
$var integer 32 % i $end
$scope begin gen[0] $end
$var wire 4 & mem[2] [3:0] $end
$var wire 8 ' mem[3] $end
$var wire 8 ! \odd.name[1] $end
$upscope $end
$upscope $end
$var parameter 1 ( p $end
$enddefinitions $end
)vcd");
    EXPECT_EQ(header.date, "today, at 10:00");
    EXPECT_EQ(header.version, "tool 1.0");
    EXPECT_EQ(header.timescale.femtoseconds(), 100u);
    std::vector<std::string> names;
    for (const VcdVariable& variable : header.variables)
        names.push_back(header.full_name(variable));
    EXPECT_THAT(names, ElementsAre("tb.data[7:0]", "tb.up[0:7]", "tb.data[3]", "tb.bit[5]", "tb.i",
                                   "tb.gen[0].mem[2][3:0]", "tb.gen[0].mem[3]", "tb.gen[0].odd\\.name[1]", "p"));
    const auto bits = [&](std::size_t i) {
        return std::pair(header.variables[i].bit(0),
                         header.variables[i].bit(header.values[header.variables[i].code].width - 1));
    };
    EXPECT_EQ(bits(0), std::pair(0, 7));
    EXPECT_EQ(bits(1), std::pair(7, 0));
    EXPECT_EQ(bits(2), std::pair(3, 3));
    EXPECT_EQ(bits(4), std::pair(0, 31));
    EXPECT_EQ(bits(6), std::pair(0, 7));
    EXPECT_EQ(header.variables[0].code, header.variables[7].code);
    EXPECT_EQ(header.variables[0].line, 11u);
    EXPECT_EQ(header.values.size(), 8u);
}

TEST(VcdReader, GivenValuesOfAllKinds_ThenTheyAreExtendedAsTheStandardSays) {
    EXPECT_THAT(
        events_of(
            small_header +
            "#0\n$dumpvars\n0!\nbx \"\nr-1.5 #\n$end\n#10 1! b10 \" #12\nbz1 \"\nbx01 \"\nB1Z0X \"\nX!\nr1e3 #\n"),
        ElementsAre("0 [vars]", "0 a=0", "0 v=xxxx", "0 r=-1.500000", "0 [end]", "10 a=1", "10 v=0010", "12 v=zzz1",
                    "12 v=xx01", "12 v=1z0x", "12 a=x", "12 r=1000.000000"));
}

TEST(VcdReader, GivenDumpSections_ThenTheyAreEventsAndCommentsAreNot) {
    EXPECT_THAT(
        events_of(small_header +
                  "$comment 1! b0 \" $end\n#1\n1!\n#5\n$dumpoff\nx!\n$end\n#7 $dumpon 0! $end\n$dumpall 0! $end"),
        ElementsAre("1 a=1", "5 [off]", "5 a=x", "5 [end]", "7 [on]", "7 a=0", "7 [end]", "7 [all]", "7 a=0",
                    "7 [end]"));
}

TEST(VcdReader, GivenChangesBeforeAnyTime_ThenTheyAreAtZero) {
    EXPECT_THAT(events_of(small_header + "$dumpvars 1! $end\n#3 0!"),
                ElementsAre("0 [vars]", "0 a=1", "0 [end]", "3 a=0"));
}

TEST(VcdReader, GivenValuesOfEveryWidth_ThenBothPlanesAreRight) {
    // Digits one by one against the reader's eight at a time, left extension included.
    std::mt19937 random(7);
    for (std::uint32_t width : {1u, 2u, 7u, 8u, 9u, 63u, 64u, 65u, 127u, 128u, 129u, 300u})
        for (int i = 0; i < 60; ++i) {
            const std::size_t count = i == 0 ? width : 1 + random() % width;
            std::string value;
            for (std::size_t d = 0; d < count; ++d)
                value += i % 3 == 0 ? "01"[random() % 2] : "0101010101xz"[random() % 12];
            const char first = value.front();
            std::string expected(width - count, first == '1' ? '0' : first);
            expected += value;
            const std::string range = width > 1 ? " [" + std::to_string(width - 1) + ":0]" : "";
            EXPECT_THAT(events_of("$var wire " + std::to_string(width) + " ! v" + range +
                                  " $end $enddefinitions $end b" + value + " !"),
                        ElementsAre("0 v=" + expected));
        }
}

TEST(VcdReader, GivenManyCodesOfEveryLength_ThenEachFindsItsVariable) {
    std::string text;
    std::vector<std::string> expected;
    const std::vector<std::string> codes = {"!",   "~",   "!!",   "!\"", "~~",        "abc",
                                            "!!!", "~~~", "abcd", "<0>", "long_code", "n1234567890"};
    for (std::size_t i = 0; i < codes.size(); ++i)
        text += "$var wire 1 " + codes[i] + " s" + std::to_string(i) + " $end\n";
    text += "$enddefinitions $end\n";
    for (std::size_t i = codes.size(); i-- > 0;) {
        text += "1" + codes[i] + "\n";
        expected.push_back("0 s" + std::to_string(i) + "=1");
    }
    EXPECT_EQ(events_of(text), expected);
}

// As they come out of other tools: order of sections, blanks, ranges and codes differ.
TEST(VcdReader, GivenFilesInTheStylesOfOtherTools_ThenAllAreRead) {
    const std::string icarus =
        "$date\n\tFri Nov 20 10:00:00 2026\n$end\n$version\n\tIcarus Verilog\n$end\n$timescale\n\t1ps\n$end\n"
        "$scope module tb $end\n$var wire 4 ! q [3:0] $end\n$var reg 1 \" clk $end\n$scope module dut $end\n"
        "$var wire 1 \" clk $end\n$upscope $end\n$upscope $end\n$enddefinitions $end\n#0\n$dumpvars\n0\"\nbx !\n"
        "$end\n#5\n1\"\nb0 !\n#10\n0\"\n";
    EXPECT_THAT(events_of(icarus),
                ElementsAre("0 [vars]", "0 clk=0", "0 q=xxxx", "0 [end]", "5 clk=1", "5 q=0000", "10 clk=0"));
    const std::string verilator =
        "$version Generated by VerilatedVcd $end\n$date Fri Nov 20 10:00:00 2026\n $end\n$timescale   1ps $end\n\n"
        " $scope module TOP $end\n  $var wire  1 # clk $end\n  $scope module t $end\n   $var wire  8 $ cnt [7:0] $end\n"
        "   $var wire 32 % mem[0] [31:0] $end\n  $upscope $end\n $upscope $end\n$enddefinitions $end\n\n\n#0\n0#\n"
        "b00000000 $\nb00000000000000000000000000000001 %\n#5\n1#\nb00000001 $\n";
    EXPECT_THAT(events_of(verilator), ElementsAre("0 clk=0", "0 cnt=00000000", "0 mem[0]=" + std::string(31, '0') + "1",
                                                  "5 clk=1", "5 cnt=00000001"));
    const std::string fst2vcd =
        "$date\n\tToday\n$end\n$version\n\tfstWriter\n$end\n$timescale\n\t1ns\n$end\n$scope module tb $end\n"
        "$attrbegin misc 02 u8 1 $end\n$var wire 8 ! data[7:0] $end\n$var real 1 \" volts $end\n"
        "$var string 1 # state $end\n$upscope $end\n$enddefinitions $end\n$dumpvars\nbuwlh-01x !\nr0 \"\nsIDLE "
        "#\n$end\n"
        "#2\nb1010 !\nr0.25 \"\nsRUN #\n";
    EXPECT_THAT(events_of(fst2vcd), ElementsAre("0 [vars]", "0 data=xx01x01x", "0 volts=0.000000", "0 state=text",
                                                "0 [end]", "2 data=00001010", "2 volts=0.250000", "2 state=text"));
}

TEST(VcdReader, GivenErrorsInTheHeader_ThenPlaceAndExpectationAreNamed) {
    EXPECT_THAT(error_of("hello"), HasSubstr("t.vcd:1:1: `hello` in the header, expected a section"));
    EXPECT_THAT(error_of(""), HasSubstr("expected $enddefinitions"));
    EXPECT_THAT(error_of("$timescale 1ns $end\n$var wire 1 ! a $end\n"),
                HasSubstr("t.vcd:3:1: the file ends in its header, expected $enddefinitions"));
    EXPECT_THAT(error_of("$timescale 5ns $end"), HasSubstr("t.vcd:1:16: time scale `5ns`, expected 1, 10 or 100"));
    EXPECT_THAT(error_of("$timescale 1 parsec $end"), HasSubstr("time scale `1 parsec`"));
    EXPECT_THAT(error_of("$timescale 1ns $end $timescale 1ns $end"), HasSubstr("second $timescale"));
    EXPECT_THAT(error_of("$scope module a $end\n$enddefinitions $end"),
                HasSubstr("t.vcd:2:1: 1 scopes are still open"));
    EXPECT_THAT(error_of("$upscope $end"), HasSubstr("outside all scopes"));
    EXPECT_THAT(error_of("$scope $end"), HasSubstr("$scope without a name"));
    EXPECT_THAT(error_of("$var wire\n0 ! a $end"),
                HasSubstr("t.vcd:2:7: width `0` of a `wire`, expected 1 to 1048576"));
    EXPECT_THAT(error_of("$var wire x ! a $end"), HasSubstr("width `x` of a `wire`, expected 1 to 1048576"));
    EXPECT_THAT(error_of("$var wire 1048577 ! a $end"), HasSubstr("expected 1 to 1048576 bits"));
    EXPECT_THAT(error_of("$var wire 99999999999999999999 ! a $end"), HasSubstr("expected 1 to 1048576 bits"));
    EXPECT_THAT(error_of("$var wire 1 ! $end"), HasSubstr("$var without a name"));
    EXPECT_THAT(error_of("$var wire 1 ! a $end\n$var wire 2 ! b $end"),
                HasSubstr("t.vcd:2:17: identifier code `!` is declared again with 2 bits"));
    EXPECT_THAT(error_of("$var wire 64 ! a $end\n$var real 64 ! b $end"),
                HasSubstr("declared again with another type"));
    std::string scopes, wide;
    for (int i = 0; i < 257; ++i)
        scopes += "$scope module s $end\n";
    EXPECT_THAT(error_of(scopes), HasSubstr("t.vcd:257:1: more than 256 scopes"));
    for (int i = 0; i < 65; ++i)
        wide += "$var wire 1048576 c" + std::to_string(i) + " a $end\n";
    EXPECT_THAT(error_of(wide), HasSubstr("t.vcd:65:"));
    EXPECT_THAT(error_of(wide), HasSubstr("bits together"));
}

TEST(VcdReader, GivenErrorsInTheChanges_ThenPlaceAndExpectationAreNamed) {
    const auto error = [](const std::string& text) { return error_of(small_header + text); };
    EXPECT_THAT(error("#5\n#4\n"), HasSubstr("t.vcd:9:1: time goes back from 5 to 4"));
    EXPECT_THAT(error("#-4"), HasSubstr("t.vcd:8:1: time `-4`, expected a whole number"));
    EXPECT_THAT(error("#"), HasSubstr("expected a whole number"));
    EXPECT_THAT(error("#12.5"), HasSubstr("expected a whole number"));
    EXPECT_THAT(error("#18446744073709551616"), HasSubstr("too large"));
    EXPECT_THAT(error("#0\n1%"), HasSubstr("t.vcd:9:1: identifier code `%` is not declared"));
    EXPECT_THAT(error("#0\n1toolong"), HasSubstr("`toolong` is not declared"));
    EXPECT_THAT(error("#0\n1"), HasSubstr("without identifier code"));
    EXPECT_THAT(error("#0\nb10111 \""), HasSubstr("t.vcd:9:8: a value of 5 bits for a variable of 4"));
    EXPECT_THAT(error("b" + std::string(65, '1') + " \""), HasSubstr("a value of 65 bits for a variable of 4"));
    EXPECT_THAT(error("b1 #"), HasSubstr("is a real, expected `r`"));
    EXPECT_THAT(error("1#"), HasSubstr("is a real"));
    EXPECT_THAT(error("r1 !"), HasSubstr("expected `b`"));
    EXPECT_THAT(error("r1x #"), HasSubstr("expected a real number"));
    EXPECT_THAT(error("b12 \""), HasSubstr("expected digits 0, 1, x, z"));
    EXPECT_THAT(error("b \""), HasSubstr("without digits"));
    EXPECT_THAT(error("b101"), HasSubstr("a value without identifier code"));
    EXPECT_THAT(error("#0\n$dumpvars\n0!\n"), HasSubstr("the file ends in $dumpvars, expected $end"));
    EXPECT_THAT(error("$dumpvars $dumpoff"), HasSubstr("$dumpoff inside $dumpvars"));
    EXPECT_THAT(error("$end"), HasSubstr("outside a section"));
    EXPECT_THAT(error("$comment a"), HasSubstr("the file ends in a section"));
    EXPECT_THAT(error("$scope module x $end"), HasSubstr("behind $enddefinitions"));
    EXPECT_THAT(error("$dumpports pU 0 6 !"), HasSubstr("extended form"));
    EXPECT_THAT(error("q!"), HasSubstr("t.vcd:8:1: `q!`, expected a time"));
}

struct Lenient {
    std::vector<std::string> problems, events;
    VcdHeader header;
};

/// What a file gives where oddities go to a listener.
Lenient lenient(const std::string& text) {
    Lenient result;
    TextInput in("t.vcd", text);
    in.set_listener([&](const std::string& what) { result.problems.push_back(what); });
    result.events = events_of(in, &result.header);
    return result;
}

TEST(VcdReader, GivenAListener_ThenWhatDoesNotFitCostsOnlyItself) {
    const Lenient read = lenient(small_header + "#5 1! #4 0% 0! b10111 \" b10100 \" r1 ! #6 b1 \" q! 2 b12 \" 1");
    EXPECT_THAT(read.problems, ElementsAre(HasSubstr("goes back"), HasSubstr("not declared"),
                                           HasSubstr("a value of 5 bits"), HasSubstr("expected `b`"),
                                           HasSubstr("`q!`, expected a time"), HasSubstr("`2`, expected a time"),
                                           HasSubstr("expected digits"), HasSubstr("without identifier code")));
    EXPECT_THAT(read.events, ElementsAre("5 a=1", "5 a=0", "5 v=0111", "5 v=0100", "6 v=0001"));
}

TEST(VcdReader, GivenVariablesWithoutAUsableWidth_ThenTheRestOfTheFileIsRead) {
    const Lenient read = lenient(
        "$timescale 1ps $end\n$scope module m $end\n$var parameter 0 ! GAIN $end\n$var wire 0 % none $end\n"
        "$var event 0 & tick $end\n$var wire x ' odd $end\n$var reg 1 \" clk $end\n$var real 0 ( r $end\n"
        "$upscope $end\n$enddefinitions $end\n#0\n$dumpvars\nr2.5 !\nb %\n0\"\nr1 (\n$end\n#10\n1\"\nb0 %\n1&\nx'\n");
    EXPECT_THAT(read.problems, ElementsAre(HasSubstr("t.vcd:3:"), HasSubstr("t.vcd:4:"), HasSubstr("t.vcd:5:"),
                                           HasSubstr("t.vcd:6:")));
    EXPECT_THAT(read.events, ElementsAre("0 [vars]", "0 clk=0", "0 r=1.000000", "0 [end]", "10 clk=1"));
}

TEST(VcdReader, GivenSectionsWithoutEndAndEndsWithoutSection_ThenTheRestOfTheFileIsRead) {
    const Lenient read = lenient(
        "$timescale 1ns\n$scope module m\n$var wire 1 ! a\n$var wire 1 \" b $end $end\n$upscope\n"
        "$enddefinitions\n#0 $dumpvars 0! 0\" #3 1! $end $end #4 1\" $dumpall 1! 1\" ");
    EXPECT_EQ(read.header.variables.size(), 2u);
    EXPECT_EQ(read.header.timescale.text(), "1ns");
    EXPECT_THAT(read.events,
                ElementsAre("0 [vars]", "0 a=0", "0 b=0", "3 a=1", "3 [end]", "4 b=1", "4 [all]", "4 a=1", "4 b=1"));
    EXPECT_EQ(read.problems.size(), 8u);
}

TEST(VcdReader, GivenCommentsInOddPlaces_ThenTheyChangeNothing) {
    const std::string c = "$comment #9 1! $scope $end ";
    const std::string text = c + "$timescale " + c + "1ns $end " + c + "$scope module " + c + "m $end $var wire " + c +
                             "1 ! a $end " + c + "$upscope $end $enddefinitions $end " + c + "#0 " + c + "$dumpvars " +
                             c + "0! " + c + "$end " + c + "#5 1! " + c;
    EXPECT_THAT(events_of(text), ElementsAre("0 [vars]", "0 a=0", "0 [end]", "5 a=1"));
}

TEST(VcdReader, GivenOtherTimeScales_ThenTimesAreInAUsualOne) {
    const auto read = [](const std::string& scale) {
        const Lenient file =
            lenient("$timescale " + scale + " $end $var wire 1 ! a $end $enddefinitions $end #0 0! #3 1!");
        return file.header.timescale.text() + " " + file.events.at(1) + " " + std::to_string(file.problems.size());
    };
    EXPECT_EQ(read("1 ns"), "1ns 3 a=1 0");
    EXPECT_EQ(read("100 PS"), "100ps 3 a=1 0");
    EXPECT_EQ(read("2 ns"), "1ns 6 a=1 1");
    EXPECT_EQ(read("50us"), "10us 15 a=1 1");
    EXPECT_EQ(read("0.5 ns"), "100ps 15 a=1 1");
    EXPECT_EQ(read("1.0ns"), "1ns 3 a=1 0");
    EXPECT_EQ(read("1e3 ps"), "1ns 3 a=1 1");
    EXPECT_EQ(read("ns"), "1ns 3 a=1 1");
    EXPECT_THAT(lenient("$timescale 2 s $end $var wire 1 ! a $end $enddefinitions $end #9999999999999999999").problems,
                ElementsAre(HasSubstr("times are taken in 1s"), HasSubstr("too large")));
}

TEST(VcdReader, GivenEscapedAndOddNames_ThenTheyAreSingleNames) {
    const VcdHeader header = header_of(
        "$scope module \\u.x[1] $end $scope begin gen blk $end $var wire 1 ! \\q/r $end $var wire 8 \" my sig [7:0] "
        "$end\n"
        "$var wire 4 # d [3 : 0] $end $var wire 1 $ \\name\\ $end $upscope $end $upscope $end $enddefinitions $end");
    std::vector<std::string> names;
    for (const VcdVariable& variable : header.variables)
        names.push_back(header.full_name(variable));
    EXPECT_THAT(names, ElementsAre("u\\.x[1].gen blk.q/r", "u\\.x[1].gen blk.my sig[7:0]", "u\\.x[1].gen blk.d[3:0]",
                                   "u\\.x[1].gen blk.\\\\name\\\\"));
}

TEST(VcdReader, GivenAnExtendedFile_ThenTheErrorSaysSo) {
    for (const char* variable : {"$var port 1 <0 clk $end", "$var port [3:0] <1 data $end"})
        EXPECT_THAT(error_of(std::string("$timescale 1ns $end $scope module t $end ") + variable),
                    HasSubstr("the extended form of VCD ($dumpports) is not read"));
}

TEST_F(VcdReaderFile, GivenAGzipFile_ThenItReadsAsThePlainOne) {
    std::string text = small_header;
    for (int t = 0; t < 20'000; ++t)
        text += "#" + std::to_string(t) + "\n" + (t % 2 ? "1!\n" : "0!\n") + "b" + (t % 3 ? "101 \"\n" : "1x \"\n");
    TextOutput out(path("t.vcd.gz"));
    out.write(text);
    out.close();
    TextInput packed(path("t.vcd.gz"));
    const auto events = events_of(packed);
    EXPECT_EQ(events.size(), 40'000u);
    EXPECT_EQ(events, events_of(text));
    TextInput cut(write("cut.vcd.gz", read_file(path("t.vcd.gz")).substr(0, 4000)));
    EXPECT_THROW(events_of(cut), UnreadableInput);
}

TEST_F(VcdReaderFile, GivenFst2vcd_ThenARoundTripThroughFstKeepsAllChanges) {
    if (std::system("command -v vcd2fst fst2vcd > /dev/null") != 0)
        GTEST_SKIP() << "vcd2fst and fst2vcd are not installed";
    std::string text =
        "$timescale 1ps $end\n$scope module top $end\n$scope module u $end\n$var wire 1 ! bit $end\n$var wire 70 \" "
        "wide [69:0] $end\n"
        "$upscope $end\n$var real 64 # volts $end\n$upscope $end\n$enddefinitions $end\n#0\n$dumpvars\n0!\nb0 \"\nr0 "
        "#\n$end\n";
    std::mt19937 random(3);
    for (int t = 1; t < 300; ++t) {
        std::string value = "1";
        for (int d = 1; d < 70; ++d)
            value += "01"[random() % 2];
        text += "#" + std::to_string(10 * t) + "\n" + (t % 2 ? "1!\n" : "0!\n") + "b" + value + " \"\nr" +
                std::to_string(0.125 * t) + " #\n";
    }
    write("a.vcd", text);
    ASSERT_EQ(std::system(("cd " + folder_.string() +
                           " && vcd2fst a.vcd a.fst > /dev/null && fst2vcd -f a.fst -o b.vcd > /dev/null")
                              .c_str()),
              0);
    TextInput in(path("b.vcd"));
    auto expected = events_of(text), read = events_of(in);
    // Within one time the order is the tool's own.
    for (auto* events : {&expected, &read}) {
        events->erase(std::remove_if(events->begin(), events->end(),
                                     [](const std::string& e) { return e.find('[') != std::string::npos; }),
                      events->end());
        std::sort(events->begin(), events->end());
    }
    EXPECT_EQ(read, expected);
}

}  // namespace
}  // namespace xloop::trace
