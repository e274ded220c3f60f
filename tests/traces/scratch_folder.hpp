#pragma once

#include "core/files.hpp"

#include <gtest/gtest.h>
#include <unistd.h>
#include <filesystem>
#include <string>

namespace xloop::test {

/// An empty folder for one test.
class ScratchFolder : public testing::Test {
protected:
    ScratchFolder()
        : folder_(std::filesystem::temp_directory_path() /
                  (std::string("xloop_traces_") + testing::UnitTest::GetInstance()->current_test_info()->name() + "_" +
                   std::to_string(::getpid()))) {
        std::filesystem::remove_all(folder_);
        std::filesystem::create_directories(folder_);
    }
    ~ScratchFolder() override { std::filesystem::remove_all(folder_); }

    std::string path(const std::string& name) const { return (folder_ / name).string(); }
    std::string write(const std::string& name, const std::string& text) const {
        write_file_atomically(path(name), text);
        return path(name);
    }

    std::filesystem::path folder_;
};

}  // namespace xloop::test
