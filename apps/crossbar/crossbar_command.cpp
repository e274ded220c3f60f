#include "apps/command.hpp"
#include "apps/crossbar/crossbar_options.hpp"
#include "apps/crossbar/crossbar_plot.hpp"
#include "apps/crossbar/crossbar_summary.hpp"
#include "core/csv_matrix.hpp"
#include "core/error.hpp"
#include "core/files.hpp"
#include "core/interrupt.hpp"
#include "core/progress.hpp"
#include "core/standard_streams.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <optional>

namespace xloop {
namespace {

constexpr int significant_digits = 15;

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

/// Slice by slice, each at most about a second of the slowest circuit, so that Ctrl-C is heard.
Eigen::MatrixXd solve(const AnalogArray& array, const Eigen::MatrixXd& v) {
    const Eigen::Index cells = array.conductance().size(), total = v.rows();
    const Eigen::Index slice = std::clamp<Eigen::Index>((Eigen::Index{1} << 21) / cells, 8, 4096);
    Eigen::MatrixXd current(total, array.conductance().cols());
    Progress progress("currents");
    for (Eigen::Index done = 0; done < total; done += slice) {
        const Eigen::Index count = std::min(slice, total - done);
        current.middleRows(done, count) = array.currents(v.middleRows(done, count));
        progress({static_cast<double>(done + count) / static_cast<double>(total)});
    }
    return current;
}

void write_if_asked(const std::string& file, const Eigen::MatrixXd& m, int digits = 0) {
    if (!file.empty())
        write_file_atomically(file, csv_text(m, digits));
}

/// The loss of cell voltage; none, with a warning, where it does not converge and nobody needs it cell by cell.
std::optional<Eigen::MatrixXd> demand_loss(const CrossbarJob& job, bool needed) {
    std::optional<Eigen::MatrixXd> loss = voltage_loss(job.model, job.g, job.read_voltage_v);
    if (loss)
        return loss;
    const std::string text = fmt::format(
        "the cell voltages at {} V do not converge, so their loss is not known (the currents are those asked for); a "
        "lower "
        "--v-max or --alpha may help",
        job.read_voltage_v);
    if (needed)
        throw Error(text);
    spdlog::warn(text);
    return loss;
}

void run_crossbar(const CrossbarOptions& options) {
    const CrossbarJob job = load_crossbar_job(options);
    write_if_asked(options.saved_conductance_file, job.g);
    write_if_asked(options.saved_voltage_file, job.v);
    if (job.g.size() > 512 * 512)
        spdlog::info("{} x {} cells: the wires take some seconds", job.g.rows(), job.g.cols());
    CrossbarTiming timing;
    AnalogArray array(job.model);
    const auto start = Clock::now();
    array.program(job.g, job.v);
    timing.build_s = seconds_since(start);
    check_interrupt();
    const auto built = Clock::now();
    const Eigen::MatrixXd current = solve(array, job.v);
    if (!current.allFinite())
        throw InputError(
            "these conductances and voltages lead to currents beyond all numbers; check their units: siemens, volt");
    timing.per_input_s = seconds_since(built) / static_cast<double>(job.v.rows());

    // Currents go out before anything else can fail.
    write_if_asked(options.out_file, current, significant_digits);
    const bool prints_currents = !options.json && options.out_file.empty();
    if (prints_currents)
        fmt::print("{}", csv_text(current, significant_digits));
    const bool draws_loss = !options.loss_file.empty() || !options.plot_file.empty();
    const bool tells = !prints_currents || spdlog::should_log(spdlog::level::info);
    if (!draws_loss && !tells)
        return;
    const std::optional<Eigen::MatrixXd> loss = demand_loss(job, draws_loss);
    if (draws_loss)
        write_if_asked(options.loss_file, *loss);
    if (!options.plot_file.empty())
        plot_voltage_loss(job, *loss, options.plot_file);
    if (!tells)
        return;
    CrossbarSummary summary = summarise(job, array, current, loss);
    summary.timing = timing;
    if (options.json)
        fmt::print("{}\n", summary.json(job).dump(2));
    else if (prints_currents)
        say(summary.table(job, options.timing));
    else
        fmt::print("{}", summary.table(job, options.timing));
}

}  // namespace

void add_crossbar_command(CommandLine& line) {
    CommandLine command =
        line.command("crossbar", "currents and losses of one array with its wires: your matrix or a random one");
    add_crossbar_options(command, command.runs(run_crossbar));
}

}  // namespace xloop
