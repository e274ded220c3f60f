#include "tests/apps/command_line.hpp"

#include <cstdlib>
#include <string>
#include <vector>

namespace xloop {
namespace {

using testing::HasSubstr;

const std::string study = std::string(XLOOP_SOURCE_DIR) + "/configs/experiments/hardware_study.yaml";
const std::string resnet18 = "network=" + std::string(XLOOP_SOURCE_DIR) + "/configs/networks/resnet18_32x32.yaml";

class MapCommand : public test::CommandLine {
protected:
    Json map(const std::vector<std::string>& settings) const {
        std::vector<std::string> words = {"map", study, "--json"};
        for (const std::string& setting : settings)
            words.insert(words.end(), {"-s", setting});
        return good(words).json();
    }
};

const Json& named(const Json& list, const char* key, const std::string& name) {
    for (const Json& entry : list)
        if (entry[key] == name)
            return entry;
    static const Json none;
    ADD_FAILURE() << name << " is missing";
    return none;
}

TEST_F(MapCommand, GivenAStudy_ThenLayersStreamsAndTotalsAreListed) {
    const Json json = map({"mapping.schedule=pipelined", "mapping.line_buffer_slack_rows=0"});
    EXPECT_EQ(json["tiles"], 9);
    EXPECT_EQ(json["used_tiles"], 7);
    EXPECT_EQ(json["used_arrays"], 36);
    EXPECT_EQ(json["rounds"].size(), 1u);
    const Json& conv1 = named(json["layers"], "name", "conv1");
    EXPECT_EQ(conv1["arrays"], 6);  // 144 rows, 16 outputs of 8 columns
    EXPECT_EQ(conv1["copies"], 1);
    EXPECT_EQ(conv1["home"], "tile_1_0");
    EXPECT_EQ(conv1["pace_cycles"], 256 * 8 * 100);  // 8 reads of 100 ns, the conversions overlap
    EXPECT_EQ(named(json["streams"], "producer", "conv1")["positions"], 2 * 16 + 3);
    EXPECT_EQ(named(json["streams"], "producer", "conv1")["bytes"], 16 * (2 * 16 + 3));
    const std::string table = good({"map", study}).out;
    for (const char* part : {"36 arrays used", "classifier", "x links an image", "bytes in the fullest tile"})
        EXPECT_THAT(table, HasSubstr(part));
}

TEST_F(MapCommand, GivenCopies_ThenThePaceFallsAndArraysRise) {
    const Json json = map({"mapping.replication=list", "mapping.replicas=[conv1=4]"});
    EXPECT_EQ(named(json["layers"], "name", "conv1")["copies"], 4);
    EXPECT_EQ(named(json["layers"], "name", "conv1")["pace_cycles"], 64 * 8 * 100);
    EXPECT_EQ(json["used_arrays"], 36 + 3 * 6);
}

TEST_F(MapCommand, GivenImprovedPlacement_ThenBytesTimesLinksFall) {
    EXPECT_LT(map({"mapping.placement=improved"})["byte_hops"], map({})["byte_hops"]);
}

TEST_F(MapCommand, GivenAMeshThatIsTooSmall_ThenRoundsAreOfferedAndUsed) {
    expect_refused({"map", study, "-s", "noc.mesh_cols=2", "-s", "noc.mesh_rows=2"},
                   {"3 tiles are missing", "mapping.oversubscribed: rounds"});
    const Json json = map({"noc.mesh_cols=2", "noc.mesh_rows=2", "mapping.oversubscribed=rounds"});
    EXPECT_EQ(json["rounds"].size(), 2u);
    EXPECT_EQ(json["layers"].front()["round"], 0);
    EXPECT_EQ(json["layers"].back()["round"], 1);
}

// Copy me: the program itself: exit code, message, no file written.
TEST_F(MapCommand, GivenWrongInput_ThenOneLineSaysWhatAndNothingIsWritten) {
    expect_refused({"map", study, "--svg", "no_folder/a.svg"}, {"no_folder"});
    expect_refused({"map", study, "--csv", "a.csv", "-s", "buffer.bytes=4096"},
                   {"needs 16576 bytes", "buffer.bytes is 4096", "`stem` -> `join` (256 positions, 4096 bytes)"});
    expect_refused({"map", study, "-s", "mapping.replication=list", "-s", "mapping.replicas=[conv3=2]"},
                   {"mapping.replicas", "did you mean `conv1`?"});
}

TEST_F(MapCommand, GivenFiles_ThenEveryArrayHasALineAndThePictureIsDrawn) {
    good({"map", study, "--csv", "arrays.csv"});
    const std::string csv = read("arrays.csv");
    EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), 1 + 36);
    EXPECT_THAT(csv, HasSubstr("0,conv1,0,tile_1_0,5,0,0,128,16,8,8,0\n"));
    good({"map", study, "--csv", "packed.csv", "-s", "mapping.group_packing=diagonal", "-s", "buffer.bytes=1048576",
          "-s", "network=" + std::string(XLOOP_SOURCE_DIR) + "/configs/networks/mobile_block_32x32.yaml"});
    EXPECT_THAT(read("packed.csv"), HasSubstr(",polarity,groups\n"));
    EXPECT_THAT(read("packed.csv"), testing::ContainsRegex("separable1_depthwise,0,tile_[0-9_]+,0,0,0,0,63,0,7,0,7\n"));
    if (std::system("command -v gnuplot >/dev/null") != 0)
        GTEST_SKIP() << "no gnuplot";
    good({"map", study, "--svg", "floor.svg", "-s", resnet18, "-s", "mapping.schedule=pipelined"});
    for (const char* part : {"<svg", "stage4_1_shortcut", "unused processing element"})
        EXPECT_THAT(read("floor.svg"), HasSubstr(part));
}

}  // namespace
}  // namespace xloop
