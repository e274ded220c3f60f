#include "traces/tools/inspect_trace.hpp"

#include <gmock/gmock.h>

namespace xloop::trace {
namespace {

using testing::HasSubstr;

TraceInfo info_of(const std::string& text) {
    TextInput in("t", text);
    return inspect_trace(in);
}

std::string error_of(const std::string& text) {
    try {
        info_of(text);
    } catch (const InputError& e) {
        return e.what();
    }
    return "no error";
}

const std::string vcd =
    "$timescale 1ns $end $scope module m $end $var wire 2 ! d [1:0] $end $scope module u $end $var wire 1 \" e $end\n"
    "$upscope $end $var real 64 # r $end $upscope $end $enddefinitions $end\n"
    "#2 b0 ! 0\" r1 # #4 b11 ! #6 b1 ! #7 b0 ! 1\" #12\n";

TEST(TraceInfo, GivenAVcd_ThenSumsAndMoversAreThoseOfItsChanges) {
    const auto json = info_of(vcd).json(2);
    EXPECT_EQ(json["format"], "VCD");
    EXPECT_EQ(json["file_bytes"], vcd.size());
    EXPECT_EQ(json["signals"], 3);
    EXPECT_EQ(json["bits"], 3);
    EXPECT_EQ(json["reals"], 1);
    EXPECT_EQ(json["scopes"], 2);
    EXPECT_EQ(json["times"], 5);
    EXPECT_EQ(json["first_ns"], 2.0);
    EXPECT_EQ(json["last_ns"], 12.0);
    EXPECT_EQ(json["toggles"], 5);
    EXPECT_EQ(json["toggles_per_ns"], 0.5);
    ASSERT_EQ(json["top_nets"].size(), 2u);
    EXPECT_EQ(json["top_nets"][0]["net"], "m.d[0]");
    EXPECT_EQ(json["top_nets"][0]["duty"], 0.3);
    EXPECT_EQ(json["top_nets"][1]["net"], "m.d[1]");
    EXPECT_EQ(json["top_instances"][0]["instance"], "m");
    EXPECT_EQ(json["top_instances"][0]["toggles"], 4);
    EXPECT_EQ(json["top_instances"][0]["duty"], 0.25);
    EXPECT_EQ(json["top_instances"][1]["toggles"], 1);
}

TEST(TraceInfo, GivenASaif_ThenItsCountsAreSummed) {
    const auto json = info_of(
                          "(SAIFILE (DESIGN \"m\") (TIMESCALE 100 ps) (DURATION 50) (INSTANCE m (NET (a (T1 10) (TC "
                          "4)) (b (TC 1)))))")
                          .json(5);
    EXPECT_EQ(json["format"], "SAIF");
    EXPECT_EQ(json["duration_ns"], 5.0);
    EXPECT_EQ(json["toggles"], 5);
    EXPECT_EQ(json["toggles_per_ns"], 1.0);
    EXPECT_EQ(json["top_nets"][0]["duty"], 0.2);
}

TEST(TraceInfo, GivenActivity_ThenInstancesAndEventsAreSummed) {
    const auto json =
        info_of("start_cycle,end_cycle,instance,event,count\n0,10,m.x,read,5\n0,10,m.y,read,7\n10,15,m.x,write,4\n")
            .json(5);
    EXPECT_EQ(json["format"], "activity CSV");
    EXPECT_EQ(json["windows_with_events"], 2);
    EXPECT_EQ(json["last_cycle"], 15);
    EXPECT_EQ(json["events"], 16);
    EXPECT_EQ(json["top_instances"][0]["instance"], "m.x");
    EXPECT_EQ(json["top_instances"][0]["count"], 9);
    EXPECT_EQ(json["top_events"][0]["count"], 12);
}

TEST(TraceInfo, GivenPower_ThenEnergyIsItsIntegral) {
    const auto classes =
        info_of("start_cycle,end_cycle,start_s,end_s,adc,bus,total_w\n0,10,0,2,1,0.5,1.5\n10,15,2,3,4,0,4\n").json(5);
    EXPECT_EQ(classes["format"], "power CSV");
    EXPECT_EQ(classes["energy_j"], 7.0);
    EXPECT_EQ(classes["peak_w"], 4.0);
    EXPECT_DOUBLE_EQ(classes["mean_w"].get<double>(), 7.0 / 3);
    EXPECT_EQ(classes["top_classes"][0]["class"], "adc");
    EXPECT_EQ(classes["top_classes"][0]["energy_j"], 6.0);
    const auto instances = info_of("start_s,end_s,instance,power_w\n0,2,m.x,1\n0,2,(static),0.5\n2,3,m.x,4\n").json(5);
    EXPECT_EQ(instances["energy_j"], 7.0);
    EXPECT_EQ(instances["top_instances"][0]["energy_j"], 6.0);
}

TEST(TraceInfo, GivenATimeLine_ThenSlicesAreSummedByNameAndCategory) {
    const std::string events = R"([{"ph":"M","name":"process_name","pid":1,"args":{"name":"m"}},
      {"ph":"X","name":"read","cat":"operation","pid":1,"tid":1,"ts":1.5,"dur":2,"args":{"name":"other","ts":99,"nested":{"dur":7}}},
      {"ph":"X","name":"read","cat":"operation","pid":1,"tid":2,"ts":4,"dur":1.25},
      {"ph":"X","name":"wait","cat":"stall","pid":1,"tid":2,"ts":6,"dur":1},
      {"ph":"C","name":"queue","pid":1,"tid":2,"ts":9,"args":{"value":3}}])";
    for (const std::string& text :
         {events, R"({"displayTimeUnit":"ns","other":[{"ph":"X","ts":50}],"traceEvents":)" + events + "}"}) {
        const auto json = info_of(text).json(5);
        EXPECT_EQ(json["format"], "timeline JSON");
        EXPECT_EQ(json["slices"], 3);
        EXPECT_EQ(json["counters"], 1);
        EXPECT_EQ(json["tracks"], 2);
        EXPECT_EQ(json["first_us"], 1.5);
        EXPECT_EQ(json["last_us"], 9.0);
        EXPECT_EQ(json["top_categories"][0]["category"], "operation");
        EXPECT_EQ(json["top_categories"][0]["time_us"], 3.25);
        EXPECT_EQ(json["top_slices"][0]["count"], 2);
    }
}

