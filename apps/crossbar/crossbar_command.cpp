#include "apps/command.hpp"
#include "apps/crossbar/crossbar_options.hpp"
#include "apps/crossbar/crossbar_plot.hpp"
#include "apps/crossbar/crossbar_summary.hpp"
#include "core/csv_matrix.hpp"
#include "core/files.hpp"
#include "core/interrupt.hpp"
#include "core/progress.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <memory>

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
    timing.per_input_s = seconds_since(built) / static_cast<double>(job.v.rows());

    const Eigen::MatrixXd loss = voltage_loss(job.model, job.g, job.read_voltage_v);
    CrossbarSummary summary = summarise(job, array, current, loss);
    summary.timing = timing;

    write_if_asked(options.loss_file, loss);
    write_if_asked(options.out_file, current, significant_digits);
    if (!options.plot_file.empty())
        plot_voltage_loss(job, loss, options.plot_file);
    if (options.json) {
        fmt::print("{}\n", summary.json(job).dump(2));
    } else if (!options.out_file.empty()) {
        fmt::print("{}", summary.table(job, options.timing));
    } else {
        fmt::print("{}", csv_text(current, significant_digits));
        if (spdlog::should_log(spdlog::level::info))
            fmt::print(stderr, "{}", summary.table(job, options.timing));
    }
}

}  // namespace

void add_crossbar_command(CLI::App& app, Action& action) {
    auto options = std::make_shared<CrossbarOptions>();
    auto* command =
        app.add_subcommand("crossbar", "currents and losses of one array with its wires: your matrix or a random one");
    add_crossbar_options(*command, *options);
    command->callback([options, &action] { action = [options] { run_crossbar(*options); }; });
}

}  // namespace xloop
