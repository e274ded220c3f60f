#pragma once

#include "core/files.hpp"
#include "core/random.hpp"
#include "traces/bus/trace_sink.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>
#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

namespace xloop::trace {

/// A folder for the files of one test, and declarations of a chip with three instances whose clock has 1 ns.
class SinkTest : public testing::Test {
protected:
    SinkTest() {
        std::filesystem::create_directories(folder_);
        declarations_.instances = {{"chip.b"}, {"chip.a"}, {"chip.a.x"}};
        declarations_.windows = &windows_;
        declarations_.program = "xloop test";
    }
    ~SinkTest() override { std::filesystem::remove_all(folder_); }

    std::string file(const std::string& name) const { return (folder_ / name).string(); }
    std::string text(const std::string& name) const { return read_file(file(name)); }
    static std::vector<std::vector<std::string>> csv(const std::string& content) {
        std::vector<std::vector<std::string>> rows;
        std::istringstream lines(content);
        for (std::string line; std::getline(lines, line);) {
            rows.emplace_back();
            std::istringstream cells(line);
            for (std::string cell; std::getline(cells, cell, ',');)
                rows.back().push_back(cell);
        }
        return rows;
    }

    std::filesystem::path folder_ =
        std::filesystem::temp_directory_path() /
        ("xloop_" + std::string(testing::UnitTest::GetInstance()->current_test_info()->name()) +
         std::to_string(::getpid()));
    TimeWindows windows_ = TimeWindows::always();
    Declarations declarations_;
};

}  // namespace xloop::trace
