#include "tests/apps/command_line.hpp"

#include <algorithm>
#include <sstream>
#include <string>
#include <vector>

namespace xloop {
namespace {

using testing::HasSubstr;

const std::string configs = std::string(XLOOP_SOURCE_DIR) + "/configs";
const std::string isaac_step = configs + "/experiments/isaac_step.yaml";
const std::string isaac_hardware = configs + "/hw/isaac_ce.yaml";
const std::string isaac_costs = configs + "/tech/isaac_32nm.yaml";

class CostsCommand : public test::CommandLine {
protected:
    Json costs(std::vector<std::string> words) const {
        words.insert(words.begin(), "costs");
        words.push_back("--json");
        return good(words).json();
    }
};

const Json& row_of(const Json& rows, const char* key, const char* name) {
    for (const Json& row : rows)
        if (row[key] == name)
            return row;
    ADD_FAILURE() << "no row for " << name;
    return rows;
}

void expect_near(const Json& value, double expected, double tolerance = 1e-9) {
    EXPECT_NEAR(value.get<double>(), expected, tolerance * expected);
}

TEST_F(CostsCommand, GivenIsaac_ThenRowsUnitsAndOriginsAreTheTables) {
    const Json json = costs({isaac_step});
    EXPECT_EQ(json["cost_table"], "isaac_32nm");
    EXPECT_EQ(json["tiles"], 168);
    EXPECT_EQ(json["events"].size(), 22u);
    EXPECT_EQ(json["components"].size(), 17u);
    const Json& conversion = row_of(json["events"], "event", "conversion");
    expect_near(conversion["energy_pj"], 1.67);
    EXPECT_EQ(conversion["component"], "adc");
    EXPECT_THAT(conversion["origin"].get<std::string>(), HasSubstr("ADC row, 16 mW"));
    const Json& adc = row_of(json["components"], "component", "adc");
    EXPECT_EQ(adc["unit"], "converter");
    EXPECT_EQ(adc["units_of_tile"], 96);
    EXPECT_EQ(adc["units_of_chip"], 168 * 96);
    expect_near(adc["area_um2"], 1200);
}

TEST_F(CostsCommand, GivenIsaac_ThenNameplateClosesFromClassesToChip) {
    const Json json = costs({isaac_step});
    const Json& plate = json["nameplate"];
    for (const char* part : {"array", "pe", "tile", "chip"}) {
        double watts = 0, area = 0;
        for (const auto& [name, value] : plate[part]["power_w"]["by_class"].items())
            watts += value.get<double>();
        for (const auto& [name, value] : plate[part]["area_mm2"]["by_class"].items())
            area += value.get<double>();
        expect_near(plate[part]["power_w"]["total"], watts);
        expect_near(plate[part]["area_mm2"]["total"], area);
    }
    const double tile = plate["tile"]["power_w"]["total"], io = 10.4;
    expect_near(plate["chip"]["power_w"]["total"], 168 * tile + io);
    expect_near(json["peak"]["tops"], 41.287680);
    expect_near(json["peak"]["tops_per_watt"], 41.287680 / (168 * tile + io));
    expect_near(json["peak"]["tops_per_mm2"], 41.287680 / plate["chip"]["area_mm2"]["total"].get<double>());
}

TEST_F(CostsCommand, GivenHardwareAndTable_ThenFiguresAreThoseOfTheExperiment) {
    EXPECT_EQ(costs({"--hardware", isaac_hardware, "--costs", isaac_costs}), costs({isaac_step}));
}

TEST_F(CostsCommand, GivenHardwareWithoutAMesh_ThenTheChipIsOneTile) {
    const Json json = costs({"--hardware", configs + "/hw/reram_64x64.yaml", "--costs", isaac_costs});
    EXPECT_EQ(json["tiles"], 1);
    EXPECT_EQ(row_of(json["components"], "component", "router")["units_of_chip"], 1);
}

TEST_F(CostsCommand, GivenAChipMadeForItsNetwork_ThenItsTilesAreTheMappings) {
    const std::string study = configs + "/experiments/hardware_study.yaml";
    EXPECT_EQ(costs({study})["tiles"], good({"estimate", study, "--json"}).json()["tiles"]);
}

TEST_F(CostsCommand, GivenSeveralTypesOfTiles_ThenEachIsShownForItsTiles) {
    const std::string mixed = configs + "/experiments/mixed_chip.yaml";
    const Json base = costs({mixed}), large = costs({mixed, "--type", "large"});
    EXPECT_EQ(base["type"], "base");
    EXPECT_EQ(large["type"], "large");
    EXPECT_EQ(base["tiles"], 10);
    EXPECT_EQ(large["tiles"], 23);
    // 12 arrays of 64 x 64 cells and 6 of 128 x 128.
    EXPECT_EQ(row_of(base["components"], "component", "crossbar")["units_of_tile"], 12 * 64 * 64);
    EXPECT_EQ(row_of(large["components"], "component", "crossbar")["units_of_tile"], 6 * 128 * 128);
    EXPECT_THAT(good({"costs", mixed}).out, HasSubstr("of type base; others by --type: precise, large, light"));
    expect_refused({"costs", mixed, "--type", "larg"}, {"did you mean `large`"});
}

TEST_F(CostsCommand, GivenOverrides_ThenTheyActOnHardwareAndBandwidth) {
    const Json slow = costs({isaac_step, "-s", "adc.sample_rate_gsps=0.64", "--io-bandwidth", "3.2"});
    expect_near(slow["nameplate"]["array"]["power_w"]["by_class"]["adc"], 1.67e-12 * 0.64e9);
    expect_near(slow["nameplate"]["chip"]["power_w"]["by_class"]["io_link"], 5.2);
    expect_near(costs({"--hardware", isaac_hardware, "--costs", isaac_costs, "-s", "noc.mesh_rows=1"})["tiles"], 56);
}

TEST_F(CostsCommand, GivenAnotherTable_ThenItReplacesTheExperiments) {
    std::string table = read_file(isaac_costs);
    const std::string energy = "energy_pj: 1.67\n";
    table.replace(table.find(energy), energy.size(), "energy_pj: 2.5\n");
    const Json json = costs({isaac_step, "--costs", write("other.yaml", table)});
    expect_near(row_of(json["events"], "event", "conversion")["energy_pj"], 2.5);
}

TEST_F(CostsCommand, GivenNoOption_ThenTablesArePrinted) {
    const std::string text = good({"costs", isaac_step}).out;
    for (const char* part :
         {"costs isaac_32nm (32 nm), 168 tiles", "read_conductance", "power, mW", "area, mm2", "peak", "41.29 TOPS"})
        EXPECT_THAT(text, HasSubstr(part));
}

TEST_F(CostsCommand, GivenACsvFile_ThenItHasALineForEveryRowAndItsAreasSumUp) {
    const Json json = costs({isaac_step, "--csv", "costs.csv"});
    std::istringstream in(read("costs.csv"));
    std::string line;
    std::getline(in, line);
    std::vector<std::string> header;
    std::istringstream names(line);
    for (std::string name; std::getline(names, name, ',');)
        header.push_back(name);
    const auto column = static_cast<std::size_t>(std::find(header.begin(), header.end(), "chip_mm2") - header.begin());
    ASSERT_LT(column, header.size());
    int lines = 0;
    double area = 0;
    while (std::getline(in, line)) {
        ++lines;
        std::istringstream fields(line);
        std::string field;
        for (std::size_t c = 0; c <= column; ++c)
            std::getline(fields, field, ',');
        area += field.empty() ? 0.0 : std::stod(field);
    }
    EXPECT_EQ(lines, 22 + 17);
    expect_near(json["nameplate"]["chip"]["area_mm2"]["total"], area);
}

TEST_F(CostsCommand, GivenBadInput_ThenItIsNamedAndNothingIsWritten) {
    expect_refused({"costs"}, {"EXPERIMENT", "--hardware"});
    expect_refused({"costs", isaac_step, "--hardware", isaac_hardware}, {"either", "--hardware"});
    expect_refused({"costs", "--hardware", isaac_hardware}, {"--costs"});
    expect_refused(
        {"costs", "--hardware", write("hw.yaml", "adc: {bit: 6}\n"), "--costs", isaac_costs, "--csv", "c.csv"},
        {"hw.yaml:1", "adc.bit", "unknown key"});
    expect_refused({"costs", isaac_step, "-s", "adc.bit=6"}, {"adc.bit", "did you mean"});
    expect_refused({"costs", isaac_step, "--csv", "no_folder/c.csv"}, {"no_folder"});
    expect_refused({"costs", "--hardware", "none.yaml", "--costs", isaac_costs}, {"none.yaml"});
    EXPECT_EQ(xloop({"costs", isaac_step, "--io-bandwidth", "-1"}).code, 2);
}

}  // namespace
}  // namespace xloop
