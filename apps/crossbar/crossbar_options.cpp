#include "apps/crossbar/crossbar_options.hpp"

#include "apps/command.hpp"
#include "core/config/schema.hpp"
#include "core/csv_matrix.hpp"
#include "core/error.hpp"
#include "core/files.hpp"
#include "core/random.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <utility>
#include <vector>

namespace xloop {
namespace {

constexpr double default_r_on = 20e3, default_r_off = 200e3, default_read_voltage = 0.2;
constexpr Eigen::Index largest_side = 1024;
constexpr double largest_exponent = 100.0;  ///< of the cells' sinh
constexpr double most_numbers = 1e8;        ///< of the inputs or the currents: 0.8 GB

constexpr const char* footer = R"(
CSV files have no header: G has a line for each of the m rows with n conductances in siemens (0: no cell), V a line for
each input with m volts, the result a line for each input with n amperes. Rows are driven at their left end, columns sensed
at their bottom end. Without --out the currents go to standard output and the summary to standard error.

Examples:
  How bad is a 64 x 64 array of 20k .. 200k ohm cells with these wires, and where?
    xloop crossbar --random 64x64 --r-driver 1000 --r-wire-row 5 --r-wire-col 10 --r-sense 1000 --plot loss.svg
  The currents of my array for my inputs:
    xloop crossbar --conductance G.csv --voltage V.csv --r-driver 1000 --r-wire-row 5 --r-wire-col 10 --r-sense 1000 \
        --out I.csv
  The same with cells i = g sinh(3 u) / 3 behind 2 kohm of access resistance; figures as JSON:
    xloop crossbar --conductance G.csv --voltage V.csv --r-wire-row 5 --r-wire-col 10 --alpha 3 --r-access 2000 --json
)";

template <class Enum>
Enum choice(const char* option, const std::string& text) {
    if (const auto value = value_named<Enum>(text))
        return *value;
    throw InputError(fmt::format("{}: expected one of {}; found `{}`{}", option, fmt::join(names_of(Enum{}), ", "),
                                 text, did_you_mean(text, all_names<Enum>())));
}

[[noreturn]] void fail(const char* option, const std::string& message) {
    throw InputError(fmt::format("{}: {}", option, message));
}

void demand_at_least_0(const char* option, double value, const char* what) {
    if (!std::isfinite(value) || value < 0.0)
        fail(option, fmt::format("expected {}, 0 or above; found {}", what, value));
}

void demand_above_0(const char* option, std::optional<double> value, const char* what) {
    if (value && !(std::isfinite(*value) && *value > 0.0))
        fail(option, fmt::format("expected {} above 0; found {}", what, *value));
}

/// An option that only another gives a sense to.
void demand_with(const char* option, bool given, const char* other, bool other_given) {
    if (given && !other_given)
        fail(option, fmt::format("has no effect without {}", other));
}

std::filesystem::path whole_path(const std::string& file) {
    return std::filesystem::weakly_canonical(std::filesystem::absolute(file));
}

/// No file may be written twice, nor over one that is read.
void check_files(const CrossbarOptions& o) {
    const std::vector<std::pair<const char*, std::string>> read = {{"--conductance", o.conductance_file},
                                                                   {"--voltage", o.voltage_file}};
    const std::vector<std::pair<const char*, std::string>> written = {{"--out", o.out_file},
                                                                      {"--save-loss", o.loss_file},
                                                                      {"--plot", o.plot_file},
                                                                      {"--save-conductance", o.saved_conductance_file},
                                                                      {"--save-voltage", o.saved_voltage_file}};
    auto taken = read;
    for (const auto& [option, file] : written) {
        if (file.empty())
            continue;
        demand_writable(file);
        for (const auto& [other, other_file] : taken)
            if (!other_file.empty() && whole_path(other_file) == whole_path(file))
                fail(option, fmt::format("{} is the file of {} as well; give it another name", file, other));
        taken.emplace_back(option, file);
    }
}

void check(const CrossbarOptions& o) {
    check_files(o);
    const bool random = !o.random_size.empty(), from_file = !o.conductance_file.empty();
    if (random && from_file)
        throw InputError("--conductance and --random: give one of them, not both");
    if (!random && !from_file)
        throw InputError("which array? give --conductance G.csv or --random ROWSxCOLS; see xloop crossbar --help");
    if (!o.voltage_file.empty() && o.random_inputs)
        throw InputError("--voltage and --random-inputs: give one of them, not both");
    demand_with("--r-on", o.r_on.has_value(), "--random", random);
    demand_with("--r-off", o.r_off.has_value(), "--random", random);
    demand_with("--binary", o.binary, "--random-inputs", o.random_inputs.has_value());
    demand_with("--seed", o.seed.has_value(), "--random or --random-inputs", random || o.random_inputs);
    demand_at_least_0("--r-driver", o.parasitics.r_driver, "a resistance in ohm");
    demand_at_least_0("--r-wire-row", o.parasitics.r_wire_row, "a resistance in ohm");
    demand_at_least_0("--r-wire-col", o.parasitics.r_wire_col, "a resistance in ohm");
    demand_at_least_0("--r-sense", o.parasitics.r_sense, "a resistance in ohm");
    demand_at_least_0("--r-access", o.curve.r_access_ohm, "a resistance in ohm");
    demand_at_least_0("--alpha", o.curve.alpha_per_volt, "a number per volt");
    demand_above_0("--r-on", o.r_on, "a resistance in ohm");
    demand_above_0("--r-off", o.r_off, "a resistance in ohm");
    demand_above_0("--v-max", o.v_max, "a voltage in volt");
    if (o.r_off.value_or(default_r_off) < o.r_on.value_or(default_r_on))
        fail("--r-off", fmt::format("expected at least --r-on, {} ohm; found {}", o.r_on.value_or(default_r_on),
                                    o.r_off.value_or(default_r_off)));
    if (o.seed && *o.seed < 0)
        fail("--seed", fmt::format("expected a whole number, 0 or above; found {}", *o.seed));
    if (o.random_inputs && *o.random_inputs < 1)
        fail("--random-inputs", fmt::format("expected a number of inputs, 1 or above; found {}", *o.random_inputs));
}

AnalogModel model_of(const CrossbarOptions& o) {
    AnalogModel model;
    model.parasitics = o.parasitics;
    model.curve = o.curve;
    model.precision = choice<Precision>("--precision", o.precision);
    model.circuit = o.curve.linear() ? Circuit::linear : Circuit::exact;
    if (!o.circuit.empty())
        model.circuit = choice<Circuit>("--circuit", o.circuit);
    if (model.circuit == Circuit::exact && model.precision == Precision::fp32)
        fail("--precision",
             "the exact circuit is solved in fp64 only; leave --precision out, or give --circuit secant");
    return model;
}

std::pair<Eigen::Index, Eigen::Index> size_of(const std::string& text) {
    const char* const end = text.data() + text.size();
    Eigen::Index rows = 0, cols = 0;
    const auto [cross, bad_rows] = std::from_chars(text.data(), end, rows);
    if (bad_rows == std::errc{} && cross != end && *cross == 'x') {
        const auto [rest, bad_cols] = std::from_chars(cross + 1, end, cols);
        if (bad_cols == std::errc{} && rest == end && rows > 0 && cols > 0)
            return {rows, cols};
    }
    fail("--random", fmt::format("expected ROWSxCOLS, such as 64x32; found `{}`", text));
}

std::uint64_t seed_of(const CrossbarOptions& o) { return static_cast<std::uint64_t>(o.seed.value_or(1)); }

/// Conductances uniform between 1 / r_off and 1 / r_on.
Eigen::MatrixXd random_conductances(Eigen::Index rows, Eigen::Index cols, const CrossbarOptions& o) {
    const KeyedRandom random(seed_of(o), RandomUse::random_weights);
    const double g_off = 1.0 / o.r_off.value_or(default_r_off), g_on = 1.0 / o.r_on.value_or(default_r_on);
    return Eigen::MatrixXd::NullaryExpr(
        rows, cols, [&](Eigen::Index i, Eigen::Index j) { return g_off + (g_on - g_off) * random.uniform(i, j); });
}

Eigen::MatrixXd random_voltages(Eigen::Index inputs, Eigen::Index rows, double v_max, const CrossbarOptions& o) {
    constexpr std::uint64_t behind_conductances = std::uint64_t{1} << 32;
    const KeyedRandom random(seed_of(o), RandomUse::random_weights);
    return Eigen::MatrixXd::NullaryExpr(inputs, rows, [&](Eigen::Index k, Eigen::Index i) {
        const double u = random.uniform(behind_conductances + static_cast<std::uint64_t>(k), i);
        return v_max * (o.binary ? std::floor(2.0 * u) : u);
    });
}

void demand_size(const std::string& where, Eigen::Index rows, Eigen::Index cols) {
    if (rows > largest_side || cols > largest_side)
        throw InputError(
            fmt::format("{}: {} x {} cells; expected at most {} rows and columns", where, rows, cols, largest_side));
}

Eigen::MatrixXd load_conductances(const CrossbarOptions& o) {
    if (!o.random_size.empty()) {
        const auto [rows, cols] = size_of(o.random_size);
        demand_size("--random", rows, cols);
        return random_conductances(rows, cols, o);
    }
    Eigen::MatrixXd g = read_csv_matrix(o.conductance_file, "a conductance in siemens, 0 or above", 0.0);
    demand_size(o.conductance_file, g.rows(), g.cols());
    return g;
}

Eigen::MatrixXd load_voltages(const CrossbarOptions& o, const Eigen::MatrixXd& g) {
    const double v_max = o.v_max.value_or(default_read_voltage);
    if (o.voltage_file.empty()) {
        const int inputs = o.random_inputs.value_or(1);
        if (static_cast<double>(inputs) * static_cast<double>(std::max(g.rows(), g.cols())) > most_numbers)
            fail("--random-inputs",
                 fmt::format("{} inputs of {} rows do not fit into memory; ask for fewer", inputs, g.rows()));
        return o.random_inputs ? random_voltages(inputs, g.rows(), v_max, o)
                               : Eigen::MatrixXd::Constant(1, g.rows(), v_max);
    }
    Eigen::MatrixXd v = read_csv_matrix(o.voltage_file, "a voltage in volt");
    if (v.cols() != g.rows())
        throw InputError(
            fmt::format("{}:1: expected {} voltages on every line, one for each row of the {} x {} array; found {}",
                        o.voltage_file, g.rows(), g.rows(), g.cols(), v.cols()));
    return v;
}

}  // namespace

