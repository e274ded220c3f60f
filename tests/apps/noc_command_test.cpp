#include "tests/apps/command_line.hpp"

#include <chrono>
#include <string>
#include <thread>
#include <vector>

namespace xloop {
namespace {

using testing::HasSubstr;

class NocCommand : public test::CommandLine {};

TEST_F(NocCommand, GivenASweepOfMoreThanAThousandPoints_ThenItIsRefusedHoweverSmallItsSteps) {
    for (const char* sweep : {"1e-13:2e-13:1e-16", "1e-13:2e-13:1e-17", "0.1:0.9:1e-5", "0.1:0.2:1e-300", "1:0.5:0.1"})
        expect_refused({"noc", "--mesh", "2x2", "--sweep", sweep}, {"--sweep", sweep, "at most 1000 points"});
}

TEST_F(NocCommand, GivenASweep_ThenItsLastPointIsTheGivenOne) {
    const Json json = good({"noc", "--mesh", "2x2", "--sweep", "0.1:0.3:0.1", "--json"}).json();
    ASSERT_EQ(json["points"].size(), 3u);
    EXPECT_NEAR(json["points"][2]["offered_flit_rate"].get<double>(), 0.3, 1e-12);
}

TEST_F(NocCommand, GivenALoadOfNoPacket_ThenItIsNeitherStableNorHasItALatency) {
    const std::vector<std::string> words = {"noc", "--mesh", "2x2", "--injection-rate", "1e-13"};
    EXPECT_THAT(good(words).out, testing::Not(HasSubstr("yes")));
    std::vector<std::string> with_json = words;
    with_json.emplace_back("--json");
    const Json json = good(with_json).json();
    EXPECT_TRUE(json["stable"].is_null());
    EXPECT_TRUE(json["packet_latency_avg_cycles"].is_null());
    EXPECT_EQ(json["packets"], 0);
}

TEST_F(NocCommand, GivenCtrlCInALargeNetwork_ThenTheRunEndsWithinSeconds) {
    const test::Process process = start({"noc", "--mesh", "128x128", "--injection-rate", "1", "--packet-flits", "5"});
    std::this_thread::sleep_for(std::chrono::seconds(1));
    const auto asked = std::chrono::steady_clock::now();
    process.signal(SIGINT);
    EXPECT_EQ(process.wait().code, 130);
    EXPECT_LT(std::chrono::steady_clock::now() - asked, std::chrono::seconds(10)) << "sanitizers and busy machines";
}

}  // namespace
}  // namespace xloop
