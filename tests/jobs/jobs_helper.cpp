#include "core/standard_streams.hpp"
#include "jobs/child.hpp"
#include "jobs/mpi_rank.hpp"
#include "tests/jobs/closed_form_jobs.hpp"

#include <fmt/format.h>
#include <cstdlib>

// A coordinator or a worker in a process of its own:
//     jobs_helper work FOLDER PATIENCE_S
//     jobs_helper run FOLDER RUNNER WORKERS JOBS MS     JOBS squares of MS each
// The latter prints the sum of the squares.
namespace xloop::jobs_test {
namespace {

int run(const std::vector<std::string>& arguments) {
    const std::string &program = arguments[0], &folder = arguments[2];
    if (arguments[1] == "work") {
        work(folder, do_closed_form, {std::stod(arguments.at(3)), std::nullopt});
        return 0;
    }
    JobsConfig config;
    config.runner = value_named<RunnerKind>(arguments.at(3)).value();
    config.workers = std::stoi(arguments.at(4));
    if (!is_coordinator(config)) {
        work(folder, do_closed_form, {20.0, mpi_rank()->rank});
        return 0;
    }
    Runner runner(folder, config, {do_closed_form, {program, "work", folder, "20"}});
    std::int64_t sum = 0;
    for (const JobResult& result : runner.run(squares(std::stoi(arguments.at(5)), std::stoi(arguments.at(6)))))
        sum += result.get().at("square").get<std::int64_t>();
    fmt::print("{}\n", sum);
    return 0;
}

}  // namespace
}  // namespace xloop::jobs_test

int main(int argc, char** argv) {
    xloop::catch_interrupts();
    try {
        return xloop::jobs_test::run({argv, argv + argc});
    } catch (const xloop::Interrupted&) {
        return 130;
    } catch (const std::exception& e) {
        xloop::say(fmt::format("jobs_helper: {}\n", e.what()));
        return 1;
    }
}