void add_crossbar_options(CommandLine& command, CrossbarOptions& o) {
    const auto option = [&](const char* group, const char* names, CommandLine::Target target, const char* type,
                            const char* doc) {
        auto added = command.option(names, target, doc).group(group).without_default();
        if (type)
            added.type(type);
    };
    const char* array = "Array (one of the first two)";
    option(array, "--conductance", &o.conductance_file, "FILE",
           "CSV, m lines of n conductances in siemens; 0: no cell");
    option(array, "--random", &o.random_size, "ROWSxCOLS",
           "conductances uniform between 1/r-off and 1/r-on, by --seed");
    option(array, "--r-on", &o.r_on, "OHM", "with --random: lowest resistance of a cell [20000]");
    option(array, "--r-off", &o.r_off, "OHM", "with --random: highest resistance of a cell [200000]");
    option(array, "--seed", &o.seed, "N", "of random conductances and inputs [1]");

    const char* inputs = "Inputs (default: one, all rows at --v-max)";
    option(inputs, "--voltage", &o.voltage_file, "FILE", "CSV, k lines of m source voltages in volt");
    option(inputs, "--random-inputs", &o.random_inputs, "K", "K inputs, uniform between 0 and --v-max");
    option(inputs, "--binary", &o.binary, nullptr, "with --random-inputs: each voltage is 0 or --v-max");
    option(inputs, "--v-max", &o.v_max, "VOLT",
           "highest random voltage, and all rows for the loss figures [0.2; with --voltage: the largest in the file]");

    const char* circuit = "Circuit (what is not given is 0)";
    option(circuit, "--r-driver", &o.parasitics.r_driver, "OHM", "driver of each row");
    option(circuit, "--r-wire-row", &o.parasitics.r_wire_row, "OHM", "row wire between neighbouring cells");
    option(circuit, "--r-wire-col", &o.parasitics.r_wire_col, "OHM", "column wire between neighbouring cells");
    option(circuit, "--r-sense", &o.parasitics.r_sense, "OHM", "sense circuit of each column");
    option(circuit, "--r-access", &o.curve.r_access_ohm, "OHM", "in series with each cell");
    option(circuit, "--alpha", &o.curve.alpha_per_volt, "PER_VOLT", "device i = g sinh(alpha u) / alpha; 0: linear");
    option(
        circuit, "--circuit", &o.circuit, "KIND",
        "ideal (V G), linear (cells at their slope at 0 V), secant (cells at their mean slope for the inputs) or exact "
        "[linear when alpha is 0, else exact]");
    option(circuit, "--precision", &o.precision, "fp64|fp32",
           "of the operator of the linear and secant circuit [fp64]");

    const char* output = "Output";
    option(output, "--out", &o.out_file, "FILE", "currents in ampere, CSV, k lines of n; without it: standard output");
    option(output, "--json", &o.json, nullptr, "print the summary as one JSON object; currents then need --out");
    option(output, "--timing", &o.timing, nullptr, "show times in the summary (JSON has them always)");
    option(output, "--plot", &o.plot_file, "FILE", "SVG picture of the voltage loss over the array (needs gnuplot)");
    option(output, "--save-loss", &o.loss_file, "FILE",
           "the picture's numbers: 1 - v(cell) / v(source), CSV, m lines of n");
    option(output, "--save-conductance", &o.saved_conductance_file, "FILE", "the array as --conductance reads it");
    option(output, "--save-voltage", &o.saved_voltage_file, "FILE", "the inputs as --voltage reads them");
    command.footer(footer);
}

CrossbarJob load_crossbar_job(const CrossbarOptions& options) {
    check(options);
    CrossbarJob job;
    job.model = model_of(options);
    job.g = load_conductances(options);
    job.v = load_voltages(options, job.g);
    const double largest = job.v.cwiseAbs().maxCoeff();
    job.read_voltage_v =
        options.v_max.value_or(!options.voltage_file.empty() && largest > 0.0 ? largest : default_read_voltage);
    const double highest = std::max(largest, job.read_voltage_v);
    if (options.curve.alpha_per_volt * highest > largest_exponent)
        fail("--alpha", fmt::format("expected at most {} / V with inputs of {} V; found {}", largest_exponent / highest,
                                    highest, options.curve.alpha_per_volt));
    return job;
}

}  // namespace xloop
