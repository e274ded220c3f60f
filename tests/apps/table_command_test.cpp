#include "core/error.hpp"
#include "core/sqlite.hpp"
#include "tests/apps/command_line.hpp"

#include <chrono>
#include <string>
#include <thread>
#include <vector>

// `search` is a subcommand of xloop-torch.
#if XLOOP_WITH_TORCH
namespace xloop {
namespace {

using testing::HasSubstr;
using testing::Not;

const std::string configs = std::string(XLOOP_SOURCE_DIR) + "/configs/";
const std::string all_pools =
    "|avg_pool_3x3~0|+|avg_pool_3x3~0|avg_pool_3x3~1|+|avg_pool_3x3~0|avg_pool_3x3~1|avg_pool_3x3~2|";

class TableCommand : public test::CommandLine {
protected:
    /// On tiles that hold windows; one cell a stage, 4 channels.
    static std::vector<std::string> words(const std::vector<std::string>& more, const char* size = "8") {
        std::vector<std::string> all = {"-q",
                                        "search",
                                        "table",
                                        "--hardware",
                                        configs + "hw/reram_64x64.yaml",
                                        "--costs",
                                        configs + "tech/generic_32nm.yaml",
                                        "-s",
                                        "mapping.schedule=pipelined",
                                        "--cells",
                                        "1",
                                        "--channels",
                                        "4",
                                        "--size",
                                        size};
        all.insert(all.end(), more.begin(), more.end());
        return all;
    }

    std::int64_t rows_in(const std::string& database) const {
        sqlite::Database opened((folder_ / database).string(), sqlite::Access::read_only);
        sqlite::Statement count = opened.prepare("SELECT count(*) FROM architectures");
        count.step();
        return count.integer(0);
    }
};

TEST_F(TableCommand, GivenASample_ThenCsvJsonAndDatabaseHaveItsRowsAndTheTextSumsUp) {
    const test::Outcome outcome =
        good(words({"--sample", "40", "--seed", "3", "--csv", "t.csv", "--json", "t.json", "--sqlite", "t.sqlite"}));
    EXPECT_THAT(outcome.out, HasSubstr("40 architectures"));
    EXPECT_THAT(outcome.out, HasSubstr("Kendall's tau"));
    EXPECT_THAT(outcome.out, HasSubstr("Largest EDAP"));
    EXPECT_EQ(rows_in("t.sqlite"), 40);
    const Json json = Json::parse(read("t.json"));
    ASSERT_EQ(json["architectures"].size(), 40u);
    EXPECT_EQ(json["settings"]["crossbar.rows"], 64);
    const std::string csv = read("t.csv");
    EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), 41);
    EXPECT_EQ(csv.rfind("arch_index,architecture,connected,problem,benchmark_parameters,", 0), 0u);
    for (const Json& row : json["architectures"])
        EXPECT_THAT(csv,
                    HasSubstr("\n" + row["arch_index"].dump() + "," + row["architecture"].get<std::string>() + ","));
    EXPECT_EQ(good(words({"--sample", "40", "--seed", "3", "--threads", "3", "--csv", "u.csv"})).out, outcome.out);
    EXPECT_EQ(read("u.csv"), csv);
}

TEST_F(TableCommand, GivenAnArchitecture_ThenItsFiguresAreThoseThatEstimateGivesOfItsNetwork) {
    good(words({"--architecture", "123", "--network", "net.yaml", "--json", "t.json"}));
    const Json row = Json::parse(read("t.json"))["architectures"][0];
    const Json estimate = good({"estimate", configs + "experiments/hardware_study.yaml", "--json", "-s",
                                "network=net.yaml", "-s", "mapping.schedule=pipelined", "-s", "simulation.images=1"})
                              .json();
    EXPECT_EQ(row["arrays"], estimate["used_arrays"]);
    EXPECT_EQ(row["tiles"], estimate["tiles"]);
    EXPECT_NEAR(row["edap"].get<double>() / estimate["edap_j_s_mm2"].get<double>(), 1.0, 1e-9);
    EXPECT_NEAR(row["latency_s"].get<double>() / estimate["latency_s"].get<double>(), 1.0, 1e-9);
}

