#pragma once

#include "core/error.hpp"
#include "dnn/data/image_set.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace xloop {

/// A folder of the test's own, for the files of a data set.
class DataFolder : public testing::Test {
protected:
    DataFolder()
        : dir_(std::filesystem::temp_directory_path() /
               (std::string("xloop_data_") + testing::UnitTest::GetInstance()->current_test_info()->test_suite_name() +
                "_" + testing::UnitTest::GetInstance()->current_test_info()->name() + std::to_string(::getpid()))) {
        std::filesystem::remove_all(dir_);
        std::filesystem::create_directories(dir_);
        data_.directory = dir_.string();
    }
    ~DataFolder() override { std::filesystem::remove_all(dir_); }

    std::string path(const std::string& name) const { return (dir_ / name).string(); }
    void write(const std::string& name, const std::string& content) const {
        std::filesystem::create_directories((dir_ / name).parent_path());
        std::ofstream(dir_ / name, std::ios::binary) << content;
    }
    /// The values as they lie in memory.
    template <class T>
    static std::string bytes_of(const std::vector<T>& values) {
        std::string bytes(values.size() * sizeof(T), '\0');
        std::memcpy(bytes.data(), values.data(), bytes.size());
        return bytes;
    }

    ImageSet load(const Shape& shape, int limit, DataPart part = DataPart::training) const {
        return load_data(data_, shape, part, limit, 1);
    }
    /// Every message of a file names it, and says where people get a good one.
    void expect_error(const Shape& shape, int limit, const std::vector<std::string>& parts,
                      DataPart part = DataPart::training) const {
        try {
            load(shape, limit, part);
            ADD_FAILURE() << "no error; expected: " << testing::PrintToString(parts);
        } catch (const InputError& error) {
            for (const std::string& text : parts)
                EXPECT_THAT(error.what(), testing::HasSubstr(text));
        }
    }

    std::filesystem::path dir_;
    DataConfig data_;
};

}  // namespace xloop
