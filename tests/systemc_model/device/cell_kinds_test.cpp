#include "core/config/access.hpp"
#include "core/config/value.hpp"
#include "core/error.hpp"
#include "systemc_model/device/device_model.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <cmath>
#include <string>
#include <vector>

namespace xloop {
namespace {

constexpr int side = 256;
/// Four standard errors of a mean and, relative, of a standard deviation of side x side normal draws.
constexpr double mean_tolerance = 4.0 / side;
const double spread_tolerance = 4.0 / (side * std::sqrt(2.0));

/// 25 uS to 0.25 uS, as Joshi et al. have it.
HardwareConfig hardware_of(DeviceKind kind) {
    HardwareConfig hw;
    hw.crossbar.rows = hw.crossbar.cols = side;
    hw.device.kind = kind;
    hw.device.r_on_ohm = 40e3;
    hw.device.r_off_ohm = 4e6;
    hw.device.bits_per_cell = kind == DeviceKind::sram ? 1 : 4;
    return hw;
}

/// Phase-change cells without drift and 1/f noise.
HardwareConfig still_pcm() {
    HardwareConfig hw = hardware_of(DeviceKind::pcm);
    PcmConfig& pcm = hw.device.pcm;
    pcm.nu_least = pcm.nu_most = pcm.nu_sigma_least = pcm.nu_sigma_most = pcm.noise_on = 0.0;
    return hw;
}

/// Phase-change cells that are all at their target after programming.
HardwareConfig exact_pcm() {
    HardwareConfig hw = hardware_of(DeviceKind::pcm);
    PcmConfig& pcm = hw.device.pcm;
    pcm.programming_0 = pcm.programming_1 = pcm.programming_2 = 0.0;
    return hw;
}

Eigen::ArrayXXd programmed(const HardwareConfig& hw, int level, std::uint64_t array = 2) {
    return DeviceModel(hw).program(LevelMatrix::Constant(side, side, static_cast<std::uint8_t>(level)), array);
}

double spread(const Eigen::ArrayXXd& values) { return std::sqrt((values - values.mean()).square().mean()); }

double share_of_top(const HardwareConfig& hw, int level) {
    const LevelTable levels = make_levels(hw);
    return levels.mean(level) / levels.highest();
}

// Conformance: what every kind of the table must do.

class EachKind : public testing::TestWithParam<DeviceKind> {};

INSTANTIATE_TEST_SUITE_P(CellKinds, EachKind, testing::ValuesIn([] {
                             std::vector<DeviceKind> kinds;
                             for (const CellKind& row : cell_kinds())
                                 kinds.push_back(row.kind);
                             return kinds;
                         }()),
                         [](const auto& instance) { return std::string(name_of(instance.param)); });

TEST_P(EachKind, GivenItsName_ThenTheTableHasItInItsPlace) {
    const HardwareConfig hw = hardware_of(GetParam());
    EXPECT_EQ(cell_kind(hw.device).kind, GetParam());
}

TEST_P(EachKind, GivenASeed_ThenBitsAreThoseOfTheSeedAndTheArray) {
    HardwareConfig hw = hardware_of(GetParam());
    hw.device.drift_time_s = 1e5;
    const Eigen::ArrayXXd cells = programmed(hw, 1);
    EXPECT_TRUE((cells == programmed(hw, 1)).all());
    EXPECT_GT((cells != programmed(hw, 1, 3)).count(), side * side / 2);
    hw.chip_seed = 2;
    EXPECT_GT((cells != programmed(hw, 1)).count(), side * side / 2);
}

/// A cell's draws are its own: what its neighbours are programmed to does not matter to it.
TEST_P(EachKind, GivenOtherNeighbours_ThenACellIsTheSame) {
    HardwareConfig hw = hardware_of(GetParam());
    hw.device.drift_time_s = 1e5;
    LevelMatrix mixed = LevelMatrix::Constant(side, side, 0);
    for (int i = 0; i < side; ++i)
        for (int j = i % 2; j < side; j += 2)
            mixed(i, j) = 1;
    const Eigen::ArrayXXd zeros = programmed(hw, 0), ones = programmed(hw, 1);
    const Eigen::ArrayXXd cells = DeviceModel(hw).program(mixed, 2);
    EXPECT_TRUE((cells == mixed.cast<double>().array() * ones + (1.0 - mixed.cast<double>().array()) * zeros).all());
}

TEST_P(EachKind, GivenItsStatistics_ThenConductancesArePhysicalAndRiseWithTheLevel) {
    HardwareConfig hw = hardware_of(GetParam());
    hw.device.drift_time_s = 1e5;
    double below = -1.0;
    for (int level = 0; level < DeviceModel(hw).levels().size(); ++level) {
        const Eigen::ArrayXXd cells = programmed(hw, level);
        EXPECT_TRUE(cells.isFinite().all() && (cells >= 0.0).all()) << level;
        EXPECT_GT(cells.mean(), below) << level;
        below = cells.mean();
    }
}

TEST_P(EachKind, GivenFaults_ThenTheyAreAtTheLevelsThemselves) {
    HardwareConfig hw = hardware_of(GetParam());
    hw.device.drift_time_s = 1e5;
    hw.device.stuck_on_rate = 0.25;
    hw.device.stuck_off_rate = 0.25;
    hw.device.open_rate = 0.5;
    const LevelTable levels = make_levels(hw);
    const Eigen::ArrayXXd cells = programmed(hw, 1);
    EXPECT_TRUE((cells == levels.highest() || cells == levels.lowest() || cells == 0.0).all());
}

/// Everything that the rest of the model sees of the cells.
std::vector<double> seen_of(const HardwareConfig& hw) {
    const DeviceModel device(hw);
    const int levels = device.levels().size();
    LevelMatrix targets(16, 16);
    for (int i = 0; i < 16; ++i)
        for (int j = 0; j < 16; ++j)
            targets(i, j) = static_cast<std::uint8_t>((i + j) % levels);
    const Eigen::MatrixXd cells = device.program(targets, 2);
    std::vector<double> seen(cells.data(), cells.data() + cells.size());
    seen.insert(seen.end(), {1.0 * hw.cell_bits(), device.levels().step(), device.read_noise_sigma(),
                             device.curve().alpha_per_volt, device.curve().r_access_ohm});
    return seen;
}

HardwareConfig read_hardware(const std::vector<std::string>& assignments) {
    config::Node root;
    root.kind = config::Node::Kind::map;
    for (const std::string& assignment : assignments)
        config::apply_override(root, assignment);
    HardwareConfig hw;
    config::Section schema;
    describe(schema, hw);
    const config::Origins origins = config::read(root, schema);
    validate(hw, origins);
    return hw;
}

/// Assignments that make a kind show every effect it has.
std::vector<std::string> lively(const std::string& kind) {
    std::vector<std::string> assignments = {"device.kind=" + kind, "device.r_on_ohm=40e3", "device.r_off_ohm=4e6",
                                            "crossbar.rows=16", "crossbar.cols=16"};
    if (kind == "sram")
        assignments.push_back("device.bits_per_cell=1");
    if (kind == "pcm")
        assignments.push_back("device.drift_time_s=1e4");
    if (kind == "reram")
        for (const char* drift : {"device.drift_nu=0.1", "device.drift_nu_sigma=0.1", "device.drift_time_s=1e4"})
            assignments.emplace_back(drift);
    return assignments;
}

/// The next choice; half of what it is, or half of its range.
std::string other_value(const config::Access::Spec& spec) {
    const std::string now = config::value_node(spec).text;
    for (std::size_t i = 0; i + 1 < spec.choices.size(); ++i)
        if (spec.choices[i] == now)
            return spec.choices[i + 1];
    const double value = std::stod(now);
    return fmt::format("{}", value == 0.0 ? spec.high / 2 : value / 2);
}

/// Walks the schema: a key of the cell that a kind has no use for is refused, and every other changes its cells.
TEST_P(EachKind, GivenAnyKeyOfTheCell_ThenItIsRefusedOrChangesTheCells) {
    const std::string kind = name_of(GetParam());
    HardwareConfig defaults;
    config::Section schema;
    describe(schema, defaults);
    int acting = 0, refused = 0;
    for (const auto& [path, spec] : config::fields_of(schema)) {
        // Files and what validate allows one value of have tests of their own.
        if (path.rfind("device.", 0) != 0 || path == "device.kind" || spec->is_path ||
            (kind == "sram" && (path == "device.bits_per_cell" || path == "device.storage")))
            continue;
        std::vector<std::string> before = lively(kind);
        bool meant = true;
        for (const auto& condition : spec->conditions) {
            const std::string& other = condition.keys.front();
            if (other == "device.kind")
                meant = std::count(condition.values.begin(), condition.values.end(), kind) > 0;
            else if (!condition.values.empty() && (other.rfind("device.", 0) != 0 || kind == "reram"))
                before.push_back(other + "=" + condition.values.front());
        }
        const std::string change =
            path + "=" + (path == "device.drift_time_s" ? std::string("1e6") : other_value(*spec));
        std::vector<std::string> after = before;
        after.push_back(change);
        if (meant) {
            EXPECT_NE(seen_of(read_hardware(before)), seen_of(read_hardware(after))) << change;
            ++acting;
        } else {
            EXPECT_THROW(read_hardware(after), InputError) << change;
            ++refused;
        }
    }
    EXPECT_GT(acting, 6);
    EXPECT_GT(refused, 6);
}

// Phase-change cells.

TEST(PcmCells, GivenATarget_ThenMeanAndSpreadAreThoseOfThePolynomial) {
    const HardwareConfig hw = still_pcm();
    for (int level : {4, 8, 12, 15}) {
        const double x = share_of_top(hw, level), us = 0.26348 + 1.9650 * x - 1.1731 * x * x;  // of 25 uS
        const Eigen::ArrayXXd g = 1e6 * programmed(hw, level);
        EXPECT_NEAR(g.mean(), 25 * x, us * mean_tolerance) << level;
        EXPECT_NEAR(spread(g), us, us * spread_tolerance) << level;
    }
}

/// Share above 0 of a normal of mean m and standard deviation s, and the mean where values below 0 count as 0:
/// m P(m / s) + s p(m / s), P and p of the standard normal.
struct CutOff {
    CutOff(double m, double s)
        : inside(0.5 * std::erfc(-m / s / std::sqrt(2.0))),
          mean(m * inside + s * std::exp(-m * m / (2 * s * s)) / std::sqrt(2 * M_PI)) {}
    double inside, mean;
};

TEST(PcmCells, GivenTheLowestLevel_ThenTheNormalIsCutOffAtZero) {
    const HardwareConfig hw = still_pcm();
    const double s = 0.26348 + 1.9650 * 0.01 - 1.1731 * 1e-4;
    const CutOff expected(0.25, s);
    const Eigen::ArrayXXd g = 1e6 * programmed(hw, 0);
    EXPECT_NEAR(g.mean(), expected.mean, s * mean_tolerance);
    EXPECT_NEAR((g > 0.0).cast<double>().mean(), expected.inside, 4 * 0.5 / side);
}

TEST(PcmCells, GivenACubic_ThenItsHighestTermCounts) {
    HardwareConfig hw = still_pcm();
    hw.device.pcm = {};
    hw.device.pcm.noise_on = 0.0;
    PcmConfig& pcm = hw.device.pcm;
    pcm.programming_0 = pcm.programming_1 = pcm.programming_2 = 0.0;
    pcm.programming_3 = 0.08;
    const double x = share_of_top(hw, 8);
    EXPECT_NEAR(spread(1e6 * programmed(hw, 8)), 25 * 0.08 * x * x * x, 25 * 0.08 * x * x * x * spread_tolerance);
    pcm.programming_3 = -0.08;
    EXPECT_TRUE((programmed(hw, 8) == make_levels(hw).mean(8)).all()) << "a sigma below 0 is none";
}

/// nu of each cell from two times.
Eigen::ArrayXXd exponents(HardwareConfig hw, int level, double first_s, double second_s) {
    hw.device.pcm.noise_on = 0.0;
    hw.device.drift_t0_s = 20.0;
    hw.device.drift_time_s = first_s;
    const Eigen::ArrayXXd first = programmed(hw, level);
    hw.device.drift_time_s = second_s;
    return -(programmed(hw, level) / first).log() / std::log(second_s / first_s);
}

TEST(PcmCells, GivenTwoTimes_ThenTheExponentIsTheCellsOwnWithTheStatisticsOfItsLevel) {
    const HardwareConfig hw = exact_pcm();
    for (int level : {1, 2, 5, 15}) {
        const double log_x = std::log(share_of_top(hw, level));
        const double mean = std::min(std::max(0.0244 - 0.0155 * log_x, 0.049), 0.1),
                     sigma = std::min(std::max(-0.0059 - 0.0125 * log_x, 0.008), 0.045);
        const Eigen::ArrayXXd nu = exponents(hw, level, 1e3, 1e6);
        EXPECT_NEAR(nu.mean(), mean, sigma * mean_tolerance) << level;
        EXPECT_NEAR(spread(nu), sigma, sigma * spread_tolerance) << level;
        EXPECT_LT((nu - exponents(hw, level, 20, 1e4)).abs().maxCoeff(), 1e-9) << "the same cell, the same exponent";
    }
}

TEST(PcmCells, GivenAWideSpreadOfExponents_ThenNoCellDriftsUpwards) {
    HardwareConfig hw = exact_pcm();
    PcmConfig& pcm = hw.device.pcm;
    pcm.nu_least = pcm.nu_most = 0.01;
    pcm.nu_sigma_least = pcm.nu_sigma_most = 0.1;
    const Eigen::ArrayXXd nu = exponents(hw, 15, 20, 1e6);
    EXPECT_GE(nu.minCoeff(), 0.0);
    const double negative = 0.5 * std::erfc(0.1 / std::sqrt(2.0));
    EXPECT_NEAR((nu == 0.0).cast<double>().mean(), negative, 4 * 0.5 / side);
}

TEST(PcmCells, GivenTime_ThenTheNoiseGrowsWithTheRootOfItsLogarithm) {
    HardwareConfig hw = exact_pcm();
    hw.device.drift_t0_s = 20.0;
    PcmConfig& pcm = hw.device.pcm;
    pcm.nu_least = pcm.nu_most = pcm.nu_sigma_least = pcm.nu_sigma_most = 0.0;
    for (int level : {0, 3, 15}) {
        const double x = share_of_top(hw, level), q = std::min(0.2, 0.0088 * std::pow(x, -0.65));
        const auto change_at = [&](double seconds) -> Eigen::ArrayXXd {
            hw.device.drift_time_s = seconds;
            return programmed(hw, level) / make_levels(hw).mean(level) - 1.0;
        };
        const auto root = [](double seconds) { return std::sqrt(std::log((seconds + 250e-9) / 500e-9)); };
        const Eigen::ArrayXXd early = change_at(20), late = change_at(1e7);
        const double sigma = q * root(1e7);
        EXPECT_NEAR(1.0 + late.mean(), CutOff(1.0, sigma).mean, sigma * mean_tolerance) << level;
        EXPECT_LT((late - (early * root(1e7) / root(20)).max(-1.0)).abs().maxCoeff(), 1e-12) << level;
        if (level > 0) {  // at level 0 noise takes cells to 0
            EXPECT_NEAR(spread(late), sigma, sigma * spread_tolerance) << level;
        }
    }
}

TEST(PcmCells, GivenLessThanTheTimeOfTheFirstRead_ThenItIsRefused) {
    try {
        read_hardware({"device.kind=pcm", "device.drift_t0_s=20"});
        ADD_FAILURE();
    } catch (const InputError& error) {
        EXPECT_THAT(error.what(), testing::HasSubstr("device.drift_time_s"));
        EXPECT_THAT(error.what(), testing::HasSubstr("at least device.drift_t0_s = 20 s"));
    }
    EXPECT_NO_THROW(read_hardware({"device.kind=pcm", "device.drift_t0_s=20", "device.drift_time_s=20"}));
    EXPECT_THROW(read_hardware({"device.kind=pcm", "device.pcm.nu_most=0.01"}), InputError);
    EXPECT_THROW(read_hardware({"device.kind=pcm", "device.pcm.nu_sigma_least=0.05"}), InputError);
}

// SRAM cells.

TEST(SramCells, GivenMismatch_ThenOnCellsDifferAndOffCellsLeakAlike) {
    HardwareConfig hw = hardware_of(DeviceKind::sram);
    EXPECT_TRUE((programmed(hw, 0) == hw.device.g_off()).all());
    const Eigen::ArrayXXd on = programmed(hw, 1) / hw.device.g_on();
    EXPECT_NEAR(on.mean(), 1.0, 0.107 * mean_tolerance);
    EXPECT_NEAR(spread(on), 0.107, 0.107 * spread_tolerance);
    hw.device.on_current_sigma = 0.0;
    EXPECT_TRUE((programmed(hw, 1) == hw.device.g_on()).all()) << "no drift, no spread of programming";
}

TEST(SramCells, GivenMoreThanABit_ThenItIsRefused) {
    EXPECT_NO_THROW(read_hardware({"device.kind=sram", "device.bits_per_cell=1"}));
    for (const auto& [change, key] :
         {std::pair{"device.bits_per_cell=2", "device.bits_per_cell"}, {"device.storage=analog", "device.storage"}}) {
        try {
            read_hardware({"device.kind=sram", change});
            ADD_FAILURE() << change;
        } catch (const InputError& error) {
            EXPECT_THAT(error.what(), testing::AllOf(testing::HasSubstr(key), testing::HasSubstr("device.kind: sram")));
        }
    }
}

}  // namespace
}  // namespace xloop
