#include "tests/apps/command_line.hpp"

#include <algorithm>
#include <string>

namespace xloop {
namespace {

using testing::HasSubstr;

const std::string configs = std::string(XLOOP_SOURCE_DIR) + "/configs";
const std::string tiles = configs + "/tiles/standard.yaml";

class AdviseCommand : public test::CommandLine {};

TEST_F(AdviseCommand, GivenProducts_ThenTextCsvAndJsonTellOfEachOnEachTile) {
    const test::Outcome text = good({"advise", "4x64x128", "1x16x64", "--tiles", tiles, "--csv", "all.csv", "--costs"});
    EXPECT_THAT(text.out,
                AllOf(HasSubstr("4x64x128: "), HasSubstr("1x16x64: "), HasSubstr("digital 8 x 8 bits, generic_32nm")));
    const std::string csv = read("all.csv");
    EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), 1 + 2 * 4);
    EXPECT_THAT(csv, HasSubstr("gain_kept,gain_instead_of_fetching,gain_changing,break_even_on_chip"));
    const Json json = good({"advise", "4x64x128", "--tiles", tiles, "--json"}).json();
    const Json& list = json["lists"][0];
    EXPECT_EQ(list["products"][0]["macs"], 4 * 64 * 128);
    EXPECT_EQ(list["tiles"].size(), 4u);
    for (const Json& tile : list["tiles"]) {
        const double gain = tile["digital_resident_energy_j"].get<double>() / tile["resident_energy_j"].get<double>();
        EXPECT_NEAR(tile["gain_kept"].get<double>(), gain, 1e-9 * gain);
    }
}

TEST_F(AdviseCommand, GivenANetworkAndATileMore_ThenItsLayersAreToldOfOnIt) {
    const Json json = good({"advise", configs + "/networks/lenet5.yaml", "--tiles", tiles, "--add",
                            configs + "/hw/reram_128x128.yaml," + configs + "/tech/generic_32nm.yaml", "--json"})
                          .json();
    EXPECT_EQ(json["lists"][0]["products"].size(), 5u);
    EXPECT_EQ(json["lists"][0]["totals"].back()["tile"], "reram_128x128");
}

TEST_F(AdviseCommand, GivenAnyFolder_ThenTheProgramsOwnFilesAreFound) {
    EXPECT_THAT(good({"advise", "4x64x128"}).out, HasSubstr("4x64x128"));
    EXPECT_THAT(good({"estimate", "configs/experiments/one_layer.yaml"}).out, HasSubstr("one image alone"));
}

TEST_F(AdviseCommand, GivenWhatIsNoProduct_ThenItSaysWhatWasExpected) {
    expect_refused({"advise", "512x1024", "--tiles", tiles}, {"512x1024", "MxNxK"});
    expect_refused({"advise", "4x4x4", "--tiles", "missing.yaml"}, {"missing.yaml"});
    expect_refused({"advise", "4x4x4", "--tiles", tiles, "--add", "one.yaml"}, {"HARDWARE,COST_TABLE"});
    expect_refused({"advise", "4x4x4", "--tiles", tiles, "-s", "adc.bits_by_column=true"}, {"adc.bits_by_column"});
    write("tiles.yaml", "tiles:\n  - {name: a, hardware: a.yaml, cost_table: b.yaml}\n");
    expect_refused({"advise", "4x4x4", "--tiles", "tiles.yaml"}, {"tiles.yaml: baseline"});
}

}  // namespace
}  // namespace xloop
