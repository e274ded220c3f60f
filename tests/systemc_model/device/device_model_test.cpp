#include "systemc_model/device/device_model.hpp"

#include "core/error.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>
#include <cmath>
#include <cstdio>
#include <fstream>

namespace xloop {
namespace {

constexpr int side = 256;

HardwareConfig square() {
    HardwareConfig hw;
    hw.crossbar.rows = hw.crossbar.cols = side;
    hw.device.programming_sigma = 0.0;
    return hw;
}

Eigen::ArrayXXd programmed(const HardwareConfig& hw, int level, std::uint64_t array = 2) {
    return DeviceModel(hw).program(LevelMatrix::Constant(side, side, static_cast<std::uint8_t>(level)), array);
}

double spread(const Eigen::ArrayXXd& g) { return std::sqrt((g - g.mean()).square().mean()); }

/// Four standard errors of a mean and of a standard deviation of side x side draws.
constexpr double mean_tolerance = 4.0 / side;
const double spread_tolerance = 4.0 / (side * std::sqrt(2.0));

/// A file that lives as long as the test.
class TextFile {
public:
    explicit TextFile(const std::string& text)
        : path_(testing::TempDir() + "xloop_device_" + std::to_string(::getpid()) + "_" + std::to_string(++count_) +
                ".csv") {
        std::ofstream(path_) << text;
    }
    ~TextFile() { std::remove(path_.c_str()); }
    const std::string& path() const { return path_; }

private:
    static inline int count_ = 0;
    std::string path_;
};

TEST(DeviceModel, GivenNothingSwitchedOn_ThenLevelsAreEvenlySpacedAndExact) {
    const HardwareConfig hw = square();
    EXPECT_TRUE((programmed(hw, 0) == hw.device.g_off()).all());
    const double step = (hw.device.g_on() - hw.device.g_off()) / 3;
    EXPECT_TRUE((programmed(hw, 2) == hw.device.g_off() + 2 * step).all());
    EXPECT_NEAR(programmed(hw, 3)(0, 0), hw.device.g_on(), 1e-12 * hw.device.g_on());
}

TEST(DeviceModel, GivenRelativeSpread_ThenMeanAndSpreadAreThoseAskedAndDevicesDiffer) {
    HardwareConfig hw = square();
    hw.device.programming_sigma = 0.05;
    const Eigen::ArrayXXd g = programmed(hw, 3) / hw.device.g_on();
    EXPECT_NEAR(g.mean(), 1.0, 0.05 * mean_tolerance);
    EXPECT_NEAR(spread(g), 0.05, 0.05 * spread_tolerance);
    EXPECT_FALSE((programmed(hw, 3) == programmed(hw, 3, 3)).all()) << "another array is another device";
    HardwareConfig other = hw;
    other.chip_seed = 2;
    EXPECT_FALSE((programmed(hw, 3) == programmed(other, 3)).all()) << "another chip is another device";
    EXPECT_TRUE((programmed(hw, 3) == programmed(hw, 3)).all());
}

TEST(DeviceModel, GivenALognormalDistribution_ThenItIsSkewedWithTheSameMeanAndSpread) {
    HardwareConfig hw = square();
    hw.device.programming_sigma = 0.3;
    hw.device.programming_distribution = ProgrammingDistribution::lognormal;
    const Eigen::ArrayXXd g = programmed(hw, 3) / hw.device.g_on();
    EXPECT_NEAR(g.mean(), 1.0, 0.3 * mean_tolerance);
    EXPECT_NEAR(spread(g), 0.3, 2 * 0.3 * spread_tolerance);
    const double skewness = ((g - g.mean()) / spread(g)).cube().mean();
    EXPECT_NEAR(skewness, 0.3 * (3 + 0.3 * 0.3), 0.1);  // (e^s2 + 2) sqrt(e^s2 - 1), with e^s2 - 1 = 0.3^2
}

TEST(DeviceModel, GivenAbsoluteAndStateDependentSpreads_ThenTheyFollowTheLevel) {
    HardwareConfig hw = square();
    hw.device.programming_spread = ProgrammingSpread::absolute;
    hw.device.programming_sigma_us = 0.1;
    for (int level : {0, 3})
        EXPECT_NEAR(spread(programmed(hw, level)), 1e-7, 1e-7 * spread_tolerance);
    hw.device.programming_spread = ProgrammingSpread::state;
    hw.device.programming_sigma = 0.02;
    hw.device.programming_sigma_off = 0.2;
    for (int level : {0, 1, 2, 3}) {
        const Eigen::ArrayXXd g = programmed(hw, level);
        const double expected = 0.2 + level / 3.0 * (0.02 - 0.2);
        EXPECT_NEAR(spread(g) / g.mean(), expected, 2 * expected * spread_tolerance) << level;
    }
}

TEST(DeviceModel, GivenALevelTable_ThenMeansAndSpreadsAreItsOwn) {
    const TextFile file("# measured\nmean_s,sigma_s\n1e-6,1e-8\n 2e-6, 5e-8\n4e-6,0\n1e-5,2e-7\n");
    HardwareConfig hw = square();
    hw.device.level_table = file.path();
    hw.device.programming_spread = ProgrammingSpread::table;
    EXPECT_NEAR(programmed(hw, 1).mean(), 2e-6, 5e-8 * mean_tolerance);
    EXPECT_NEAR(spread(programmed(hw, 1)), 5e-8, 5e-8 * spread_tolerance);
    EXPECT_TRUE((programmed(hw, 2) == 4e-6).all());
    EXPECT_DOUBLE_EQ(DeviceModel(hw).levels().step(), 3e-6);
}

TEST(DeviceModel, GivenAWrongLevelTable_ThenTheErrorNamesTheLine) {
    HardwareConfig hw = square();
    const auto message = [&](const std::string& text) {
        const TextFile file(text);
        hw.device.level_table = file.path();
        try {
            DeviceModel model(hw);
        } catch (const InputError& error) {
            return std::string(error.what());
        }
        return std::string("no error");
    };
    EXPECT_THAT(message("mean,sigma\n"), testing::HasSubstr(":1: header `mean,sigma`; expected `mean_s,sigma_s`"));
    EXPECT_THAT(message("mean_s,sigma_s\n1e-6,0\nx,0\n"), testing::HasSubstr(":3: mean_s is `x`; expected a number"));
    EXPECT_THAT(message("mean_s,sigma_s\n2e-6,0\n1e-6,0\n"), testing::HasSubstr(":3: mean_s 1e-6 is not above"));
    EXPECT_THAT(message("mean_s,sigma_s\n1e-6,0\n2e-6,0\n"),
                testing::HasSubstr("2 levels, but device.bits_per_cell asks for 4"));
    EXPECT_THAT(message("mean_s,sigma_s\n1e-6\n"), testing::HasSubstr(":2: 1 cells; expected 2"));
    EXPECT_THAT(message(""), testing::HasSubstr("empty"));
    hw.device.level_table = "/nowhere.csv";
    EXPECT_THROW(DeviceModel{hw}, InputError);
}

TEST(DeviceModel, GivenAnalogStorage_ThenACellHoldsEveryMagnitude) {
    HardwareConfig hw = square();
    hw.device.storage = CellStorage::analog;
    EXPECT_EQ(DeviceModel(hw).levels().size(), 128);
    EXPECT_EQ(hw.slices(), 1);
    hw.crossbar.weights = WeightMapping::offset;
    EXPECT_EQ(DeviceModel(hw).levels().size(), 256);
}

TEST(DeviceModel, GivenFaultRates_ThenThatShareOfCellsIsStuck) {
    HardwareConfig hw = square();
    hw.device.stuck_on_rate = 0.02;
    hw.device.stuck_off_rate = 0.05;
    hw.device.open_rate = 0.01;
    const Eigen::ArrayXXd g = programmed(hw, 2);
    const auto share = [&](double value) { return (g == value).cast<double>().mean(); };
    const auto tolerance = [](double p) { return 4 * std::sqrt(p * (1 - p)) / side; };
    const DeviceModel model(hw);
    EXPECT_NEAR(share(model.levels().highest()), 0.02, tolerance(0.02));
    EXPECT_NEAR(share(model.levels().lowest()), 0.05, tolerance(0.05));
    EXPECT_NEAR(share(0.0), 0.01, tolerance(0.01));
}

TEST(DeviceModel, GivenAFaultMap_ThenItsCellsAreStuckInItsArrayOrInEveryOne) {
    const TextFile file("array,row,column,fault\n2,0,1,on\n*,3,4,open\n2,255,255,off\n");
    HardwareConfig hw = square();
    hw.device.fault_map = file.path();
    const Eigen::ArrayXXd two = programmed(hw, 1, 2), five = programmed(hw, 1, 5);
    const DeviceModel model(hw);
    EXPECT_EQ(two(0, 1), model.levels().highest());
    EXPECT_EQ(five(0, 1), model.levels().mean(1));
    EXPECT_EQ(two(3, 4), 0.0);
    EXPECT_EQ(five(3, 4), 0.0);
    EXPECT_EQ(two(255, 255), model.levels().lowest());
    EXPECT_EQ((two != model.levels().mean(1)).count(), 3);
}

TEST(DeviceModel, GivenAWrongFaultMap_ThenTheErrorNamesTheLine) {
    HardwareConfig hw = square();
    for (const auto& [line, expected] : {std::pair{"2,256,0,on", "row is `256`; expected a whole number from 0 to 255"},
                                         {"2,0,0,up", "fault `up` is unknown; expected on, off or open"},
                                         {"two,0,0,on", "array is `two`"},
                                         {"1,1,1,off\n1,1,1,on", "earlier line"}}) {
        const TextFile file(std::string("array,row,column,fault\n") + line + "\n");
        hw.device.fault_map = file.path();
        try {
            DeviceModel model(hw);
            ADD_FAILURE() << line;
        } catch (const InputError& error) {
            EXPECT_THAT(error.what(), testing::HasSubstr(expected));
        }
    }
}

TEST(DeviceModel, GivenDrift_ThenConductanceFollowsThePowerLawAndFaultsDoNotMove) {
    HardwareConfig hw = square();
    hw.device.drift_nu = 0.05;
    hw.device.drift_time_s = 1e4;
    hw.device.stuck_on_rate = 0.1;
    const DeviceModel model(hw);
    const Eigen::ArrayXXd g = programmed(hw, 1);
    const double drifted = model.levels().mean(1) * std::pow(1e4, -0.05);
    EXPECT_TRUE(((g - drifted).abs() < 1e-15 * drifted || g == model.levels().highest()).all());
    hw.device.stuck_on_rate = 0.0;
    hw.device.drift_nu_sigma = 0.01;
    const Eigen::ArrayXXd nu = -(programmed(hw, 1) / model.levels().mean(1)).log() / std::log(1e4);
    EXPECT_NEAR(nu.mean(), 0.05, 0.01 * mean_tolerance);
    EXPECT_NEAR(spread(nu), 0.01, 0.01 * spread_tolerance);
    hw.device.drift_time_s = hw.device.drift_t0_s;
    EXPECT_TRUE((programmed(hw, 1) == model.levels().mean(1)).all()) << "no time, no drift";
}

}  // namespace
}  // namespace xloop