TEST_F(TableCommand, GivenANameInsteadOfANumber_ThenTheRowIsTheSame) {
    const std::string by_number = good(words({"--architecture", "123"})).out;
    EXPECT_EQ(good(words({"--architecture",
                          "|avg_pool_3x3~0|+|avg_pool_3x3~0|nor_conv_1x1~1|+|none~0|avg_pool_3x3~1|nor_conv_3x3~2|"}))
                  .out,
              by_number);
    EXPECT_THAT(by_number, HasSubstr("benchmark_flops"));
}

TEST_F(TableCommand, GivenARunThatIsKilled_ThenTheNextOneGoesOnAndGivesTheSameTable) {
    const test::Process process = start(words({"--sample", "3000", "--sqlite", "t.sqlite"}));
    const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    const auto rows = [&] {
        try {
            return exists("t.sqlite") ? rows_in("t.sqlite") : 0;
        } catch (const Error&) {  // it is being made
            return std::int64_t{0};
        }
    };
    while (rows() == 0 && std::chrono::steady_clock::now() < give_up)
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    process.signal(SIGKILL);
    process.wait();
    EXPECT_GT(rows(), 0);
    EXPECT_LT(rows(), 3000);
    good(words({"--sample", "3000", "--sqlite", "t.sqlite", "--csv", "resumed.csv"}));
    EXPECT_EQ(rows_in("t.sqlite"), 3000);
    good(words({"--sample", "3000", "--csv", "at_once.csv", "--threads", "2"}));
    EXPECT_EQ(read("resumed.csv"), read("at_once.csv"));
}

TEST_F(TableCommand, GivenNetworksThatDoNotFit_ThenTheirRowsSaySoAndTheRunGoesOn) {
    const test::Outcome outcome = good(
        words({"-s", "mapping.schedule=layer_by_layer", "-s", "buffer.bytes=16384", "--sample", "30", "--csv", "t.csv"},
              "32"));
    EXPECT_THAT(outcome.err, HasSubstr("not all networks fit the hardware"));
    EXPECT_THAT(outcome.out, Not(HasSubstr(" 0 that do not fit")));
    EXPECT_THAT(read("t.csv"), HasSubstr("buffer.bytes"));
}

TEST_F(TableCommand, GivenImages_ThenErrorsOfSumsAreMeasured) {
    good(words({"--sample", "5", "--nonideality", "2", "--json", "t.json"}));
    int measured = 0;
    const Json json = Json::parse(read("t.json"));
    for (const Json& row : json["architectures"])
        if (!row["sum_error"].is_null()) {
            ++measured;
            EXPECT_GT(row["sum_error"], 0.0);
        }
    EXPECT_GT(measured, 0);
}

TEST_F(TableCommand, GivenWhatIsWrong_ThenItIsRefused) {
    expect_refused(words({"--architecture", "|none~0|+|skip~0|none~1|+|none~0|none~1|none~2|"}),
                   {"unknown operation `skip`", "expected the form"});
    expect_refused(words({"--architecture", "15625"}), {"expected a number from 0 to 15624"});
    expect_refused(
        words({"-s", "mapping.schedule=layer_by_layer", "-s", "buffer.bytes=16384", "--architecture", all_pools}, "32"),
        {"architecture ", "buffer.bytes"});
    expect_refused(words({"--sample", "3", "--architecture", "5"}), {"either --architecture or --sample"});
    expect_refused(words({}, "10"), {"--size 10", "multiple of 4"});
    expect_refused({"search", "table", "--hardware", "absent.yaml", "--costs", configs + "tech/generic_32nm.yaml"},
                   {"absent.yaml"});
    expect_refused({"search", "table", "--hardware", configs + "hw/reram_64x64.yaml"}, {"needs --costs"});
    expect_refused({"search", "table"}, {"either EXPERIMENT or --hardware"});
    write("text.sqlite", "a text, longer than the head of a database file, which has 100 bytes ..............\n" +
                             std::string(200, '.'));
    expect_refused(words({"--sample", "3", "--sqlite", "text.sqlite"}), {"text.sqlite", "no SQLite database"});
    good(words({"--sample", "3", "--sqlite", "t.sqlite"}));
    expect_refused(words({"--sample", "3", "--sqlite", "t.sqlite", "-s", "adc.bits=7"}),
                   {"adc.bits is 8 there, now 7"});
}

}  // namespace
}  // namespace xloop
#endif
