#include "analysis/silicon.hpp"
#include "apps/text/silicon_text.hpp"
#include "core/error.hpp"
#include "systemc_model/device/device_model.hpp"
#include "systemc_model/device/level_table.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <algorithm>
#include <cmath>
#include <filesystem>

namespace xloop {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;
using Role = FigureAgainstSilicon::Role;

const std::string source_dir = XLOOP_SOURCE_DIR;

/// A made-up chip: `lines` before its points, and two points.
std::string chip_text(const std::string& lines = "",
                      const std::string& first_figure = "{metric: energy, value: 30, unit: pJ}") {
    return "chip: Made up\ncitation: nobody\nhardware: \"\"\ncost_table: none.yaml\nscope: adc+dac\ninputs: "
           "4\noutputs: 2\n"
           "source: a test\n" +
           lines +
           "points:\n"
           "  - name: one\n    figures:\n      - " +
           first_figure +
           "\n"
           "  - name: two\n    inputs: 8\n    figures:\n"
           "      - {metric: energy, value: 50, unit: pJ}\n"
           "      - {metric: energy, of: adc, value: 20, unit: pJ}\n"
           "      - {metric: energy_share, of: conversion, value: 25, unit: \"%\"}\n"
           "      - {metric: time, value: 10, unit: ns, given: true}\n";
}

SiliconChip chip(const std::string& lines = "",
                 const std::string& first_figure = "{metric: energy, value: 30, unit: pJ}") {
    return parse_silicon_chip(chip_text(lines, first_figure), "made_up.yaml");
}

/// Energies in pJ; all of the converters' is that of conversions.
MacroCosts costs(double adc_pj, double dac_pj, double operations) {
    MacroCosts made;
    made.seconds = 10e-9;
    made.operations = operations;
    made.energy_j[static_cast<std::size_t>(Component::adc)] = 1e-12 * adc_pj;
    made.energy_j[static_cast<std::size_t>(Component::dac)] = 1e-12 * dac_pj;
    made.energy_j[static_cast<std::size_t>(Component::router)] = 1;  // not in the scope
    made.event_j[static_cast<std::size_t>(Event::conversion)] = 1e-12 * adc_pj;
    made.area_mm2[static_cast<std::size_t>(Component::adc)] = 0.5;
    return made;
}

/// Figures that are worked out by hand.
TEST(Silicon, GivenAFitOnOneClass_ThenItsEnergyAloneIsMultiplied) {
    // 30 pJ at the first point, of which 20 are there and 10 are the converters': they have to become 20.
    const SiliconComparison c = compare_silicon(chip("fit: {point: one, metric: energy, classes: adc}\n"),
                                                {costs(10, 10, 16), costs(15, 10, 32)});
    EXPECT_DOUBLE_EQ(c.factor, 2);
    ASSERT_EQ(c.figures.size(), 5U);
    EXPECT_EQ(c.figures[0].role, Role::anchor);
    EXPECT_DOUBLE_EQ(c.figures[0].blind, 20);
    EXPECT_DOUBLE_EQ(c.figures[0].fitted, 30);
    EXPECT_EQ(c.figures[1].role, Role::predicted);
    EXPECT_DOUBLE_EQ(c.figures[1].blind_ratio(), 0.5);
    EXPECT_DOUBLE_EQ(c.figures[1].fitted_ratio(), 0.8);
    EXPECT_DOUBLE_EQ(c.figures[2].fitted, 30);
    EXPECT_DOUBLE_EQ(c.figures[3].blind, 60);  // 15 of 25 pJ, in percent
    EXPECT_DOUBLE_EQ(c.figures[3].fitted, 75);
    EXPECT_EQ(c.figures[4].role, Role::given);
    EXPECT_DOUBLE_EQ(c.figures[4].fitted, 10);
}

TEST(Silicon, GivenAnEfficiencyToFit_ThenTheEnergyIsItsInverse) {
    // 16 operations in 32 pJ are 0.5 TOPS/W; all 20 pJ are multiplied.
    const SiliconComparison c = compare_silicon(
        chip("fit: {point: one, metric: tops_per_watt}\n", "{metric: tops_per_watt, value: 0.5, unit: TOPS/W}"),
        {costs(10, 10, 16), costs(15, 10, 32)});
    EXPECT_DOUBLE_EQ(c.factor, 1.6);
    EXPECT_DOUBLE_EQ(c.figures[0].fitted, 0.5);
    EXPECT_DOUBLE_EQ(c.figures[1].fitted, 40);
}

TEST(Silicon, GivenNoFit_ThenBothFiguresAreTheModels) {
    const SiliconComparison c = compare_silicon(chip(), {costs(10, 10, 16), costs(15, 10, 32)});
    EXPECT_EQ(c.factor, 1);
    for (const FigureAgainstSilicon& f : c.figures)
        EXPECT_EQ(f.blind, f.fitted);
}

TEST(Silicon, GivenAFitThatTakesEnergyAway_ThenItIsRefusedWithTheEnergies) {
    // 9 pJ are wanted, the 10 of the row drivers alone are more.
    EXPECT_THAT(
        [] {
            compare_silicon(
                chip("fit: {point: one, metric: energy, classes: adc}\n", "{metric: energy, value: 9, unit: pJ}"),
                {costs(10, 10, 16), costs(15, 10, 32)});
        },
        ThrowsMessage<InputError>(
            AllOf(HasSubstr("made_up.yaml: fit"), HasSubstr("10 pJ of 20 pJ"), HasSubstr("9 pJ"))));
}

TEST(Silicon, GivenErrors_ThenTheMedianIsOfFactorsAndGivenFiguresDoNotCount) {
    const SiliconComparison c = compare_silicon(chip("fit: {point: one, metric: energy, classes: adc}\n"),
                                                {costs(10, 10, 16), costs(15, 10, 32)});
    const SiliconErrors blind = silicon_errors({c}, SiliconKind::energy, false);
    EXPECT_EQ(blind.figures, 2);  // 20 / 30 and 25 / 50: of an even number the geometric mean of the middle ones
    EXPECT_DOUBLE_EQ(blind.median_factor, std::sqrt(1.5 * 2));
    EXPECT_DOUBLE_EQ(blind.worst_ratio, 0.5);
    EXPECT_EQ(blind.worst, "Made up, two: energy");
    const SiliconErrors fitted = silicon_errors({c}, SiliconKind::energy, true);
    EXPECT_EQ(fitted.figures, 1);  // 40 / 50
    EXPECT_DOUBLE_EQ(fitted.median_factor, 1.25);
    EXPECT_DOUBLE_EQ(fitted.worst_ratio, 0.8);
    EXPECT_DOUBLE_EQ(silicon_errors({c}, SiliconKind::parts, true).worst_ratio, 1.5);    // 30 / 20
    EXPECT_DOUBLE_EQ(silicon_errors({c}, SiliconKind::shares, false).worst_ratio, 2.4);  // 60 / 25
    EXPECT_EQ(silicon_errors({c}, SiliconKind::time, false).figures, 0);
}

TEST(Silicon, GivenOutputs_ThenTextCsvAndJsonHaveEveryFigure) {
    const std::vector<SiliconComparison> chips = {compare_silicon(
        chip("fit: {point: one, metric: energy, classes: adc}\n"), {costs(10, 10, 16), costs(15, 10, 32)})};
    EXPECT_THAT(silicon_text(chips), AllOf(HasSubstr("energy of adc x 2"), HasSubstr("conversion energy_share")));
    const std::string csv = silicon_csv(chips);
    EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), 6);
    EXPECT_EQ(silicon_json(chips)["chips"][0]["figures"].size(), 5U);
}

