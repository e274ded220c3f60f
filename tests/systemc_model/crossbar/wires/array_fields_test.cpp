#include "systemc_model/crossbar/wires/array_fields.hpp"

#include "systemc_model/crossbar/wires/effective_conductance.hpp"
#include "tests/systemc_model/crossbar/wires/wires_oracle.hpp"

#include <gtest/gtest.h>

namespace xloop {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using test::random_conductances;

constexpr std::pair<int, int> small_shapes[] = {{1, 1}, {1, 9}, {9, 1}, {4, 4}, {3, 40}, {34, 5}, {17, 18}};
constexpr std::pair<int, int> shapes[] = {{1, 1}, {16, 1}, {5, 70}, {90, 20}, {75, 83}};
const Parasitics typical{700, 4, 9, 300};

MatrixXd fields_of_every_row(const ArrayFields& fields, Index rows) {
    return fields.voltages(MatrixXd::Identity(rows, rows));
}

MatrixXd fields_of_every_column(const ArrayFields& fields, Index cols) {
    return fields.adjoint(MatrixXd::Identity(cols, cols));
}

/// Central difference of sum(weights o G_eff) with respect to one conductance.
double finite_difference(MatrixXd g, const Parasitics& r, const MatrixXd& weights, Index k, Index l) {
    const double step = 1e-4 * g(k, l) + 1e-10, centre = g(k, l);
    const auto loss = [&](double conductance) {
        g(k, l) = conductance;
        return effective_conductance(g, r).cwiseProduct(weights).sum();
    };
    return (loss(centre + step) - loss(centre - step)) / (2 * step);
}

TEST(ArrayFields, GivenRaggedShapes_ThenCellVoltagesEqualNodalAnalysis) {
    for (auto [m, n] : small_shapes) {
        const MatrixXd g = random_conductances(m, n, 5), v = random_conductances(3, m, 6, 0.3) * 1e4;
        const MatrixXd expected = test::NodalAnalysis(g, typical).cell_voltages(v);
        EXPECT_LT((ArrayFields(g, typical).voltages(v) - expected).cwiseAbs().maxCoeff(), 1e-11) << m << "x" << n;
    }
}

// Reciprocity: the adjoint of an array is the field of the array turned over, driven where it was sensed.
TEST(ArrayFields, GivenRaggedShapes_ThenTheAdjointIsTheFieldOfTheArrayTurnedOver) {
    for (auto [m, n] : small_shapes) {
        const MatrixXd g = random_conductances(m, n, 7), turned = g.transpose().reverse();
        const MatrixXd u = fields_of_every_column(ArrayFields(g, typical), n);
        const MatrixXd expected = test::NodalAnalysis(turned, {300, 9, 4, 700}).cell_voltages(MatrixXd::Identity(n, n));
        for (Index j = 0; j < n; ++j)
            for (Index k = 0; k < m; ++k)
                for (Index l = 0; l < n; ++l)
                    EXPECT_NEAR(u(j, k * n + l), expected(n - 1 - j, (n - 1 - l) * m + m - 1 - k), 1e-11);
    }
}

TEST(ArrayFields, GivenSourceVoltages_ThenTheCellCurrentsOfAColumnSumToItsCurrent) {
    for (auto [m, n] : shapes) {
        const MatrixXd g = random_conductances(m, n, 8, 0.0), v = random_conductances(11, m, 9) * 1e4;
        const MatrixXd cell_voltages = ArrayFields(g, typical).voltages(v);
        MatrixXd currents = MatrixXd::Zero(11, n);
        for (Index i = 0; i < m; ++i)
            for (Index j = 0; j < n; ++j)
                currents.col(j) += g(i, j) * cell_voltages.col(i * n + j);
        const MatrixXd expected = v * effective_conductance(g, typical);
        EXPECT_LT((currents - expected).cwiseAbs().maxCoeff(), 1e-12 * expected.maxCoeff()) << m << "x" << n;
    }
}

TEST(ArrayFields, GivenManyInputs_ThenEachIsTreatedAsIfAlone) {
    const MatrixXd g = random_conductances(20, 37, 4), v = MatrixXd::Random(100, 20);
    const ArrayFields fields(g, typical);
    const MatrixXd together = fields.voltages(v);
    for (const Index k : {0, 7, 63, 64, 99})
        EXPECT_EQ(together.row(k), fields.voltages(v.row(k)).row(0));
}

TEST(ArrayFields, GivenNoParasitics_ThenACellSeesItsSourceAndItsColumnOnly) {
    const MatrixXd g = random_conductances(6, 11, 3);
    const ArrayFields fields(g, {});
    const MatrixXd w = fields_of_every_row(fields, 6), u = fields_of_every_column(fields, 11);
    for (Index k = 0; k < 6; ++k)
        for (Index l = 0; l < 11; ++l) {
            EXPECT_EQ(w.col(k * 11 + l), Eigen::VectorXd(Eigen::VectorXd::Unit(6, k)));
            EXPECT_EQ(u.col(k * 11 + l), Eigen::VectorXd(Eigen::VectorXd::Unit(11, l)));
        }
}

TEST(ArrayFields, GivenOneCell_ThenDerivativesAreProductsOfFields) {
    const MatrixXd g = random_conductances(7, 10, 11);
    const ArrayFields fields(g, typical);
    const MatrixXd w = fields_of_every_row(fields, 7), u = fields_of_every_column(fields, 10);
    for (auto [k, l] : {std::pair{0, 0}, {6, 0}, {3, 9}, {6, 9}, {2, 5}}) {
        MatrixXd more = g, less = g;
        const double step = 1e-9;
        more(k, l) += step;
        less(k, l) -= step;
        const MatrixXd difference =
            (effective_conductance(more, typical) - effective_conductance(less, typical)) / (2 * step);
        const MatrixXd product = w.col(k * 10 + l) * u.col(k * 10 + l).transpose();
        EXPECT_LT((difference - product).cwiseAbs().maxCoeff(), 1e-7);
    }
}

TEST(ConductanceGradient, GivenARandomLoss_ThenItEqualsFiniteDifferences) {
    const MatrixXd g = random_conductances(35, 20, 12);
    const MatrixXd weights = MatrixXd::Random(35, 20);
    for (const Parasitics& r : {typical, Parasitics{0, 5, 0, 200}, Parasitics{1000, 0, 20, 0}}) {
        const MatrixXd gradient = conductance_gradient(g, r, weights);
        for (auto [k, l] : {std::pair{0, 0}, {34, 0}, {19, 17}, {34, 19}, {5, 7}})
            EXPECT_NEAR(gradient(k, l), finite_difference(g, r, weights, k, l), 1e-6);
    }
}

TEST(ConductanceGradient, GivenRaggedShapes_ThenItIsTheWeightedSumOfFieldProducts) {
    for (auto [m, n] : shapes) {
        const MatrixXd g = random_conductances(m, n, 13), weights = MatrixXd::Random(m, n);
        const ArrayFields fields(g, typical);
        const MatrixXd products = fields_of_every_row(fields, m).cwiseProduct(fields.adjoint(weights));
        const MatrixXd expected = products.colwise().sum().reshaped<Eigen::RowMajor>(m, n);
        EXPECT_LT((conductance_gradient(g, typical, weights) - expected).cwiseAbs().maxCoeff(), 1e-11) << m << "x" << n;
    }
}

TEST(OwnPathSensitivity, GivenRaggedShapes_ThenItIsTheProductOfTheCellsOwnFields) {
    for (auto [m, n] : shapes) {
        const MatrixXd g = random_conductances(m, n, 14);
        const ArrayFields fields(g, typical);
        const MatrixXd w = fields_of_every_row(fields, m), u = fields_of_every_column(fields, n);
        const MatrixXd sensitivity = own_path_sensitivity(g, typical);
        for (Index k = 0; k < m; ++k)
            for (Index l = 0; l < n; ++l)
                EXPECT_NEAR(sensitivity(k, l), w(k, k * n + l) * u(l, k * n + l), 1e-12);
    }
}

TEST(OwnPathSensitivity, GivenNoParasitics_ThenItIsOne) {
    EXPECT_EQ(own_path_sensitivity(random_conductances(9, 6, 2), {}), MatrixXd(MatrixXd::Ones(9, 6)));
}

}  // namespace
}  // namespace xloop
