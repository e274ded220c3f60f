#include "core/config/schema.hpp"
#include "systemc_model/cost/adc/adc_kind.hpp"
#include "systemc_model/cost/inventory.hpp"
#include "systemc_model/cost/models/cost_model.hpp"
#include "systemc_model/cost/models/memory.hpp"

#include <gmock/gmock.h>
#include <cmath>

namespace xloop {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// A model with its initial parameters, asked outside any table.
struct Asked {
    explicit Asked(const std::string& name, double node = 32) : model(find_cost_model(name)), node_nm(node) {
        for (const ModelParameter& parameter : model->parameters)
            parameters.push_back(parameter.initial);
    }

    Asked& set(const std::string& parameter, double value) {
        for (std::size_t i = 0; i < parameters.size(); ++i)
            if (model->parameters[i].name == parameter)
                parameters[i] = value;
        return *this;
    }

    ModelQuery query() {
        return {hardware,
                {node_nm, supply_v > 0 ? supply_v : nominal_supply_v(node_nm)},
                temperature_k,
                parameters,
                report};
    }

    Figures figures(Event event = Event::cell_read) {
        ModelQuery asked = query();
        asked.component = model->components.front();
        asked.event = event;
        asked.tile_um2 = tile_um2;
        return model->evaluate(asked);
    }
    double pj(Event event = Event::conversion) { return figures(event).energy_pj; }

