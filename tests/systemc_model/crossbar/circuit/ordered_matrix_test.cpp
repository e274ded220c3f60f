#include "systemc_model/crossbar/circuit/ordered_matrix.hpp"

#include <gtest/gtest.h>

namespace xloop {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;

TEST(OrderedMatrix, GivenAnyShape_ThenEveryElementIsSummedInTheOrderOfTheRows) {
    for (const auto& [k, m, n] : {std::array{1, 1, 1}, {1, 40, 33}, {9, 7, 16}, {20, 64, 17}, {3, 0, 5}}) {
        const MatrixXd a = MatrixXd::Random(k, m), b = MatrixXd::Random(m, n);
        MatrixXd expected = MatrixXd::Zero(k, n);
        for (Index i = 0; i < k; ++i)
            for (Index j = 0; j < n; ++j)
                for (Index row = 0; row < m; ++row)
                    expected(i, j) += a(i, row) * b(row, j);
        EXPECT_EQ(OrderedMatrix(b).multiplied_by(a), expected) << k << " x " << m << " x " << n;
    }
}

template <int width>
void expect_bits_of_single_numbers() {
    LaneSlot<width> x, sinh, cosh;
    for (int lane = 0; lane < width; ++lane)
        x.lane[lane] = 0.7 * (lane - 3) * (lane - 5);
    const auto vector = [](LaneSlot<width>& slot) -> Lanes<width>& { return reinterpret_cast<Lanes<width>&>(slot); };
    sinh_cosh(vector(x), vector(sinh), vector(cosh));
    for (int lane = 0; lane < width; ++lane) {
        double single_sinh, single_cosh;
        sinh_cosh(x.lane[lane], single_sinh, single_cosh);
        EXPECT_EQ(sinh.lane[lane], single_sinh);
        EXPECT_EQ(cosh.lane[lane], single_cosh);
    }
}

TEST(Lanes, GivenASinh_ThenEveryLaneHasTheBitsOfASingleNumber) {
    expect_bits_of_single_numbers<2>();
    expect_bits_of_single_numbers<4>();
    expect_bits_of_single_numbers<8>();
}

}  // namespace
}  // namespace xloop
