#include "core/workload/float_network.hpp"
#include "tests/apps/command_line.hpp"

#include <string>

namespace xloop {
namespace {

using testing::HasSubstr;

const std::string models = std::string(XLOOP_SOURCE_DIR) + "/tests/data/import/";

class ImportCommand : public test::CommandLine {};

TEST_F(ImportCommand, GivenAModel_ThenNetworkWeightsAndReportAreWritten) {
    const std::string report = good({"import", models + "nhwc_pads.onnx", "-o", "out"}).out;
    for (const char* part : {"network nhwc_pads", "in the order hwc", "then on the host: softmax", "2 Transpose"})
        EXPECT_THAT(report, HasSubstr(part));
    const FloatNetwork network = load_float_network((folder_ / "out").string());
    EXPECT_EQ(network.spec.layers.size(), 2u);
    EXPECT_EQ(network.tensors.size(), 4u);
    const Json json = Json::parse(read("out/import.json"));
    EXPECT_EQ(json["input"]["order"], "hwc");
    EXPECT_EQ(json["layers"].size(), 2u);
}

TEST_F(ImportCommand, GivenAFolderWithANetwork_ThenItIsReplacedOnlyByForce) {
    good({"import", models + "focus.onnx", "-o", "out"});
    expect_refused({"import", models + "mobile.onnx", "-o", "out"}, {"there is a network already", "--force"});
    const Json json =
        good({"import", models + "mobile.onnx", "-o", "out", "--force", "--name", "tiny", "--json"}).json();
    EXPECT_EQ(json["network"], "tiny");
    EXPECT_EQ(load_float_network((folder_ / "out").string()).spec.name, "tiny");
}

TEST_F(ImportCommand, GivenAnotherShapeThanTheFiles_ThenItIsRefused) {
    expect_refused({"import", models + "focus.onnx", "-o", "out", "--input-shape", "3,9,8"},
                   {"axis 2 of the input `x` is 8, not 9"});
    expect_refused({"import", "absent.onnx", "-o", "out"}, {"absent.onnx"});
}

}  // namespace
}  // namespace xloop
