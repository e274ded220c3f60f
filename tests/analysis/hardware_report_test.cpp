#include "analysis/hardware_report.hpp"

#include "analysis/study.hpp"
#include "core/error.hpp"
#include "core/workload/network_spec.hpp"
#include "systemc_model/mapping/map_network.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace xloop {
namespace {

using testing::HasSubstr;

const std::string source_dir = XLOOP_SOURCE_DIR;

HardwareReport estimated(double clock_ghz, int images, GainCorrectionKind correction = GainCorrectionKind::none,
                         TileEngine engine = TileEngine::analog) {
    const NetworkSpec spec = load_network(source_dir + "/configs/networks/residual_16x16.yaml");
    HardwareConfig hardware;
    hardware.clock.frequency_ghz = clock_ghz;
    hardware.tile.engine = engine;
    hardware.mapping.schedule = Schedule::pipelined;
    hardware.adc.gain_correction = correction;
    const CostTable costs = load_cost_table(source_dir + "/configs/tech/generic_22nm.yaml");
    return estimate_hardware(map_network(build_graph(spec.resolve(spec.largest_path())), hardware), costs, images);
}

Json reread(const Json& json) { return HardwareReport::from_json(JsonReader(json, "r.json")).json(); }

TEST(HardwareReport, GivenItsOwnJson_ThenItReadsTheSameBack) {
    for (const double clock_ghz : {1.0, 1.2, 0.333, 0.0123})
        for (const int images : {1, 7}) {
            const Json json = estimated(clock_ghz, images).json();
            EXPECT_EQ(reread(json).dump(2), json.dump(2)) << clock_ghz << " GHz, " << images << " images";
        }
}

TEST(HardwareReport, GivenAnOptionalEvent_ThenItIsThereOnlyWhereItHappensAndReadsBack) {
    const Json without = estimated(1.0, 1).json(), with = estimated(1.0, 1, GainCorrectionKind::gain).json();
    EXPECT_FALSE(without["activity"].contains("gain_correction"));
    EXPECT_GT(with["activity"]["gain_correction"].get<std::uint64_t>(), 0u);
    EXPECT_EQ(reread(with).dump(2), with.dump(2));
}

TEST(HardwareReport, GivenAnalogOrDigitalTiles_ThenWhatOnlyDigitalOnesHaveIsListedThereAlone) {
    const Json analog = estimated(1.0, 2).json(),
               digital = estimated(1.0, 2, GainCorrectionKind::none, TileEngine::digital).json();
    for (const Json* classes : {&analog["energy_j"]["by_class"], &analog["area_mm2"]["by_class"]})
        EXPECT_FALSE(classes->contains("mac_array"));
    EXPECT_FALSE(analog["activity"].contains("mac"));
    EXPECT_GT(digital["activity"]["mac"], 0);
    EXPECT_GT(digital["area_mm2"]["by_class"]["weight_memory"], 0.0);
    EXPECT_EQ(digital["energy_j"]["by_class"]["adc"], 0.0);
    EXPECT_EQ(reread(digital).dump(2), digital.dump(2));
}

TEST(HardwareReport, GivenASimulationsFields_ThenTheyReadBackToo) {
    HardwareReport report = estimated(1.0, 2);
    report.method = "simulation";
    report.data_from_values = true;
    report.power = {64, 0.25, 1e-6};
    report.image_energy_j = {1e-7, 3e-7};
    Json json = report.json();
    json["layers"][0]["state_cycles"] = {{"busy", 1}};  // as a timed run adds them
    const HardwareReport back = HardwareReport::from_json(JsonReader(json, "r.json"));
    EXPECT_EQ(back.json(), report.json());
    EXPECT_EQ(back.clock_ghz, 1.0);
    EXPECT_EQ(back.activity.total().events, report.activity.total().events);
}

TEST(HardwareReport, GivenSomethingMissing_ThenFileAndKeyAreNamed) {
    const Json good = estimated(1.0, 1).json();
    const auto message = [&](const char* pointer, const Json& value) -> std::string {
        Json bad = good;
        const Json::json_pointer place{pointer};
        if (value.is_discarded())
            bad[place.parent_pointer()].erase(place.back());
        else
            bad[place] = value;
        try {
            HardwareReport::from_json(JsonReader(bad, "r.json"));
        } catch (const InputError& e) {
            return e.what();
        }
        return "accepted";
    };
    const Json gone = Json::value_t::discarded;
    EXPECT_THAT(message("/cycles", gone), HasSubstr("r.json: key `cycles` is missing; expected what this version"));
    EXPECT_THAT(message("/energy_j/by_class/adc", gone), HasSubstr("key `energy_j.by_class.adc` is missing"));
    EXPECT_THAT(message("/layers/1/energy_j/static", gone), HasSubstr("key `layers[1].energy_j.static` is missing"));
    EXPECT_THAT(message("/network", 3), HasSubstr("key `network`: expected a text, not 3"));
    EXPECT_THAT(message("/area_mm2/total", "big"), HasSubstr("key `area_mm2.total`: expected a number, not \"big\""));
    EXPECT_THAT(message("/layers", 1), HasSubstr("key `layers`: expected a list, not 1"));
    EXPECT_THAT(message("/latency_s", 0.0), HasSubstr("key `latency_s`: expected more than 0"));
}

}  // namespace
}  // namespace xloop
