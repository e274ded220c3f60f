// All of G_eff of an n x n array. `best_ms`: best of many; `times_ldlt`: how much faster than the usual way, nodal
// analysis with a sparse factorisation and one solve for each row, in the same process; `of_fp64`: time over that of fp64.
#include "core/random.hpp"
#include "systemc_model/crossbar/wires/array_fields.hpp"
#include "systemc_model/crossbar/wires/effective_conductance.hpp"

#include <benchmark/benchmark.h>
#include <Eigen/SparseCholesky>
#include <algorithm>
#include <chrono>
#include <map>
#include <vector>

namespace {

using namespace xloop;
using Eigen::Index;
using Eigen::MatrixXd;

constexpr Parasitics typical{1000, 5, 10, 1000};

MatrixXd conductances(Index n) {
    const KeyedRandom random(1, RandomUse::programming_variation);
    MatrixXd g(n, n);
    for (Index i = 0; i < n; ++i)
        for (Index j = 0; j < n; ++j)
            g(i, j) = 5e-6 + 4.5e-5 * random.uniform(i, j);
    return g;
}

template <class Work>
double seconds(const Work& work) {
    const auto start = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

Index row_node(const MatrixXd& g, Index i, Index j) { return 2 * (i * g.cols() + j); }
Index column_node(const MatrixXd& g, Index i, Index j) { return row_node(g, i, j) + 1; }

/// Lower triangle.
Eigen::SparseMatrix<double> nodal_matrix(const MatrixXd& g, const Parasitics& r) {
    const Index m = g.rows(), n = g.cols();
    std::vector<Eigen::Triplet<double>> elements;
    const auto ground = [&](Index p, double conductance) { elements.emplace_back(p, p, conductance); };
    const auto connect = [&](Index p, Index q, double conductance) {
        ground(p, conductance);
        ground(q, conductance);
        elements.emplace_back(std::max(p, q), std::min(p, q), -conductance);
    };
    const auto a = [&](Index i, Index j) { return row_node(g, i, j); };
    const auto b = [&](Index i, Index j) { return column_node(g, i, j); };
    for (Index i = 0; i < m; ++i)
        for (Index j = 0; j < n; ++j) {
            connect(a(i, j), b(i, j), g(i, j));
            if (j + 1 < n)
                connect(a(i, j), a(i, j + 1), 1 / r.r_wire_row);
            if (i + 1 < m)
                connect(b(i, j), b(i + 1, j), 1 / r.r_wire_col);
        }
    for (Index i = 0; i < m; ++i)
        ground(a(i, 0), 1 / r.r_driver);
    for (Index j = 0; j < n; ++j)
        ground(b(m - 1, j), 1 / r.r_sense);
    Eigen::SparseMatrix<double> y(2 * m * n, 2 * m * n);
    y.setFromTriplets(elements.begin(), elements.end());
    return y;
}

/// G_eff by Eigen's sparse LDL' and one solve for each row.
MatrixXd by_sparse_factorisation(const Eigen::SparseMatrix<double>& y, const MatrixXd& g, const Parasitics& r) {
    const Eigen::SimplicialLDLT<Eigen::SparseMatrix<double>> factors(y);
    MatrixXd g_eff(g.rows(), g.cols());
    Eigen::VectorXd source = Eigen::VectorXd::Zero(2 * g.size());
    for (Index i = 0; i < g.rows(); ++i) {
        source(row_node(g, i, 0)) = 1 / r.r_driver;
        const Eigen::VectorXd nodes = factors.solve(source);
        source(row_node(g, i, 0)) = 0;
        for (Index j = 0; j < g.cols(); ++j)
            g_eff(i, j) = nodes(column_node(g, g.rows() - 1, j)) / r.r_sense;
    }
    return g_eff;
}

double best_sparse_seconds(Index n) {
    static std::map<Index, double> known;
    if (const auto found = known.find(n); found != known.end())
        return found->second;
    const MatrixXd g = conductances(n);
    const Eigen::SparseMatrix<double> y = nodal_matrix(g, typical);
    double best = 1e3;
    const auto solve = [&] { benchmark::DoNotOptimize(by_sparse_factorisation(y, g, typical).data()); };
    for (int i = 0; i < 8; ++i)
        best = std::min(best, seconds(solve));
    return known[n] = best;
}

template <class Work>
double best_seconds(benchmark::State& state, const Work& work) {
    double best = 1e3;
    for (auto _ : state)
        best = std::min(best, seconds([&] { benchmark::DoNotOptimize(work().data()); }));
    state.counters["best_ms"] = 1e3 * best;
    return best;
}

std::map<Index, double> fp64;  // best seconds; it runs first

template <class Solve>
void g_eff(benchmark::State& state, Solve solve) {
    const MatrixXd g = conductances(state.range(0));
    const double best = best_seconds(state, [&] { return solve(g, typical); });
    state.counters["of_fp64"] = best / fp64.try_emplace(state.range(0), best).first->second;
    if (state.range(0) <= 128)
        state.counters["times_ldlt"] = best_sparse_seconds(state.range(0)) / best;
}
BENCHMARK_CAPTURE(g_eff, fp64, effective_conductance)
    ->ArgName("n")
    ->RangeMultiplier(2)
    ->Range(16, 1024)
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(g_eff, fp32, effective_conductance_fp32)
    ->ArgName("n")
    ->RangeMultiplier(2)
    ->Range(16, 1024)
    ->Unit(benchmark::kMillisecond);

/// `operators`: time over that of one G_eff (fp64) in the same process.
template <class Work>
void over_operator(benchmark::State& state, const MatrixXd& g, const Work& work) {
    const double best = best_seconds(state, work);
    double operator_best = 1e3;
    for (int i = 0; i < 20; ++i)
        operator_best = std::min(operator_best,
                                 seconds([&] { benchmark::DoNotOptimize(effective_conductance(g, typical).data()); }));
    state.counters["operators"] = best / operator_best;
}

void gradient(benchmark::State& state) {
    const Index n = state.range(0);
    const MatrixXd g = conductances(n), weights = conductances(n) * 1e5;
    over_operator(state, g, [&] { return conductance_gradient(g, typical, weights); });
}
BENCHMARK(gradient)->ArgName("n")->Arg(64)->Arg(128)->Unit(benchmark::kMillisecond);

void own_path(benchmark::State& state) {
    const MatrixXd g = conductances(state.range(0));
    over_operator(state, g, [&] { return own_path_sensitivity(g, typical); });
}
BENCHMARK(own_path)->ArgName("n")->Arg(64)->Arg(128)->Unit(benchmark::kMillisecond);

/// Cell voltages of 16 inputs, the array's fields being kept.
void fields_of_16_inputs(benchmark::State& state) {
    const Index n = state.range(0);
    const MatrixXd g = conductances(n), v = MatrixXd::Constant(16, n, 0.2);
    const ArrayFields fields(g, typical);
    over_operator(state, g, [&] { return fields.voltages(v); });
}
BENCHMARK(fields_of_16_inputs)->ArgName("n")->Arg(64)->Arg(128)->Unit(benchmark::kMillisecond);

}  // namespace
