#include "core/sqlite.hpp"
#include "tests/apps/command_line.hpp"

#include <cmath>
#include <string>
#include <vector>

namespace xloop {
namespace {

using testing::HasSubstr;
using testing::Not;

const std::string study = std::string(XLOOP_SOURCE_DIR) + "/configs/experiments/one_layer.yaml";

class SweepCommand : public test::CommandLine {
protected:
    static std::vector<std::string> words(const std::vector<std::string>& more) {
        std::vector<std::string> all = {"-q", "sweep", study, "--out", "swept"};
        all.insert(all.end(), more.begin(), more.end());
        return all;
    }
    test::Outcome sweep(const std::vector<std::string>& more) const { return xloop(words(more)); }
};

TEST_F(SweepCommand, PointsHaveTheFiguresOfTheCommandItself) {
    const Json found =
        sweep({"-s", "adc.bits=6,8", "-s", "adc.columns_per_adc=8:32:*2", "-s", "simulation.images=1:2", "--json"})
            .json();
    ASSERT_EQ(found["points"].size(), 12u);
    for (const int i : {0, 5, 11}) {
        const Json& point = found["points"][static_cast<std::size_t>(i)];
        std::vector<std::string> alone = {"estimate", study, "--json"};
        for (const auto& [key, value] : point["settings"].items())
            alone.insert(alone.end(), {"-s", key + "=" + value.get<std::string>()});
        const Json report = xloop(alone).json();
        EXPECT_EQ(point["figures"]["latency_s"], report["latency_s"]) << i;
        EXPECT_EQ(point["figures"]["edap"], report["alone"]["edap_j_s_mm2"]) << i;
        EXPECT_EQ(point["figures"]["area_mm2"], report["area_mm2"]["total"]) << i;
    }
}

TEST_F(SweepCommand, OfTheCycleModelHasItsFigures) {
    const Json estimated = sweep({"-s", "adc.bits=6,8", "--json"}).json();
    const Json simulated = sweep({"-s", "adc.bits=6,8", "--do", "simulate", "--workers", "2", "--json"}).json();
    ASSERT_EQ(simulated["points"].size(), 2u);
    for (std::size_t i = 0; i < 2; ++i) {
        const Json alone = xloop({"simulate", study, "--json", "-s", i == 0 ? "adc.bits=6" : "adc.bits=8"}).json();
        EXPECT_EQ(simulated["points"][i]["figures"]["edap"], alone["alone"]["edap_j_s_mm2"]);
        EXPECT_NEAR(simulated["points"][i]["figures"]["latency_s"].get<double>(),
                    estimated["points"][i]["figures"]["latency_s"].get<double>(),
                    0.05 * estimated["points"][i]["figures"]["latency_s"].get<double>());
    }
}

TEST_F(SweepCommand, TellsWhatDoesNotFitAndGoesOn) {
    const test::Outcome outcome = sweep({"-s", "adc.bits=99,8", "-s", "buffer.bytes=64,65536", "--csv"});
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    EXPECT_THAT(outcome.out, HasSubstr("adc.bits"));
    const Json found = Json::parse(read("swept/sweep.json"));
    ASSERT_EQ(found["points"].size(), 4u);
    EXPECT_THAT(found["points"][1]["failure"].get<std::string>(), HasSubstr("adc.bits"));
    EXPECT_THAT(found["points"][2]["failure"].get<std::string>(), HasSubstr("buffer.bytes"));
    EXPECT_TRUE(found["points"][3]["failure"].is_null());
    EXPECT_TRUE(found["points"][3]["front"].get<bool>());
    const test::Outcome none = sweep({"-s", "adc.bits=98,99"});
    EXPECT_EQ(none.code, 2);
    EXPECT_THAT(none.err, HasSubstr("no point could be judged"));
}

TEST_F(SweepCommand, WarnsOfNumbersThatDoNotFollowTheHardware) {
    const std::string isaac = std::string(XLOOP_SOURCE_DIR) + "/configs/experiments/isaac_step.yaml";
    const Json found = xloop({"-q", "sweep", isaac, "-s", "adc.bits=6,8", "--json"}).json();
    ASSERT_EQ(found["points"][0]["warnings"].size(), 1u);
    EXPECT_TRUE(found["points"][1]["warnings"].empty());
    EXPECT_THAT(found["warnings"][0].get<std::string>(), HasSubstr("conversion"));
}

TEST_F(SweepCommand, WritesAStoreThatSqlCanAsk) {
    ASSERT_EQ(sweep({"-s", "adc.bits=4:8", "--sample", "one", "--store", "own.sqlite"}).code, 0);
    sqlite::Database database((folder_ / "own.sqlite").string(), sqlite::Access::read_only);
    sqlite::Statement ask =
        database.prepare("SELECT count(*), min(\"adc.bits\"), max(energy_j) FROM points WHERE failure IS NULL");
    ASSERT_TRUE(ask.step());
    EXPECT_EQ(ask.integer(0), 5);
    EXPECT_EQ(ask.integer(1), 4);
    EXPECT_GT(ask.real(2), 0);
    EXPECT_FALSE(test::fs::exists(folder_ / "swept/sweep.sqlite"));
}

TEST_F(SweepCommand, SameBytesWhoeverWorksAndAgain) {
    const std::vector<std::string> what = {"-s",       "adc.bits=4:8", "-s", "crossbar.rows,crossbar.cols=32:128:*2",
                                           "--sample", "latin:12"};
    const auto with = [&](std::vector<std::string> more) {
        std::vector<std::string> all = what;
        all.insert(all.end(), more.begin(), more.end());
        EXPECT_EQ(sweep(all).code, 0);
        return read_file((folder_ / "swept/sweep.json").string()) + read_file((folder_ / "swept/sweep.csv").string());
    };
    const std::string alone = with({});
    EXPECT_EQ(with({}), alone);
    EXPECT_EQ(with({"--fresh", "--workers", "2"}), alone);
    EXPECT_NE(with({"--seed", "2", "--fresh"}), alone);
}

TEST_F(SweepCommand, RefusesBadInput) {
    const auto complaint = [&](const std::vector<std::string>& more) {
        const test::Outcome outcome = sweep(more);
        EXPECT_EQ(outcome.code, 2) << outcome.err;
        return outcome.err;
    };
    EXPECT_THAT(complaint({}), HasSubstr("nothing to sweep"));
    EXPECT_THAT(complaint({"-s", "adc.bits=8"}), HasSubstr("nothing to sweep"));
    EXPECT_THAT(complaint({"-s", "adc.bit=4:8"}), HasSubstr("adc.bit"));
    EXPECT_THAT(complaint({"-s", "adc.bits=4:8", "--front", "edpa"}), HasSubstr("did you mean `edap`?"));
    EXPECT_THAT(complaint({"-s", "adc.bits=4:8", "--do", "guess"}), HasSubstr("estimate"));
    EXPECT_THAT(complaint({"-s", "adc.bits=4:8", "--sample", "many"}), HasSubstr("latin:N"));
    EXPECT_THAT(complaint({"-s", "adc.bits=4:8", "--points", "none.csv"}), HasSubstr("--points gives all values"));
    EXPECT_THAT(complaint({"--points", "none.csv"}), HasSubstr("none.csv"));
    EXPECT_THAT(complaint({"-s", "adc.bits=4:8", "--do", "eval"}), HasSubstr("--trained FOLDER"));
}

}  // namespace
}  // namespace xloop
