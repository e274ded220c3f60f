#pragma once

#include "core/error.hpp"
#include "core/interrupt.hpp"
#include "jobs/runner.hpp"

#include <chrono>
#include <csignal>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

namespace xloop::jobs_test {

inline Job square_of(int x, int ms = 0) { return {ms > 0 ? "slow_square" : "square", Json{{"x", x}, {"ms", ms}}}; }

inline std::vector<Job> squares(int count, int ms = 0) {
    std::vector<Job> jobs;
    for (int x = 0; x < count; ++x)
        jobs.push_back(square_of(x, ms));
    return jobs;
}

/// Dies of SIGKILL until the file has so many lines, of which it adds one each time; then a result.
inline Job deadly(const std::string& file, int times) { return {"deadly", Json{{"file", file}, {"times", times}}}; }

inline Json do_deadly(const Json& task) {
    const std::string file = task.at("file");
    int lines = 0;
    std::ifstream in(file);
    for (std::string line; std::getline(in, line);)
        ++lines;
    if (lines >= task.at("times"))
        return Json{{"survived", true}};
    std::ofstream(file, std::ios::app) << "again\n" << std::flush;
    ::raise(SIGKILL);
    return {};
}

/// Jobs whose results are known beforehand.
inline Json do_closed_form(const Job& job) {
    if (job.kind == "bad_input")
        throw InputError("x: expected an even number");
    if (job.kind == "bad_luck")
        throw Error("the disk \xff is full");
    if (job.kind == "deadly")
        return do_deadly(job.task);
    const int x = job.task.at("x"), ms = job.task.at("ms");
    std::this_thread::sleep_for(std::chrono::milliseconds(ms));
    return Json{{"square", x * x}, {"third", x / 3.0}};
}

}  // namespace xloop::jobs_test
