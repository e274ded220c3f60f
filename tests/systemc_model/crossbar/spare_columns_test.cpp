#include "systemc_model/crossbar/spare_columns.hpp"

#include "systemc_model/crossbar/programmed_array.hpp"
#include "tests/support.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <functional>
#include <set>
#include <string>
#include <vector>

namespace xloop {
namespace {

constexpr int rows = 24, used_rows = 20;

std::vector<std::int8_t> random_weights(int outs, std::uint64_t seed = 3) {
    const KeyedRandom random(seed, RandomUse::random_weights);
    std::vector<std::int8_t> w(static_cast<std::size_t>(outs) * used_rows);
    for (std::size_t i = 0; i < w.size(); ++i)
        w[i] = static_cast<std::int8_t>(static_cast<int>(random.below(255, i)) - 127);
    return w;
}

/// Cells at their levels, no wires, sums exact.
HardwareConfig exact_array(WeightMapping mapping, int cols, int spare) {
    HardwareConfig hw = test::perfect_hardware();
    hw.crossbar.rows = rows;
    hw.crossbar.cols = cols;
    hw.crossbar.weights = mapping;
    hw.crossbar.spare_cols = spare;
    hw.crossbar.circuit = Circuit::ideal;
    return hw;
}

ArrayContents contents_of(const std::vector<std::int8_t>& w, const HardwareConfig& hw) {
    const int outs = static_cast<int>(w.size()) / used_rows;
    return {w.data(), outs, used_rows, used_rows, hw.separate() ? Polarity::positive : Polarity::both, 0};
}

std::vector<std::int32_t> product(const std::vector<std::int8_t>& w, const HardwareConfig& hw) {
    const ProgrammedArray array(contents_of(w, hw), hw, DeviceModel(hw), 100.0);
    const std::vector<std::uint8_t> x = test::random_pixels(used_rows, 5);
    std::vector<std::int32_t> sums(static_cast<std::size_t>(array.outputs()), 0);
    array.multiply({x.data(), used_rows, 1, {}}, sums.data(), array.outputs());
    return sums;
}

/// Faults of whole columns of every array.
class DeadColumns {
public:
    explicit DeadColumns(const std::vector<int>& columns, const char* fault = "open", int first_row = 0)
        : path_(testing::TempDir() + "xloop_dead_" + std::to_string(::getpid()) + ".csv") {
        std::ofstream file(path_);
        file << "array,row,column,fault\n";
        for (int column : columns)
            for (int row = first_row; row < rows; ++row)
                file << "*," << row << "," << column << "," << fault << "\n";
    }
    ~DeadColumns() { std::remove(path_.c_str()); }
    const std::string& path() const { return path_; }

private:
    std::string path_;
};

std::vector<int> columns_of(const WeightSlicing& slicing) {
    std::vector<int> columns;
    for (int c = 0; c < slicing.conversions(); ++c)
        columns.push_back(slicing.plus_column(c));
    return columns;
}

class EachMapping : public testing::TestWithParam<WeightMapping> {};

INSTANTIATE_TEST_SUITE_P(SpareColumns, EachMapping,
                         testing::Values(WeightMapping::differential, WeightMapping::offset, WeightMapping::separate),
                         [](const auto& instance) { return std::string(name_of(instance.param)); });

TEST_P(EachMapping, GivenOneDeadColumn_ThenOneSpareMakesTheArrayExactAgain) {
    const HardwareConfig whole = exact_array(GetParam(), 44, 0);
    const std::vector<std::int8_t> w = random_weights(4);
    const std::vector<std::int32_t> expected = product(w, whole);
    for (const char* fault : {"open", "on"})
        for (int column : {4, 7}) {
            const DeadColumns dead({column}, fault);
            HardwareConfig hw = whole;
            hw.device.fault_map = dead.path();
            EXPECT_NE(product(w, hw), expected) << "the column must matter";
            hw.crossbar.spare_cols = 1;
            EXPECT_EQ(product(w, hw), expected) << fault << " " << column;
        }
}

TEST_P(EachMapping, GivenAsManySparesAsDeadColumns_ThenTheArrayIsExact) {
    const HardwareConfig whole = exact_array(GetParam(), 44, 0);
    const std::vector<std::int8_t> w = random_weights(4);
    const DeadColumns dead({2, 5, 12});
    HardwareConfig hw = whole;
    hw.device.fault_map = dead.path();
    hw.crossbar.spare_cols = 3;
    EXPECT_EQ(product(w, hw), product(w, whole));
}

TEST_P(EachMapping, GivenNoSpareOrNoFault_ThenColumnsAndBitsAreThoseOfTheArrayWithout) {
    HardwareConfig hw = exact_array(GetParam(), 44, 0);
    hw.device.programming_sigma = 0.1;
    hw.crossbar.circuit = Circuit::linear;
    hw.crossbar.r_wire_row_ohm = 2;
    const std::vector<std::int8_t> w = random_weights(3);
    const std::vector<std::int32_t> without = product(w, hw);
    hw.crossbar.spare_cols = 2;
    EXPECT_EQ(product(w, hw), without);
    const DeviceModel device(hw);
    const ArrayContents contents = contents_of(w, hw);
    EXPECT_EQ(columns_of(place_weights(contents, hw, device)),
              columns_of(WeightSlicing(hw, contents.outputs, contents.polarity)));
}

TEST_P(EachMapping, GivenSpares_ThenTheyAreTakenFromTheWeights) {
    HardwareConfig hw = exact_array(GetParam(), 41, 0);  // 20, 40 or 41 places for conversions of 4 slices
    const int places = GetParam() == WeightMapping::differential ? 20 : GetParam() == WeightMapping::offset ? 40 : 41;
    for (int spare = 0; spare <= places - 4; ++spare) {
        hw.crossbar.spare_cols = spare;
        EXPECT_EQ(hw.outputs_per_array(), (places - spare) / 4) << spare;
    }
    hw.crossbar.spare_cols = places - 3;
    try {
        validate(hw, {});
        ADD_FAILURE();
    } catch (const InputError& error) {
        EXPECT_THAT(error.what(), testing::HasSubstr("crossbar.spare_cols"));
    }
}

TEST(SpareColumns, GivenFaultsInUnusedRows_ThenNothingMoves) {
    HardwareConfig hw = exact_array(WeightMapping::separate, 20, 2);
    const DeadColumns dead({1, 3}, "on", used_rows);
    hw.device.fault_map = dead.path();
    const std::vector<std::int8_t> w = random_weights(4);
    const ArrayContents contents = contents_of(w, hw);
    const DeviceModel device(hw);
    EXPECT_EQ(columns_of(place_weights(contents, hw, device)),
              columns_of(WeightSlicing(hw, contents.outputs, contents.polarity)));
}

TEST(SpareColumns, GivenASpareThatIsAsBad_ThenTheConversionStays) {
    HardwareConfig hw = exact_array(WeightMapping::separate, 17, 1);
    const DeadColumns dead({2, 16});
    hw.device.fault_map = dead.path();
    const std::vector<std::int8_t> w = random_weights(4);
    const DeviceModel device(hw);
    EXPECT_EQ(place_weights(contents_of(w, hw), hw, device).plus_column(8), 2);
}

/// Of two dead slices the one that counts more is replaced.
TEST(SpareColumns, GivenOneSpareForTwoDeadSlices_ThenTheHigherOneTakesIt) {
    HardwareConfig hw = exact_array(WeightMapping::separate, 17, 1);
    const DeadColumns dead({0, 2});
    hw.device.fault_map = dead.path();
    const std::vector<std::int8_t> w = random_weights(4);
    const WeightSlicing slicing = place_weights(contents_of(w, hw), hw, DeviceModel(hw));
    EXPECT_EQ(slicing.plus_column(0), 0);   // output 0, slice 0
    EXPECT_EQ(slicing.plus_column(8), 16);  // output 0, slice 2
}

/// Level steps that cells are off when programmed to `targets`, from what they conduct.
Eigen::ArrayXXd errors_of(const LevelMatrix& targets, const HardwareConfig& hw) {
    const DeviceModel device(hw);
    Eigen::ArrayXXd errors = device.program(targets, 0);
    for (Eigen::Index i = 0; i < errors.rows(); ++i)
        for (Eigen::Index j = 0; j < errors.cols(); ++j)
            errors(i, j) = std::abs(errors(i, j) - device.levels().mean(targets(i, j))) / device.levels().step();
    return errors;
}

/// What conversion c would be off by with the columns at `place`: programmed there, in an array that holds nothing else.
double error_at(const std::vector<std::int8_t>& w, const HardwareConfig& hw, int c, int place) {
    const ArrayContents contents = contents_of(w, hw);
    WeightSlicing slicing(hw, contents.outputs, contents.polarity);
    const LevelMatrix own = slicing.levels(w.data(), used_rows, used_rows);
    LevelMatrix alone = LevelMatrix::Zero(own.rows(), own.cols());
    const int width = hw.columns_per_conversion(), from = slicing.columns_of(slicing.place(c)),
              to = slicing.columns_of(place);
    alone.middleCols(to, width) = own.middleCols(from, width);
    return slicing.slice_weight(c) * errors_of(alone, hw).block(0, to, used_rows, width).sum();
}

/// The least sum of errors of all ways to give conversions the spare places.
double least_error(const std::vector<std::int8_t>& w, const HardwareConfig& hw) {
    const WeightSlicing slicing(hw, contents_of(w, hw).outputs, contents_of(w, hw).polarity);
    const int first = hw.conversion_places() - hw.crossbar.spare_cols;
    std::set<int> taken;
    std::function<double(int)> best_from = [&](int c) -> double {
        if (c == slicing.conversions())
            return 0.0;
        double best = error_at(w, hw, c, slicing.place(c)) + best_from(c + 1);
        for (int place = first; place < hw.conversion_places(); ++place)
            if (taken.insert(place).second) {
                best = std::min(best, error_at(w, hw, c, place) + best_from(c + 1));
                taken.erase(place);
            }
        return best;
    };
    return best_from(0);
}

double error_of(const std::vector<std::int8_t>& w, const HardwareConfig& hw) {
    const WeightSlicing slicing = place_weights(contents_of(w, hw), hw, DeviceModel(hw));
    double sum = 0.0;
    for (int c = 0; c < slicing.conversions(); ++c)
        for (int place = 0; place < hw.conversion_places(); ++place)
            if (slicing.columns_of(place) == slicing.plus_column(c))
                sum += error_at(w, hw, c, place);
    return sum;
}

/// Analog cells: a conversion for each output, so that the search is short.
HardwareConfig random_faults(WeightMapping mapping, int spare, std::uint64_t chip) {
    const int outs = 4, width = mapping == WeightMapping::differential ? 2 : 1;
    HardwareConfig hw =
        exact_array(mapping, (outs + spare) * width + (mapping == WeightMapping::offset ? 1 : 0), spare);
    hw.device.storage = CellStorage::analog;
    hw.device.stuck_on_rate = hw.device.stuck_off_rate = hw.device.open_rate = 0.03;
    hw.chip_seed = chip;
    return hw;
}

/// A spare without faults makes the conversion exact that takes it.
TEST_P(EachMapping, GivenAFaultlessSpare_ThenTheErrorIsTheLeastOfAllWays) {
    const std::vector<std::int8_t> w = random_weights(4);
    for (int spare : {1, 2}) {
        HardwareConfig hw = random_faults(GetParam(), spare, 1);
        hw.device.stuck_on_rate = hw.device.stuck_off_rate = hw.device.open_rate = 0.0;
        const DeadColumns dead({1, 2, 3}, "on", 9);  // parts of columns, which differ by their weights
        hw.device.fault_map = dead.path();
        const double least = least_error(w, hw);
        EXPECT_NEAR(error_of(w, hw), least, 1e-9) << spare;
        HardwareConfig none = hw;
        none.crossbar.spare_cols = 0;
        EXPECT_LT(least, error_of(w, none)) << spare;
    }
}

/// Spares have faults of their own: the rule, with errors taken from programmed cells.
TEST_P(EachMapping, GivenFaultsEverywhere_ThenTheWorstConversionTakesTheBestSpareIfItIsBetter) {
    const std::vector<std::int8_t> w = random_weights(4);
    int moved = 0;
    for (std::uint64_t chip = 1; chip <= 20; ++chip) {
        const HardwareConfig hw = random_faults(GetParam(), 3, chip);
        const WeightSlicing slicing = place_weights(contents_of(w, hw), hw, DeviceModel(hw));
        const int first = hw.conversion_places() - hw.crossbar.spare_cols;
        std::set<int> waiting = {0, 1, 2, 3}, spare;
        for (int place = first; place < hw.conversion_places(); ++place)
            spare.insert(place);
        while (!waiting.empty()) {
            const auto own = [&](int c) { return error_at(w, hw, c, slicing.place(c)); };
            const int worst =
                *std::max_element(waiting.begin(), waiting.end(), [&](int a, int b) { return own(a) < own(b); });
            waiting.erase(worst);
            int best = slicing.place(worst);
            for (int place : spare)
                if (error_at(w, hw, worst, place) < error_at(w, hw, worst, best) - 1e-12)
                    best = place;
            EXPECT_EQ(slicing.plus_column(worst), slicing.columns_of(best)) << chip;
            moved += static_cast<int>(spare.erase(best));
        }
        EXPECT_GE(error_of(w, hw), least_error(w, hw) - 1e-9);
    }
    EXPECT_GT(moved, 20) << "faults must matter";
}

}  // namespace
}  // namespace xloop