    const CostModel* model;
    HardwareConfig hardware;
    double node_nm, supply_v = 0, temperature_k = 350, tile_um2 = 1e6;
    std::vector<double> parameters;
    ModelReport report;
};

Asked adc(const std::string& name, int bits, double gsps, double node_nm) {
    Asked asked(name, node_nm);
    asked.hardware.adc.bits = bits;
    asked.hardware.adc.sample_rate_gsps = gsps;
    return asked;
}

void expect_close(double value, double expected, double relative) { EXPECT_NEAR(value, expected, relative * expected); }

TEST(CostModels, GivenTheList_ThenNamesAreUniqueAndSourcesSaid) {
    for (const CostModel& model : cost_models()) {
        EXPECT_EQ(find_cost_model(model.name), &model);
        EXPECT_GT(std::string(model.source).size(), 20u) << model.name;
        EXPECT_FALSE(model.components.empty());
    }
    EXPECT_EQ(find_cost_model("adc_sar_surve"), nullptr);
}

struct SurveyPoint {
    int bits;
    double gsps, node_nm, pj, um2;
};

TEST(AdcSurvey, GivenPointsOfTheFormula_ThenEnergyAndAreaReturn) {
    for (const SurveyPoint& p : {SurveyPoint{8, 1, 32, 1.71, 5970},
                                 {8, 1, 22, 0.847, 3330},
                                 {4, 1, 32, 0.924, 4960},
                                 {5, 1, 45, 1.78, 8470},
                                 {9, 1, 32, 4.70, 8070},
                                 {10, 1, 32, 13.9, 11200},
                                 {10, 0.1, 32, 3.31, 4800},
                                 {7, 1, 65, 4.97, 16600}}) {
        const Figures figures = adc("adc_sar_survey", p.bits, p.gsps, p.node_nm).figures();
        expect_close(figures.energy_pj, p.pj, 0.005);
        expect_close(figures.area_um2, p.um2, 0.005);
    }
}

TEST(AdcSurvey, GivenRatesAboutTheCorner_ThenEnergyIsFlatBelowAndRisesAbove) {
    const double flat = adc("adc_sar_survey", 8, 0.01, 32).pj();
    EXPECT_DOUBLE_EQ(adc("adc_sar_survey", 8, 1.06, 32).pj(), flat);  // the corner lies at 1.07 GS/s
    EXPECT_GT(adc("adc_sar_survey", 8, 1.08, 32).pj(), flat);
    const double rise = adc("adc_sar_survey", 8, 4, 32).pj() / adc("adc_sar_survey", 8, 2, 32).pj();
    expect_close(rise, std::pow(2, 0.287190 * std::log(10)), 1e-9);
}

TEST(AdcSurvey, GivenFewBitsOrAHighRate_ThenItSaysSoAndFewBitsCostWhatFourDo) {
    Asked inside = adc("adc_sar_survey", 4, 10, 32);
    inside.figures();
    EXPECT_THAT(inside.report.remarks, IsEmpty());
    Asked few = adc("adc_sar_survey", 3, 1, 32);
    EXPECT_EQ(few.pj(), adc("adc_sar_survey", 4, 1, 32).pj());
    EXPECT_THAT(few.report.remarks, ElementsAre("adc.bits 3 is outside 4 ... 12"));
    Asked fast = adc("adc_sar_survey", 8, 10.1, 32);
    fast.figures();
    EXPECT_THAT(fast.report.remarks, ElementsAre("adc.sample_rate_gsps 10.1 GS/s is outside 0 ... 10"));
}

TEST(AdcColumn, GivenItsOwnNode_ThenItsFormulaReturns) {
    for (const auto& [bits, pj, um2] : {std::tuple{3, 0.243, 100.0}, {8, 0.701, 2085.0}, {10, 1.66, 7036.0}}) {
        Asked asked = adc("adc_sar_column", bits, 0.1, 28);
        asked.hardware.crossbar.rows = 128;
        const Figures figures = asked.figures();
        expect_close(figures.energy_pj, pj, 0.005);
        expect_close(figures.area_um2, um2, 0.005);
        EXPECT_NEAR(figures.latency_ns, bits * (0.00653 * 128 + 0.640), 1e-9);
    }
}

TEST(AdcFit, GivenEightBits_ThenMedianAndBestTenthReturn) {
    const Figures median = adc("adc_sar_fit", 8, 1, 32).figures();
    expect_close(median.energy_pj, std::exp(-2.107 + 0.484 * 8), 1e-9);
    expect_close(median.area_um2, std::exp(6.260 + 0.340 * 8), 1e-9);
    const Figures best = adc("adc_sar_fit", 8, 1, 32).set("parts", 1).figures();
    expect_close(best.energy_pj, median.energy_pj * std::exp(-0.86), 1e-9);
    expect_close(best.area_um2, median.area_um2 * std::exp(-1.03), 1e-9);
}

TEST(AdcLibrary, GivenIsaacsNodeAndTheNext_ThenTheTableReturnsAndShrinks) {
    for (const auto& [bits, pj, um2, um2_at_22] : {std::tuple{4, 0.79, 361.0, 195.0},
                                                   {6, 1.20, 627.0, 339.0},
                                                   {8, 1.67, 1200.0, 648.0},
                                                   {10, 2.38, 3002.0, 1621.0}}) {
        EXPECT_NEAR(adc("adc_sar_library", bits, 0.1, 32).pj(), pj, 1e-12);
        EXPECT_NEAR(adc("adc_sar_library", bits, 1, 32).figures().area_um2, um2, 1e-9);
        expect_close(adc("adc_sar_library", bits, 1, 22).figures().area_um2, um2_at_22, 0.005);
    }
    EXPECT_NEAR(adc("adc_sar_library", 8, 2.56, 32).figures().area_um2, 2400, 1e-9) << "two that work in turn";
}

TEST(AdcFlash, GivenFiveBits_ThenThirtyOneComparatorsAndTwentySixAddersAreCharged) {
    const double scale = std::pow(32.0 / 65, 1.880037);
    expect_close(adc("adc_flash", 5, 1, 32).pj(), 1e-3 * (31 * 41.7 * scale + 26 * 2.35), 1e-9);
    expect_close(adc("adc_flash", 5, 1, 32).set("comparator", 1).pj(), 31.0 / 15 * 6.78 * scale, 1e-9);
    const double area = std::pow(32.0 / 65, 0.993279 + 0.299124 * 1.880037);
    expect_close(adc("adc_flash", 5, 1, 32).figures().area_um2, 31 * 40 * area + 26 * 3.68, 1e-9);
}

TEST(AdcRamp, GivenEightBits_ThenGeneratorComparatorAndLatchesAddUp) {
    Asked asked = adc("adc_ramp", 8, 1, 32);  // 64 x 64, 32 conversions, one converter an array
    const double generator_fj = 256 * 8 * (50 * 0.81 + 2.35 + 83 / 16.0);
    const double comparator_fj = 256 * 41.7 * std::pow(32.0 / 65, 1.880037);
    expect_close(asked.pj(), 1e-3 * (generator_fj / 32 + comparator_fj + 8 * 83 / 16.0), 1e-9);
    EXPECT_NEAR(asked.figures().latency_ns, 256 * 0.3, 1e-9);
}

TEST(AdcRamp, GivenMoreConvertersOnAnArray_ThenTheirAreaAddsUpToTheSame) {
    Asked one = adc("adc_ramp", 6, 1, 32), four = adc("adc_ramp", 6, 1, 32);
    one.hardware.adc.columns_per_adc = 32;
    four.hardware.adc.columns_per_adc = 8;
    expect_close(4 * four.figures().area_um2, one.figures().area_um2, 1e-12);
    EXPECT_EQ(four.pj(), one.pj());
}

class AdcOfType : public testing::TestWithParam<AdcType> {};

TEST_P(AdcOfType, GivenMoreBitsOrAHigherRate_ThenAConversionCostsMore) {
    const auto asked = [](int bits, double gsps) {
        Asked converter = adc("adc", bits, gsps, 32);
        converter.hardware.adc.type = GetParam();
        return converter.figures();
    };
    for (int bits = 4; bits < 12; ++bits) {
        EXPECT_LT(asked(bits, 1).energy_pj, asked(bits + 1, 1).energy_pj) << bits;
        EXPECT_LT(asked(bits, 1).area_um2, asked(bits + 1, 1).area_um2) << bits;
    }
    if (GetParam() != AdcType::ramp) {
        EXPECT_LT(asked(8, 2).energy_pj, asked(8, 4).energy_pj);
    }
}

INSTANTIATE_TEST_SUITE_P(All, AdcOfType, testing::Values(AdcType::sar, AdcType::flash, AdcType::ramp),
                         [](const auto& tested) { return std::string(name_of(tested.param)); });

TEST(AdcKinds, GivenTheTable_ThenItHasARowForEveryTypeAndEveryRowIsWhole) {
    ASSERT_EQ(adc_kinds().size(), all_names<AdcType>().size());
    for (std::size_t k = 0; k < adc_kinds().size(); ++k) {
        const AdcKind& kind = adc_kinds()[k];
        const std::string name = name_of(static_cast<AdcType>(k));
        EXPECT_EQ(name_of(kind.type), name);
        AdcConfig adc;
        adc.type = kind.type;
        EXPECT_EQ(&adc_kind(adc), &kind);
        EXPECT_GT(adc.*kind.clock_ghz, 0) << name;
        EXPECT_GE(kind.conversion_clocks(adc), 1) << name;
        EXPECT_GE(kind.latency_clocks(adc), 0) << name;
        EXPECT_EQ(kind.conversions_in_turn(adc), kind.in_turn ? adc.columns_per_adc : 1) << name;
        EXPECT_NE(std::string(kind.cost_source), "") << name;
        EXPECT_THAT(std::string(find_cost_model("adc")->source), HasSubstr(name + ": " + kind.cost_source));
        ASSERT_FALSE(kind.models.empty()) << name;
        for (const CostModel& model : kind.models) {
            EXPECT_THAT(model.name, testing::StartsWith("adc_" + name));
            EXPECT_NE(find_cost_model(model.name), nullptr) << model.name;
        }
    }
}

TEST(AdcKinds, GivenTheClockKeys_ThenTheyAreKeysOfTheConfiguration) {
    HardwareConfig hardware;
    config::Section schema;
    describe(schema, hardware);
    for (const AdcKind& kind : adc_kinds())
        EXPECT_THAT(config::describe_json(schema), HasSubstr(std::string("\"") + kind.clock_key + "\""));
}

TEST(Adc, GivenASarConverter_ThenEnergyIsTheSurveysAndAreaTheLibrarys) {
    const Figures both = adc("adc", 8, 1, 32).figures();
    EXPECT_EQ(both.energy_pj, adc("adc_sar_survey", 8, 1, 32).pj());
    EXPECT_EQ(both.area_um2, adc("adc_sar_library", 8, 1, 32).figures().area_um2);
}

TEST(Logic, GivenSixteenBits_ThenAShiftAndAddIsSixteenAdderAndRegisterBits) {
    const Figures at_32 = Asked("shift_add").set("width_bits", 16).figures();
    EXPECT_NEAR(at_32.energy_pj, 0.001 * (16 * 2.35 + 83), 1e-12);
    EXPECT_NEAR(at_32.area_um2, 16 * 3.68 + 65, 1e-9);
    EXPECT_NEAR(at_32.leakage_uw, (16 * 1.70 + 30) / 20, 1e-9);
    EXPECT_NEAR(Asked("shift_add", 22).set("width_bits", 16).pj(), 0.001 * (16 * 1.08 + 40), 1e-12);
    EXPECT_NEAR(Asked("shift_add", 45).set("width_bits", 16).set("leakage_divisor", 1).figures().leakage_uw,
                16 * 2.0 + 35.5, 1e-9);
}

TEST(Logic, GivenNoWidth_ThenSumsOfAnArraySetIt) {
    Asked asked("shift_add"), given("shift_add");  // 8-bit codes, 7 stored bits, 8-bit activations
    EXPECT_EQ(asked.pj(), given.set("width_bits", 23).pj());
    asked.hardware.numerics.activation_bits = asked.hardware.numerics.weight_bits = 16;
    EXPECT_EQ(asked.pj(), given.set("width_bits", 32).pj());
}

TEST(Logic, GivenGroupsOfRows_ThenSumsHaveABitMoreForEachDoubling) {
    Asked asked("shift_add"), given("shift_add");
    asked.hardware.crossbar.rows_per_read = 9;  // 8 groups of the 64 rows
    EXPECT_EQ(asked.pj(), given.set("width_bits", 23 + 3).pj());
    asked.hardware.crossbar.rows_per_read = 7;  // 10
    EXPECT_EQ(asked.pj(), given.set("width_bits", 23 + 4).pj());
}

TEST(Logic, GivenAGainCorrection_ThenItsMultiplierHasARowForEachBitOfTheFactorAndOneForTheOffset) {
    Asked asked("gain_multiplier");  // sums of 23 bits
    asked.hardware.adc.gain_correction = GainCorrectionKind::gain;
    asked.hardware.adc.correction_bits = 5;
    EXPECT_NEAR(asked.pj(), 0.001 * (6 * 23 * 2.35 + 23 * 83 / 16.0), 1e-12);
    EXPECT_NEAR(asked.figures().area_um2, 6 * 23 * 3.68 + 23 * 65 / 16.0, 1e-9);
    asked.hardware.adc.gain_correction = GainCorrectionKind::gain_offset;
    EXPECT_NEAR(asked.pj(), 0.001 * (7 * 23 * 2.35 + 23 * 83 / 16.0), 1e-12);
}

TEST(Logic, GivenALowerSupply_ThenEnergyFallsWithItsSquare) {
    Asked asked("adder");
    const double nominal = asked.pj();
    asked.supply_v = 0.81;
    expect_close(asked.pj(), 0.81 * nominal, 1e-9);
    EXPECT_THAT(asked.report.remarks, IsEmpty());
    asked.supply_v = 0.7;
    asked.pj();
    EXPECT_THAT(asked.report.remarks, testing::Contains(HasSubstr("supply over nominal")));
}

TEST(Logic, GivenANodeBetween_ThenFiguresAreBetweenAndBeyondTheyGoOnAndSaySo) {
    Asked between("adder", 28);
    const double pj = between.pj();
    EXPECT_LT(pj, Asked("adder", 32).pj());
    EXPECT_GT(pj, Asked("adder", 22).pj());
    EXPECT_THAT(between.report.remarks, IsEmpty());
    Asked beyond("adder", 65);
    EXPECT_GT(beyond.pj(), Asked("adder", 45).pj());
    EXPECT_THAT(beyond.report.remarks, ElementsAre("node 65 nm is outside 11 ... 45"));
}

TEST(Logic, GivenRequantisation_ThenMultiplierAdderAndRegistersAreCharged) {
    EXPECT_NEAR(Asked("vector_lane").pj(), 0.001 * ((16 * 8 + 32) * 2.35 + 40 * 83 / 16.0), 1e-12);
}

TEST(ColumnMux, GivenColumnsThatShareAConverter_ThenEachSelectionSwitchesThemAll) {
    Asked asked("column_mux");  // differential: a pair
    asked.hardware.adc.columns_per_adc = 8;
    EXPECT_NEAR(asked.pj(), 2 * 8.5e-3, 1e-12);
    EXPECT_NEAR(asked.figures().area_um2, 12.0 / 8, 1e-12);
    asked.hardware.adc.columns_per_adc = 1;
    EXPECT_EQ(asked.pj(), 0.0);
    EXPECT_EQ(asked.figures().area_um2, 0.0);
}

TEST(ColumnMux, GivenSpareColumns_ThenEachConverterCanReachThem) {
    Asked asked("column_mux");  // 64 columns: 28 conversions beside 3 spare pairs
    asked.hardware.crossbar.spare_cols = 3;
    asked.hardware.adc.columns_per_adc = 8;
    EXPECT_NEAR(asked.pj(), (8 + 3) * 2 * 8.5e-3 / 8, 1e-12);
    EXPECT_NEAR(64 * asked.figures().area_um2, (64 + 4 * 3 * 2) * 12.0 / 8, 1e-9);
    asked.hardware.adc.columns_per_adc = 1;
    EXPECT_NEAR(64 * asked.figures().area_um2, (64 + 28 * 3 * 2) * 12.0 / 8, 1e-9);
}

Memory memory(Asked& asked, MemoryKind kind, double kilobytes, double width) {
    return memory_of(asked.query(), kind, 1024 * kilobytes, width);
}

struct MemoryPoint {
    double node_nm;
    MemoryKind kind;
    double kilobytes, width, read_pj, write_pj, mm2, ns, mw;
};

TEST(Memory, GivenSizesOfTheRuns_ThenTheirFiguresReturn) {
    for (const MemoryPoint& p : {MemoryPoint{32, MemoryKind::mixed, 64, 256, 25.0, 32.0, 0.101, 0.67, 2.01},
                                 {22, MemoryKind::mixed, 2, 256, 1.9, 2.7, 0.0032, 0.13, 0.120},
                                 {32, MemoryKind::high_performance, 64, 256, 15.1, 41.5, 0.115, 0.586, 21.2},
                                 {32, MemoryKind::high_performance, 512, 512, 106, 189, 0.836, 1.27, 144},
                                 {22, MemoryKind::low_standby, 128, 64, 7.39, 8.21, 0.103, 1.77, 0.0745},
                                 {45, MemoryKind::low_operating, 16, 128, 4.62, 10.1, 0.0507, 1.11, 0.247},
                                 {65, MemoryKind::high_performance, 2, 64, 2.84, 8.52, 0.0141, 0.443, 2.34}}) {
        Asked asked("sram_cacti7", p.node_nm);
        const Memory m = memory(asked, p.kind, p.kilobytes, p.width);
        expect_close(m.read_pj, p.read_pj, 1e-9);
        expect_close(m.write_pj, p.write_pj, 1e-9);
        expect_close(m.area_um2, 1e6 * p.mm2, 1e-9);
        expect_close(m.access_ns, p.ns, 1e-9);
        expect_close(m.leakage_uw, 1e3 * p.mw, 1e-9);
        EXPECT_THAT(asked.report.remarks, IsEmpty());
    }
}

TEST(Memory, GivenSizesAndWidthsBetween_ThenTheyAreGeometricMeans) {
    Asked asked("sram_cacti7");
    const MemoryKind hp = MemoryKind::high_performance;
    expect_close(memory(asked, hp, std::sqrt(8.0), 256).read_pj, std::sqrt(3.86 * 4.26), 1e-9);
    expect_close(memory(asked, hp, 16, 64 * std::sqrt(2.0)).area_um2, 1e6 * std::sqrt(0.0249 * 0.0257), 1e-9);
    asked.node_nm = std::sqrt(32.0 * 22);
    asked.supply_v = nominal_supply_v(asked.node_nm);
    expect_close(memory(asked, hp, 64, 256).read_pj, std::sqrt(15.1 * 8.18), 1e-9);
}

TEST(Memory, GivenGrowingSizes_ThenFiguresStayBetweenTheirNeighboursOfTheRuns) {
    Asked asked("sram_cacti7");
    const std::vector<double> read_pj = {3.86, 4.26, 4.97, 6.51, 9.49,
                                         15.1, 28.7, 32.3, 54.2};  // 2 ... 512 KB, 256 bits
    double before = 0;
    for (double step = 0; step <= 8; step += 0.125) {
        const double pj = memory(asked, MemoryKind::high_performance, 2 * std::pow(2, step), 256).read_pj;
        const auto lower = static_cast<std::size_t>(step);
        EXPECT_GE(pj, read_pj[lower] * (1 - 1e-9));
        EXPECT_LE(pj, read_pj[std::min<std::size_t>(lower + 1, 8)] * (1 + 1e-9));
        EXPECT_GT(pj, before);
        before = pj;
    }
}

TEST(Memory, GivenOtherWidthsOfMixedDevices_ThenTheyGoAsHighPerformanceOnes) {
    Asked asked("sram_cacti7");
    expect_close(memory(asked, MemoryKind::mixed, 64, 128).read_pj, 25.0 * 11.1 / 15.1, 1e-9);
}

TEST(Memory, GivenSmallMemoriesOfFurtherRuns_ThenTheExponentsComeNear) {
    Asked asked("sram_cacti7");
    const MemoryKind hp = MemoryKind::high_performance;
    for (const MemoryPoint& p : {MemoryPoint{32, hp, 0.25, 16, 0.25, 0.32, 0.00052, 0, 0.099},
                                 {32, hp, 0.5, 32, 0.38, 0.78, 0.00096, 0, 0.185},
                                 {32, hp, 1, 64, 0.75, 1.54, 0.00182, 0, 0.327}}) {
        const Memory m = memory(asked, hp, p.kilobytes, p.width);
        expect_close(m.read_pj, p.read_pj, 0.15);
        expect_close(m.write_pj, p.write_pj, 0.15);
        expect_close(m.area_um2, 1e6 * p.mm2, 0.05);
        expect_close(m.leakage_uw, 1e3 * p.mw, 0.08);
    }
    EXPECT_THAT(asked.report.remarks, IsEmpty());
}

TEST(Memory, GivenSizesWidthsAndNodesOutside_ThenEachIsSaid) {
    const auto remarks = [](double node_nm, double kilobytes, double width) {
        Asked asked("sram_cacti7", node_nm);
        memory(asked, MemoryKind::high_performance, kilobytes, width);
        return asked.report.remarks;
    };
    EXPECT_THAT(remarks(32, 0.25, 16), IsEmpty());
    EXPECT_THAT(remarks(32, 512, 512), IsEmpty());
    EXPECT_THAT(remarks(32, 0.2, 64), ElementsAre(HasSubstr("bytes of a bank")));
    EXPECT_THAT(remarks(32, 513, 64), ElementsAre(HasSubstr("bytes of a bank")));
    EXPECT_THAT(remarks(32, 64, 1024), ElementsAre("width 1024 bits is outside 16 ... 512"));
    EXPECT_THAT(remarks(16, 64, 256), ElementsAre("node 16 nm is outside 22 ... 65"));
}

TEST(Memory, GivenATemperature_ThenLeakageAloneFollows) {
    Asked cool("sram_cacti7"), hot("sram_cacti7");
    hot.temperature_k = 380;
    const Memory at_350 = memory(cool, MemoryKind::high_performance, 64, 256),
                 at_380 = memory(hot, MemoryKind::high_performance, 64, 256);
    expect_close(at_380.leakage_uw / at_350.leakage_uw, 128 / 21.2, 1e-9);
    EXPECT_EQ(at_380.read_pj, at_350.read_pj);
}

TEST(Memory, GivenLowStandbyDevicesAt22Nanometres_ThenLeakageRisesThrough360Kelvin) {
    double before = 0;
    for (double kelvin : {300.0, 330.0, 350.0, 355.0, 360.0, 370.0, 380.0}) {
        Asked asked("sram_cacti7", 22);
        asked.temperature_k = kelvin;
        const double uw = memory(asked, MemoryKind::low_standby, 64, 256).leakage_uw;
        EXPECT_GT(uw, before) << kelvin;
        before = uw;
    }
}

TEST(Edram, GivenSixtyFourKilobytes_ThenWritesCostReadsAndRefreshIsApart) {
    Asked asked("edram_cacti7");
    const Memory m = memory(asked, MemoryKind::edram, 64, 256);
    expect_close(m.read_pj, 9.12, 1e-9);
    EXPECT_EQ(m.write_pj, m.read_pj);
    expect_close(m.refresh_uw, 2048 * 9.12 / 119, 1e-9);
    expect_close(m.leakage_uw + m.refresh_uw, 724, 1e-9);
    EXPECT_THAT(asked.report.remarks, IsEmpty());
    Asked at_22("edram_cacti7", 22);
    const Memory scaled = memory(at_22, MemoryKind::edram, 64, 256);
    expect_close(scaled.read_pj, 9.12 * 0.54, 1e-9);
    expect_close(scaled.area_um2, 55000 * 0.50, 1e-9);
    EXPECT_THAT(at_22.report.remarks, ElementsAre("node 22 nm is outside 32 ... 45"));
}

TEST(Buffer, GivenOneBank_ThenAByteIsAShareOfAnAccess) {
    Asked asked("sram_cacti7");
    asked.hardware.buffer.banks = 1;
    const Figures figures = asked.figures(Event::buffer_read_byte);
    expect_close(figures.energy_pj, 25.0 / 32, 1e-9);
    expect_close(asked.pj(Event::buffer_write_byte), 32.0 / 32, 1e-9);
    expect_close(figures.area_um2, 0.101e6 / 65536, 1e-9);
    expect_close(figures.leakage_uw, 2010.0 / 65536, 1e-9);
}

TEST(Buffer, GivenFourBanks_ThenAnAccessIsThatOfABankAndOfWiresToIt) {
    Asked asked("sram_cacti7");
    const double side_mm = 1e-3 * std::sqrt(4 * 0.0300e6);
    expect_close(asked.pj(Event::buffer_read_byte), (9.6 + 256 * 0.25 * 0.197 * side_mm) / 32, 1e-9);
    expect_close(asked.figures().latency_ns, 0.39 + 0.249 * side_mm, 1e-9);
}

TEST(Buffer, GivenTwoPorts_ThenThereIsACopyForEachAndItIsSaid) {
    Asked one("edram_cacti7"), two("edram_cacti7");
    two.hardware.buffer.ports = 2;
    const Figures single = one.figures(), twice = two.figures();
    EXPECT_EQ(twice.area_um2, 2 * single.area_um2);
    EXPECT_EQ(twice.refresh_uw, 2 * single.refresh_uw);
    EXPECT_GT(two.pj(Event::buffer_write_byte), 1.5 * one.pj(Event::buffer_write_byte));
    EXPECT_EQ(two.pj(Event::buffer_read_byte), one.pj(Event::buffer_read_byte));
    EXPECT_THAT(two.report.remarks, testing::Contains(HasSubstr("buffer.ports 2")));
}

TEST(Registers, GivenTwoKilobytesOfAProcessingElement_ThenAByteIsWrittenAndReadOnce) {
    Asked asked("register_cacti7");
    asked.hardware.pe.arrays = 16;  // x 64 rows x 2 vectors: 2 KB, 128 bits wide
    asked.set("class", 1);
    expect_close(asked.pj(), (1.65 + 3.23) / 16, 1e-9);
    expect_close(asked.figures().area_um2, 4210.0 / 2048, 1e-9);
}

Asked router(double node_nm, int concentration, int flit_bits, int vcs, int depth) {
    Asked asked("router_dsent", node_nm);
    asked.hardware.noc.concentration = concentration;
    asked.hardware.noc.flit_bits = flit_bits;
    asked.hardware.noc.vcs = vcs;
    asked.hardware.noc.vc_buffer_flits = depth;
    return asked;
}

double random_flit_pj(Asked asked) {
    return asked.pj(Event::router_flit) + 0.5 * asked.hardware.noc.flit_bits * asked.pj(Event::router_toggle);
}

TEST(Router, GivenTheRunsAndRandomData_ThenAHopCostsWhatTheyGive) {
    expect_close(random_flit_pj(router(32, 1, 32, 2, 4)), 1.23, 0.001);
    expect_close(random_flit_pj(router(32, 1, 32, 4, 4)), 1.71, 0.001);
    expect_close(random_flit_pj(router(45, 1, 32, 1, 4)), 1.75, 0.001);
    expect_close(random_flit_pj(router(22, 1, 32, 2, 4)), 0.58, 0.001);
    expect_close(random_flit_pj(router(32, 1, 256, 2, 4)), 8.85, 0.01);
    expect_close(random_flit_pj(router(32, 4, 32, 2, 4)), 1.49, 0.01);
    expect_close(random_flit_pj(router(32, 4, 32, 4, 8)), 2.85, 0.03);
    const Figures reference = router(32, 1, 32, 2, 4).figures();
    EXPECT_NEAR(reference.area_um2, 9040, 1e-6);
    EXPECT_NEAR(reference.leakage_uw, 4000.0 / 20, 1e-9);
    EXPECT_NEAR(reference.clock_pj, 0.18, 1e-12);
    expect_close(router(32, 4, 32, 4, 8).figures().area_um2, 44590, 0.05);  // not used for the fit
    expect_close(router(32, 4, 32, 4, 8).figures().leakage_uw, 1000, 0.05);
}

TEST(Router, GivenShapesOutside_ThenEachIsSaid) {
    Asked inside = router(32, 4, 256, 4, 8), outside = router(32, 5, 16, 8, 8);
    inside.figures();
    EXPECT_THAT(inside.report.remarks, IsEmpty());
    outside.figures();
    EXPECT_THAT(outside.report.remarks, ElementsAre(HasSubstr("ports 9"), HasSubstr("noc.vcs 8"),
                                                    HasSubstr("buffers 64"), HasSubstr("noc.flit_bits 16")));
}

TEST(Wires, GivenAMillimetre_ThenBusAndLinkCostWhatTheRunsGive) {
    EXPECT_NEAR(Asked("bus_wire").set("length_mm", 1).pj(), 8 * 0.25 * 0.197, 1e-12);
    EXPECT_NEAR(Asked("bus_wire", 22).set("length_mm", 1).set("repeaters", 0).pj(), 8 * 0.25 * 0.280, 1e-12);
    Asked link("link_wire");
    link.set("length_mm", 1);
    EXPECT_NEAR(link.pj(Event::link_toggle), 0.5 * 0.197, 1e-12);
    EXPECT_EQ(link.pj(Event::link_flit), 0.0);
    EXPECT_NEAR(link.figures().latency_ns, 0.249, 1e-12);
    EXPECT_NEAR(link.figures().leakage_uw, 32 * 2.2, 1e-9);
    EXPECT_NEAR(link.figures().area_um2, 32 * 0.128 * 1000, 1e-6);
    link.hardware.noc.link_delay_cycles = 3;
    EXPECT_NEAR(link.pj(Event::link_flit), 2 * 32 * 83 / 16.0 * 1e-3, 1e-12);
}

TEST(Wires, GivenATileOfOneSquareMillimetre_ThenLengthsFollow) {
    EXPECT_NEAR(Asked("bus_wire").pj(), 8 * 0.25 * 0.197 * 2, 1e-9);
    Asked link("link_wire");
    link.hardware.noc.concentration = 4;
    EXPECT_NEAR(link.pj(Event::link_toggle), 0.5 * 0.197 * 2, 1e-9);
    Asked tree("clock_tree");
    EXPECT_NEAR(tree.set("levels", 1).set("gated", 1).figures().clock_pj, 1.5 * 0.197, 1e-9);
    EXPECT_NEAR(tree.set("levels", 2).figures().clock_pj, 4.5 * 0.197, 1e-9);
    // 12 adders of 23 bits and 16 lanes of 72.
    const double pins_pj = (12 * 23 + 16 * 72) * 1.4e-3 * 32 / 28 * 0.81;
    EXPECT_NEAR(tree.set("gated", 0).figures().clock_pj, 4.5 * 0.197 + pins_pj, 1e-9);
}

TEST(Cells, GivenAReadVoltageAndTime_ThenANanosiemensCostsVSquaredGT) {
    Asked asked("cell_array");
    asked.hardware.crossbar.read_voltage_v = 0.2;
    asked.hardware.crossbar.read_time_ns = 1;
    // 128 x 128 cells of 20 kohm, half of the rows at 0.2 V for 1 ns.
    EXPECT_NEAR(64 * 128 * 5e4 * asked.pj(Event::read_conductance), 8192 * 0.04 / 20e3 * 1e-9 * 1e12, 1e-9);
    asked.hardware.dac.bits = 2;  // the digit 3 drives 0.2 V
    EXPECT_NEAR(9 * asked.pj(Event::read_conductance), 4e-8, 1e-20);
    EXPECT_NEAR(asked.figures().area_um2, 40 * 0.032 * 0.032, 1e-12);
}

TEST(Cells, GivenTwoBits_ThenAWriteIsFivePulsesWithVerification) {
    Asked asked("cell_array");
    const double read_pj = (1e4 + 1e3) / 2 * 0.04 * 100 * 1e-6;  // 100 kohm and 1 Mohm in nS, 0.2 V, 100 ns
    EXPECT_NEAR(asked.pj(Event::cell_write), 5 * (10 + 1.7 + read_pj), 1e-9);
    EXPECT_THAT(asked.report.remarks, IsEmpty());
    asked.hardware.crossbar.write_time_ns = 499;
    asked.pj(Event::cell_write);
    EXPECT_THAT(asked.report.remarks, ElementsAre(HasSubstr("crossbar.write_time_ns")));
}

TEST(Cells, GivenOtherKindsOfCells_ThenTheResistiveModelSaysSo) {
    Asked asked("cell_array");
    asked.hardware.device.kind = DeviceKind::pcm;
    asked.figures();
    EXPECT_THAT(asked.report.remarks, IsEmpty());
    asked.pj(Event::cell_write);
    EXPECT_THAT(asked.report.remarks, ElementsAre(HasSubstr("device.kind pcm is priced with pulses of ReRAM")));
    asked.report.remarks.clear();
    const double of_reram = asked.pj(Event::cell_write);
    asked.report.remarks.clear();
    asked.set("write_current_ua", 300).set("pulse_ns", 40);
    EXPECT_NEAR(asked.pj(Event::cell_write) - of_reram, 5 * (24 - 10), 1e-9) << "2 V x 300 uA x 40 ns";
    EXPECT_THAT(asked.report.remarks, IsEmpty()) << "the row has pulses of its own";
    asked.hardware.device.kind = DeviceKind::sram;
    asked.figures();
    EXPECT_THAT(asked.report.remarks, ElementsAre(HasSubstr("sram_array")));
}

Asked sram_cells(double node_nm) {
    Asked asked("sram_array", node_nm);
    asked.hardware.device.kind = DeviceKind::sram;
    asked.hardware.device.bits_per_cell = 1;
    return asked;
}

TEST(SramCells, GivenAReadAWriteAndACell_ThenFiguresAreTheArithmetic) {
    Asked asked = sram_cells(32);
    asked.hardware.crossbar.read_voltage_v = 0.9;
    asked.hardware.crossbar.read_time_ns = 2;
    EXPECT_NEAR(asked.pj(Event::read_conductance), 0.81 * 2e-6, 1e-18);
    const double pitch_um = std::sqrt(206) * 0.032, wire_ff = 0.246 * pitch_um;
    asked.hardware.crossbar.rows = 128;
    EXPECT_NEAR(asked.pj(Event::cell_write), 1e-3 * 0.81 * (128 * (wire_ff + 0.062) + wire_ff + 2 * 0.095), 1e-12);
    EXPECT_NEAR(asked.figures().area_um2, 206 * 0.032 * 0.032, 1e-12);
    EXPECT_NEAR(asked.figures().leakage_uw, 13.7 / (65536 * 8), 1e-8);  // 64 KB of low-standby cells, 350 K
    EXPECT_THAT(asked.report.remarks, IsEmpty());
}

TEST(SramCells, GivenWarmthRowsAndNodes_ThenFiguresGrowWhereTheyShould) {
    Asked asked = sram_cells(32);
    const Figures cool = asked.figures();
    const double write_pj = asked.pj(Event::cell_write);
    asked.temperature_k = 380;
    EXPECT_GT(asked.figures().leakage_uw, 2 * cool.leakage_uw);
    asked.hardware.crossbar.rows *= 2;
    EXPECT_GT(asked.pj(Event::cell_write), 1.9 * write_pj);
    EXPECT_GT(sram_cells(65).figures().area_um2, 4 * cool.area_um2);
    EXPECT_GT(asked.set("area_f2", 400).figures().latency_ns, cool.latency_ns);
    EXPECT_THAT(asked.report.remarks, IsEmpty());
    asked.set("area_f2", 401).figures();
    EXPECT_THAT(asked.report.remarks, ElementsAre(HasSubstr("area of a cell 401 F2 is outside 120 ... 400")));
    asked = sram_cells(32);
    asked.hardware.device.kind = DeviceKind::reram;
    asked.figures();
    EXPECT_THAT(asked.report.remarks, ElementsAre(HasSubstr("cell_array")));
}

TEST(Rows, GivenLinesOfOneHundredAndTwentyEightCells_ThenTheirChargeIsPaid) {
    Asked asked("row_driver", 22);
    asked.hardware.crossbar.cols = 128;
    asked.set("area_f2", 100);  // 0.22 um
    const double word_line_ff = 128 * (0.239 * 0.22 + 0.95 * 0.1), input_line_ff = 128 * (0.239 * 0.22 + 0.62 * 0.1);
    EXPECT_NEAR(asked.pj(Event::row_drive), 1e-3 * (4 * word_line_ff + 3.8), 1e-9);
    EXPECT_NEAR(asked.pj(Event::row_pulse), 1e-3 * 0.2 * 0.8 * input_line_ff, 1e-12);
    asked.hardware.dac.bits = 4;
    EXPECT_NEAR(asked.pj(Event::row_pulse), 1e-3 * (0.2 * 0.8 * input_line_ff + 4 * 50 * 0.64), 1e-12);
    asked.set("cell", 1);  // a crosspoint has no word line
    EXPECT_NEAR(asked.pj(Event::row_drive), 1e-3 * 4 * 3.8, 1e-12);
    asked.set("cell", 2);  // an SRAM cell's input is the gate of its read transistor
    asked.hardware.dac.bits = 1;
    EXPECT_NEAR(asked.pj(Event::row_drive), 1e-3 * 3.8, 1e-12);
    EXPECT_NEAR(asked.pj(Event::row_pulse), 1e-3 * 0.2 * 0.8 * 128 * (0.239 * 0.22 + 0.95 * 0.1), 1e-12);
}

TEST(Cells, GivenARailAndASampledRead_ThenTheSupplyPaysForTheCurrentForThatTime) {
    Asked asked("cell_array");
    asked.hardware.crossbar.read_voltage_v = 0.2;
    asked.hardware.crossbar.read_time_ns = 100;
    asked.set("drive_ns", 10).set("rail_v", 0.8);
    EXPECT_NEAR(asked.pj(Event::read_conductance), 0.8 * 0.2 * 10 * 1e-6, 1e-18);
    EXPECT_NEAR(asked.set("conducting", 0.25).pj(Event::read_conductance), 0.8 * 0.2 * 2.5 * 1e-6, 1e-18);
    EXPECT_THAT(asked.report.remarks, IsEmpty());
    // Of two bits the digits 1, 2 and 3 draw 1/3, 2/3 and 1 of it: as a sum, 14 times what counts for a squared digit.
    asked.hardware.dac.bits = 2;
    EXPECT_NEAR(14 * asked.pj(Event::read_conductance), (1 + 2 + 3) / 3.0 * 0.8 * 0.2 * 2.5 * 1e-6, 1e-18);
    asked.set("rail_v", 0.1).pj(Event::read_conductance);
    EXPECT_THAT(asked.report.remarks, ElementsAre(HasSubstr("rail_v")));
}

TEST(SramCells, GivenACapacitorEach_ThenAQuarterOfTheReadsChargesIt) {
    Asked asked("sram_charge", 32);
    asked.hardware.device.kind = DeviceKind::sram;
    EXPECT_NEAR(asked.pj(Event::cell_read), 1e-3 * 0.25 * 1.2 * 0.81, 1e-12);
    EXPECT_NEAR(asked.set("capacitor_ff", 2.4).pj(Event::cell_read), 1e-3 * 0.25 * 2.4 * 0.81, 1e-12);
    EXPECT_EQ(asked.pj(Event::read_conductance), 0);
    EXPECT_NEAR(asked.figures().area_um2, 290 * 0.032 * 0.032, 1e-12);
    EXPECT_NEAR(asked.figures().leakage_uw, sram_cells(32).figures().leakage_uw, 1e-15);
    EXPECT_THAT(asked.report.remarks, IsEmpty());
}

TEST(Rows, GivenADriversOwnCapacitance_ThenItSwingsWithTheLine) {
    Asked asked("row_driver", 22);
    const double bare_pj = asked.pj(Event::row_drive);
    EXPECT_NEAR(asked.set("driver_ff", 50).pj(Event::row_drive) - bare_pj, 1e-3 * 50 * 4, 1e-12);
}

TEST(Integrators, GivenACurrent_ThenEnergyGoesWithTimeAndBits) {
    Asked asked("adc_integrating", 65);
    asked.hardware.crossbar.read_time_ns = 900;
    asked.hardware.adc.sample_rate_gsps = 0.01;
    asked.hardware.adc.bits = 6;
    asked.hardware.dac.bits = 4;  // two digits share the decisions of a conversion
    const double supply = nominal_supply_v(65), bare_pj = asked.set("amplifier_ua", 1e-9).pj();
    EXPECT_NEAR(asked.set("amplifier_ua", 2).pj() - bare_pj, 1e-3 * supply * 2 * 1000, 1e-6);
    asked.hardware.adc.bits = 10;
    EXPECT_NEAR(asked.pj() - 1e-3 * supply * 2 * 1000, bare_pj / 3 * 5, 1e-6);
    // Of itself an amplifier that settles to half of one of 2^10 steps in 300 ns: gm = C 11 ln 2 / t, I = gm 1.5 kT/q.
    const double current_ua = 100.0 / 300 * 11 * std::log(2.0) * 1.5 * 8.617e-5 * 350;
    EXPECT_NEAR(asked.set("amplifier_ua", 0).pj() - bare_pj / 3 * 5, 1e-3 * supply * current_ua * 1000, 1e-6);
}

TEST(Converters, GivenTheTablesSupply_ThenColumnConvertersFollowItsSquare) {
    Asked asked("adc_sar_column", 28);
    asked.supply_v = 0.9;
    const double pj = asked.pj();
    asked.set("supply_v", 0);
    EXPECT_NEAR(asked.pj(), pj, 1e-12);
    asked.supply_v = 0.6;
    EXPECT_NEAR(asked.pj(), pj * 4 / 9, 1e-12);
}

TEST(Converters, GivenHalfOfTheNominalSupply_ThenAFlashConverterTakesAQuarter) {
    Asked asked("adc_flash", 32);
    asked.hardware.adc.bits = 4;
    const double pj = asked.pj();
    asked.supply_v = nominal_supply_v(32) / 2;
    EXPECT_NEAR(asked.pj(), pj / 4, 1e-12);
}

TEST(OffChip, GivenALink_ThenEightTimesItsEnergyOfABit) {
    EXPECT_NEAR(Asked("off_chip").pj(), 64, 1e-12);
    Asked hypertransport("off_chip");
    EXPECT_NEAR(hypertransport.set("link", 0).pj(), 406.25, 1e-9);
    EXPECT_NEAR(4e-6 * hypertransport.figures().area_um2, 22.88, 1e-9);
}

TEST(Controller, GivenOneInstruction_ThenAReadOfTheProgramAndThreeRegisters) {
    Asked asked("controller");
    const Memory program = memory(asked, MemoryKind::mixed, 4, 64);
    EXPECT_NEAR(asked.set("instructions", 1).pj(), program.read_pj + 3 * 64 * 83 / 16.0 * 1e-3, 1e-9);
    EXPECT_NEAR(asked.figures().area_um2, program.area_um2 + 3 * 64 * 130 / 32.0, 1e-6);
}

TEST(Scaling, GivenNodesOfThePaper_ThenItsFactorsReturn) {
    const Technology nm45{45, 1.0};
    EXPECT_NEAR(stillmaker_baas_2017(nm45, {32, 0.9}).energy, 0.531, 0.0005);
    EXPECT_NEAR(stillmaker_baas_2017(nm45, {65, 1.1}).energy, 1.95, 0.005);
    EXPECT_NEAR(stillmaker_baas_2017(nm45, {20, 0.9}).energy, 0.233, 0.0005);
    EXPECT_NEAR(stillmaker_baas_2017(nm45, {7, 0.7}).energy, 0.056, 0.0005);
    EXPECT_NEAR(stillmaker_baas_2017(nm45, {32, 0.9}).delay, 0.669, 0.001);
    EXPECT_NEAR(stillmaker_baas_2017(nm45, {16, 0.85}).delay, 0.51, 0.005);
    EXPECT_DOUBLE_EQ(stillmaker_baas_2017(nm45, {32, 0.9}).area, 0.46);
    EXPECT_DOUBLE_EQ(stillmaker_baas_2017({130, 1.2}, {7, 0.7}).area, 0.0092);
    EXPECT_DOUBLE_EQ(stillmaker_baas_2017({32, 0.9}, nm45).area, 2.2);
    EXPECT_DOUBLE_EQ(stillmaker_baas_2017({10, 0.75}, {20, 0.9}).area, 1 / 0.48);
    EXPECT_DOUBLE_EQ(stillmaker_baas_2017({14, 0.8}, {7, 0.7}).area, 0.28 / 0.82);
}

TEST(Scaling, GivenANodeBetween_ThenFactorsAreGeometric) {
    const double weight = std::log(32.0 / 22) / std::log(32.0 / 20);
    const NodeScaling to_22 = stillmaker_baas_2017({32, 0.9}, {22, 0.8});
    EXPECT_NEAR(to_22.area, std::pow(0.46, weight), 1e-12);
    const double to_20 = stillmaker_baas_2017({32, 0.9}, {20, 0.8}).energy,
                 at_32 = stillmaker_baas_2017({32, 0.9}, {32, 0.8}).energy;
    EXPECT_NEAR(to_22.energy, std::pow(at_32, 1 - weight) * std::pow(to_20, weight), 1e-12);
    const NodeScaling none = stillmaker_baas_2017({22, 0.8}, {22, 0.8});
    EXPECT_DOUBLE_EQ(none.energy, 1.0);
    EXPECT_DOUBLE_EQ(none.delay, 1.0);
}

TEST(Scaling, GivenANode_ThenItsNominalSupplyIsKnown) {
    for (const auto& [node_nm, volts] : {std::pair{65.0, 1.1}, {45.0, 1.0}, {32.0, 0.9}, {22.0, 0.8}, {7.0, 0.7}})
        EXPECT_DOUBLE_EQ(nominal_supply_v(node_nm), volts);
    EXPECT_GT(nominal_supply_v(28), 0.8);
    EXPECT_LT(nominal_supply_v(28), 0.9);
}

/// 64 + 17 adder bits of 2.35 fJ and 8 register bits of 83 / 16 fJ at 32 nm; at 45 nm and 8 bits between the 0.2 + 0.05 pJ of
/// Horowitz (ISSCC 2014) and twice as much.
TEST(MultiplierTree, GivenItsBits_ThenItIsAMultiplierItsPartOfTheTreeAndARegister) {
    Asked asked("multiplier_tree");
    EXPECT_NEAR(asked.pj(), 1e-3 * (81 * 2.35 + 8 * 83 / 16.0), 1e-9);
    EXPECT_NEAR(asked.figures().area_um2, 81 * 3.68 + 8 * 130 / 32.0, 1e-9);
    asked.hardware.digital.bits = 4;
    EXPECT_NEAR(asked.pj(), 1e-3 * (25 * 2.35 + 4 * 83 / 16.0), 1e-9);
    Asked older("multiplier_tree", 45);
    EXPECT_GT(older.pj(), 0.25);
    EXPECT_LT(older.pj(), 0.5);
}

/// 64 x 16 weights of 8 bits, 1 KB a set, in 32 banks of 256 bits, each 2 KB: a run of CACTI.
TEST(WeightMemory, GivenSetsAsWideAsRuns_ThenAByteCostsItsShareOfABank) {
    Asked asked("weight_sram_cacti7");
    asked.hardware.digital.cols = 16;
    asked.hardware.digital.weight_sets = 64;
    EXPECT_NEAR(asked.pj(Event::weight_read_byte), 3.9 / 32, 1e-9);
    EXPECT_NEAR(asked.pj(Event::weight_write_byte), 5.9 / 32, 1e-9);
    EXPECT_NEAR(asked.figures().area_um2, 0.0068e6 / 2048, 1e-9);
    EXPECT_NEAR(asked.figures().leakage_uw, 0.214e3 / 2048, 1e-9);
    EXPECT_NEAR(asked.figures().latency_ns, 0.20, 1e-9);
    EXPECT_THAT(asked.report.remarks, IsEmpty());
    asked.hardware.digital.weight_sets = 256;  // larger banks
    EXPECT_GT(asked.pj(Event::weight_read_byte), 3.9 / 32);
}

}  // namespace
}  // namespace xloop
