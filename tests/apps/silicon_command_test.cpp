#include "tests/apps/command_line.hpp"

#include <string>
#include <vector>

namespace xloop {
namespace {

using testing::HasSubstr;

const std::string chips = std::string(XLOOP_SOURCE_DIR) + "/configs/silicon";

class SiliconCommand : public test::CommandLine {};

TEST_F(SiliconCommand, GivenOneChip_ThenTableCsvAndJsonTellTheSameFigures) {
    const test::Outcome text = good({"silicon", chips + "/neurram.yaml", "--csv", "figures.csv"});
    EXPECT_THAT(text.out, AllOf(HasSubstr("NeuRRAM"), HasSubstr("median factor")));
    const Json json = good({"silicon", chips + "/neurram.yaml", "--json"}).json();
    const std::string csv = read("figures.csv");
    EXPECT_EQ(static_cast<std::size_t>(std::count(csv.begin(), csv.end(), '\n')),
              1 + json["chips"][0]["figures"].size());
    EXPECT_THAT(csv,
                HasSubstr("chip,point,figure,published,unit,blind,blind_ratio,fitted,fitted_ratio,role,basis,source"));
}

TEST_F(SiliconCommand, GivenAFolder_ThenEveryChipOfItIsThere) {
    const Json json = good({"silicon", chips, "--json"}).json();
    const auto files = std::distance(test::fs::directory_iterator(chips), test::fs::directory_iterator());
    EXPECT_EQ(static_cast<std::ptrdiff_t>(json["chips"].size()), files);
    EXPECT_EQ(good({"silicon", "--json"}).json()["chips"].size(), json["chips"].size()) << "that folder is the default";
}

TEST_F(SiliconCommand, GivenPathsWithoutAChip_ThenItSaysWhatIsMissing) {
    test::fs::create_directory(folder_ / "empty");
    expect_refused({"silicon", "empty"}, {"empty: holds no .yaml file of a chip"});
    expect_refused({"silicon", "missing.yaml"}, {"missing.yaml"});
    expect_refused({"silicon", XLOOP_SOURCE_DIR "/configs/hw/silicon/neurram.yaml"}, {"nothing of a chip", "points"});
}

}  // namespace
}  // namespace xloop
