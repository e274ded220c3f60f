#include "systemc_model/device/cell_curve.hpp"

#include "systemc_model/device/sinh_cosh.hpp"

#include <gtest/gtest.h>
#include <cmath>

namespace xloop {
namespace {

TEST(SinhCosh, GivenArgumentsOfAllSizes_ThenEveryDigitIsRight) {
    for (const double scale : {1e-300, 1e-20, 1e-8, 1e-3, 0.1, 1.0, 10.0, 690.0})
        for (int k = -100; k <= 100; ++k) {
            const double x = scale * k / 100.0;
            double sinh, cosh;
            sinh_cosh(x, sinh, cosh);
            EXPECT_NEAR(sinh, std::sinh(x), 1.5e-15 * std::abs(std::sinh(x))) << x;
            EXPECT_NEAR(cosh, std::cosh(x), 1.5e-15 * std::cosh(x)) << x;
        }
}

// Copy me: a formula in closed form, over its whole range.
TEST(CellCurve, GivenNoAccessResistance_ThenItIsTheSinhLaw) {
    const CellCurve curve{3.0, 0.0};
    EXPECT_NEAR(curve.current(2e-5, 0.4), 2e-5 * std::sinh(1.2) / 3.0, 1e-20);
    EXPECT_NEAR(curve.secant(2e-5, 0.4), 2e-5 * std::sinh(1.2) / 1.2, 1e-19);
}

// The device's share of the voltage plus that of the resistance is the whole; an error of the device's voltage counts
// alpha * v times in its current.
TEST(CellCurve, GivenAccessResistance_ThenVoltagesAddUp) {
    for (const double alpha : {1e-6, 0.5, 3.0, 10.0, 60.0})
        for (const double access : {1e-9, 1.0, 2e3, 1e9})
            for (const double g : {1e-12, 1e-5, 1e-2})
                for (const double v : {1e-12, 0.01, 0.4, 3.0, 11.0}) {
                    const double i = CellCurve{alpha, access}.current(g, v);
                    const double u = std::asinh(alpha * i / g) / alpha;
                    EXPECT_NEAR(u + access * i, v, 1e-15 * (3 + alpha * v) * v)
                        << alpha << " " << access << " " << g << " " << v;
                }
}

TEST(CellCurve, GivenTheOppositeVoltage_ThenTheOppositeCurrent) {
    const CellCurve curve{4.0, 2e3};
    EXPECT_EQ(curve.current(3e-5, -0.7), -curve.current(3e-5, 0.7));
    EXPECT_EQ(curve.secant(3e-5, -0.7), curve.secant(3e-5, 0.7));
}

TEST(CellCurve, GivenNoNonlinearity_ThenItIsTheSeriesCircuit) {
    const CellCurve curve{0.0, 5e3};
    EXPECT_DOUBLE_EQ(curve.current(1e-4, 0.3), 0.3 / (1e4 + 5e3));
    EXPECT_DOUBLE_EQ(curve.secant(1e-4, 0.3), curve.slope(1e-4));
}

TEST(CellCurve, GivenNoVoltageOrNoCell_ThenNoCurrent) {
    for (const double access : {0.0, 1e3}) {
        const CellCurve curve{3.0, access};
        EXPECT_EQ(curve.current(0.0, 0.5), 0.0);
        EXPECT_EQ(curve.current(1e-5, 0.0), 0.0);
        EXPECT_EQ(curve.secant(0.0, 0.5), 0.0);
        EXPECT_EQ(curve.secant(1e-5, 0.0), curve.slope(1e-5));
    }
}

}  // namespace
}  // namespace xloop