struct BadChip {
    const char *found, *instead, *message;
};

class BadChips : public testing::TestWithParam<BadChip> {};

TEST_P(BadChips, GivenAFault_ThenTheMessageNamesPlaceAndWhatWasExpected) {
    std::string text = chip_text("fit: {point: one, metric: energy, classes: adc}\n");
    const std::size_t place = text.find(GetParam().found);
    ASSERT_NE(place, text.npos);
    text.replace(place, std::string(GetParam().found).size(), GetParam().instead);
    EXPECT_THAT([&] { parse_silicon_chip(text, "made_up.yaml"); },
                ThrowsMessage<InputError>(AllOf(HasSubstr("made_up.yaml:"), HasSubstr(GetParam().message))));
}

INSTANTIATE_TEST_SUITE_P(
    Silicon, BadChips,
    testing::Values(BadChip{"scope: adc+dac", "scope: adcs", "unknown class `adcs`; did you mean `adc`?"},
                    BadChip{"scope: adc+dac", "scope: adc+adc", "`adc` is there twice"},
                    BadChip{"metric: energy, value: 30", "metric: energi, value: 30", "metric"},
                    BadChip{"unit: pJ", "unit: ns", "unknown unit `ns` of energy"},
                    BadChip{"value: 30", "value: 0", "value"}, BadChip{", value: 30", "", "value"},
                    BadChip{"name: two", "name: one", "there is a point `one` already"},
                    BadChip{"inputs: 4", "cores: 4", "inputs: expected a number"},
                    BadChip{"point: one", "point: onn", "there is no point `onn`; did you mean `one`?"},
                    BadChip{"metric: energy, classes", "metric: power, classes", "has no such figure"},
                    BadChip{"fit: {point: one, metric: energy", "fit: {point: two, metric: time",
                            "time does not go with energy"},
                    BadChip{"source: a test\n", "", "source: expected where the figure was read"},
                    BadChip{"of: conversion, value: 25", "of: router_flit, value: 25", "is not in the chip's scope"},
                    BadChip{"of: conversion, value: 25", "value: 25", "expected the classes or events whose share"},
                    BadChip{"time, value: 10, unit: ns", "area, of: conversion, value: 10, unit: mm2", "unknown class"},
                    BadChip{"given: true", "givn: true", "givn"}));