TEST(TraceInfo, GivenTextAndCsv_ThenTheyHoldTheSame) {
    const TraceInfo info = info_of(vcd);
    EXPECT_THAT(info.text(1), HasSubstr("nets (1 of 3)"));
    EXPECT_THAT(info.text(1), HasSubstr("m.d[0]\n"));
    const std::string csv = info.csv();
    EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), 1 + 5 * (3 + 2));
    EXPECT_THAT(csv, HasSubstr("table,name,quantity,value\nnets,m.d[0],bits,1\nnets,m.d[0],toggles,2\n"));
}

TEST(TraceInfo, GivenBadFiles_ThenPlaceAndExpectationAreNamed) {
    EXPECT_THAT(error_of(""), HasSubstr("t: the file is empty"));
    EXPECT_THAT(error_of("\x01"), HasSubstr("expected VCD, SAIF, CSV or JSON"));
    EXPECT_THAT(error_of("a,b,c\n"), HasSubstr("start_cycle,end_cycle,instance,event,count"));
    EXPECT_THAT(error_of("start_cycle,end_cycle,instance,event,count\n0,10,m,read\n"),
                HasSubstr("t:2: 4 cells; expected 5"));
    EXPECT_THAT(error_of("start_cycle,end_cycle,instance,event,count\n0,10,m,read,x\n"),
                HasSubstr("t:2: count is `x`; expected a whole number"));
    EXPECT_THAT(error_of("start_cycle,end_cycle,instance,event,count\n20,10,m,read,1\n"),
                HasSubstr("end_cycle is before"));
    EXPECT_THAT(error_of("start_s,end_s,instance,power_w\n0,1,m,watt\n"), HasSubstr("expected a number"));
    EXPECT_THAT(error_of("{\"a\": 1}"), HasSubstr("traceEvents"));
    EXPECT_THAT(error_of("{\"traceEvents\": [\n{\"ph\": }"), HasSubstr("t:2:"));
    EXPECT_THAT(error_of("[{\"ph\": \"X\""), HasSubstr("no JSON"));
}

}  // namespace
}  // namespace xloop::trace
