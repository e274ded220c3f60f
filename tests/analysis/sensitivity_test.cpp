#include "analysis/sensitivity.hpp"

#include "core/config/schema.hpp"
#include "core/hardware_config.hpp"
#include "systemc_model/chip/layer_errors.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace xloop {
namespace {

using testing::ElementsAre;

/// Five layers, the outer ones ends.
Sensitivity measured(SensitivityMeasure measure, std::vector<LayerMeasure> measures) {
    Sensitivity sensitivity;
    sensitivity.config.rule = measure;
    sensitivity.config.bits_min = 2;
    for (const char* name : {"first", "a", "b", "c", "last"})
        sensitivity.layers.push_back({name, "conv", 16, *name == 'f' || *name == 'l'});
    sensitivity.measured[measure] = std::move(measures);
    return sensitivity;
}

/// A ratio of so many dB.
LayerMeasure ratio(double db) { return {std::pow(10.0, db / 10.0), 1.0}; }

TEST(BitsByNoise, GivenChanges_ThenTheyFollowThoseOfTheInnerLayers) {
    Sensitivity s = measured(SensitivityMeasure::noise, {{1, 100}, {1, 10}, {2, 8}, {9, 10}, {5, 1}});
    EXPECT_THAT(s.bits(SensitivityMeasure::noise), ElementsAre(8, 2, 2, 8, 8)) << "8 * 0.25 / 0.9 = 2.2";
    s.config.bits_min = 1;
    s.config.bits_max = 4;
    s.config.keep_ends = false;
    EXPECT_THAT(s.bits(SensitivityMeasure::noise), ElementsAre(1, 1, 1, 1, 4)) << "4 * 0.9 / 5 = 0.72";
    s.measured[SensitivityMeasure::noise].assign(5, {0, 1});
    EXPECT_THAT(s.bits(SensitivityMeasure::noise), ElementsAre(4, 4, 4, 4, 4)) << "nothing is known";
}

TEST(BitsBySnr, GivenRatios_ThenTheOwnRoundingIsNoLouder) {
    Sensitivity s = measured(SensitivityMeasure::snr, {ratio(3), ratio(24.0), ratio(24.2), ratio(-5), ratio(90)});
    s.config.keep_ends = false;
    EXPECT_THAT(s.bits(SensitivityMeasure::snr), ElementsAre(2, 4, 5, 2, 8)) << "4 bits are 24.08 dB";
    s.measured[SensitivityMeasure::snr] = {{0, 0}, {0, 3}, {7, 0}, {64, 1}, {65, 1}};
    EXPECT_THAT(s.bits(SensitivityMeasure::snr), ElementsAre(8, 8, 8, 3, 4));
}

TEST(BitsBySnr, GivenErrorsOfALayer_ThenTheRatioIsTheirs) {
    LayerErrors errors;
    errors.variance = 500.0;
    errors.squared_error = 3.0;
    EXPECT_DOUBLE_EQ((LayerMeasure{errors.variance, errors.squared_error}.snr_db()), errors.snr_db());
    EXPECT_TRUE(std::isnan((LayerMeasure{0.0, 1.0}.snr_db())));
}

TEST(BitsByComponents, GivenCounts_ThenLayersThatAddSomeGetMost) {
    const Sensitivity s = measured(SensitivityMeasure::components, {{3, 3}, {16, 3}, {16, 16}, {15, 16}, {10, 15}});
    EXPECT_THAT(s.bits(SensitivityMeasure::components), ElementsAre(8, 8, 2, 2, 8));
}

TEST(BitsYaml, GivenAnyNames_ThenItReadsAsRulesThatMatchThemAlone) {
    Sensitivity s = measured(SensitivityMeasure::components, {{3, 3}, {16, 3}, {16, 16}, {15, 16}, {10, 15}});
    const std::vector<std::string> names = {"a*b", "c[1]?", "yes", "x: \\\"#", "layer1.0/conv"};
    for (std::size_t l = 0; l < names.size(); ++l)
        s.layers[l].name = names[l];
    HardwareConfig hardware;
    config::Section schema;
    describe(schema, hardware);
    config::read(config::load_text(s.bits_yaml({"one\ntwo"}), "bits.yaml"), schema);
    ASSERT_EQ(hardware.layers.size(), names.size());
    for (std::size_t rule = 0; rule < names.size(); ++rule) {
        EXPECT_EQ(hardware.layers[rule].weight_bits, s.bits(SensitivityMeasure::components)[rule]);
        EXPECT_EQ(hardware.layers[rule].activation_bits, hardware.layers[rule].weight_bits);
        for (std::size_t l = 0; l < names.size(); ++l)
            EXPECT_EQ(hardware.layers[rule].matches(names[l]), rule == l) << names[rule] << ", " << names[l];
    }
    EXPECT_FALSE(hardware.layers[0].matches("aab"));
}

TEST(SensitivityTable, GivenOneMeasure_ThenTheOthersAreNotKnown) {
    const Sensitivity s = measured(SensitivityMeasure::snr, {ratio(3), ratio(24.2), {7, 0}, ratio(0), ratio(0)});
    const Json rows = s.table().json();
    ASSERT_EQ(rows.size(), 5u);
    EXPECT_EQ(rows[1]["bits"], 5);
    EXPECT_EQ(rows[1]["bits_snr"], 5);
    EXPECT_NEAR(rows[1]["snr_db"].get<double>(), 24.2, 1e-9);
    EXPECT_TRUE(rows[2]["snr_db"].is_null()) << "infinite";
    for (const char* key : {"change", "relative_change", "components", "bits_noise", "bits_components"})
        EXPECT_TRUE(rows[1][key].is_null()) << key;
}

TEST(LayerMeasures, GivenAFile_ThenTheyComeBackAsTheyWere) {
    const std::vector<LayerMeasure> measures = {{1.0 / 3.0, 2.5}, {0.0, 7.0}};
    const std::vector<LayerMeasure> read = measures_from(Json::parse(json_of(measures).dump()));
    ASSERT_EQ(read.size(), 2u);
    EXPECT_EQ(read[0].value, 1.0 / 3.0);
    EXPECT_EQ(read[1].reference, 7.0);
    EXPECT_THROW(measures_from(Json::parse("[[1]]")), Json::exception);
}

}  // namespace
}  // namespace xloop