TEST(Silicon, GivenAKeyThatThePresetDoesNotHave_ThenFileAndPointAreNamed) {
    SiliconChip made = load_silicon_chip(source_dir + "/configs/silicon/yao_2024.yaml");
    made.points[1].overrides = {"adc.bitz=8"};
    EXPECT_THAT([&] { against_silicon(made); },
                ThrowsMessage<InputError>(AllOf(HasSubstr("yao_2024.yaml: point `256 rows`"), HasSubstr("adc.bitz"))));
}

/// All that come along, each with its points through the estimate.
class ShippedChips : public testing::TestWithParam<std::string> {};

std::vector<std::string> shipped() {
    std::vector<std::string> files;
    for (const auto& entry : std::filesystem::directory_iterator(source_dir + "/configs/silicon"))
        files.push_back(entry.path().string());
    std::sort(files.begin(), files.end());
    return files;
}

TEST_P(ShippedChips, GivenAChip_ThenEveryRatioIsFinite) {
    const SiliconComparison c = against_silicon(load_silicon_chip(GetParam()));
    for (const FigureAgainstSilicon& f : c.figures) {
        EXPECT_TRUE(std::isfinite(f.blind_ratio()) && f.blind_ratio() > 0)
            << c.chip.points[f.point].name << f.figure.name();
        EXPECT_TRUE(std::isfinite(f.fitted_ratio()) && f.fitted_ratio() > 0) << f.figure.name();
        if (f.role == Role::anchor) {
            EXPECT_NEAR(f.fitted_ratio(), 1, 1e-9);
        }
    }
    EXPECT_GT(c.factor, 0);
}

INSTANTIATE_TEST_SUITE_P(Silicon, ShippedChips, testing::ValuesIn(shipped()),
                         [](const auto& instance) { return std::filesystem::path(instance.param).stem().string(); });

/// Cells that come along: YAML files that stand behind a hardware file, and the tables that they or users name.
std::vector<std::string> devices() {
    std::vector<std::string> files;
    for (const auto& entry : std::filesystem::directory_iterator(source_dir + "/configs/devices"))
        files.push_back(entry.path().string());
    std::sort(files.begin(), files.end());
    return files;
}

class ShippedDevices : public testing::TestWithParam<std::string> {};

TEST_P(ShippedDevices, GivenTheDefaultChip_ThenItsLevelsRiseAndSpread) {
    const std::filesystem::path file = GetParam();
    HardwareConfig hardware;
    if (file.extension() == ".csv") {
        const std::string bits(1, file.stem().string()[file.stem().string().find("bit") - 1]);
        hardware = load_hardware("", {"device.bits_per_cell=" + bits, "device.level_table=" + file.string(),
                                      "device.programming_spread=table"});
    } else {
        const std::string chip = testing::TempDir() + "/device_" + file.filename().string();
        std::ofstream(chip) << "base: [" << source_dir << "/configs/hw/reram_64x64.yaml, " << file.string() << "]\n";
        hardware = load_hardware(chip, {});
    }
    const DeviceModel model(hardware);
    const LevelTable levels = make_levels(hardware);
    EXPECT_GT(levels.highest(), levels.lowest());
    if (hardware.device.programming_spread == ProgrammingSpread::table) {
        for (int level = 0; level < 1 << hardware.device.bits_per_cell; ++level) {
            EXPECT_GT(levels.sigma(level), 0);
            EXPECT_LT(levels.sigma(level), levels.highest() / 10);
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Silicon, ShippedDevices, testing::ValuesIn(devices()), [](const auto& instance) {
    const std::filesystem::path file = instance.param;
    return file.stem().string() + (file.extension() == ".csv" ? "_table" : "_cells");
});

}  // namespace
}  // namespace xloop
