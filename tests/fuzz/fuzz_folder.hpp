#pragma once

#include "core/files.hpp"
#include "dnn/data/readers/stored_set.hpp"
#include "tests/fuzz/fuzz_target.hpp"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

namespace xloop::fuzz {

/// A folder for readers that take files, not texts; removed at the end.
class Folder {
public:
    explicit Folder(DataSet set)
        : path_(std::filesystem::temp_directory_path() / ("xloop_fuzz_" + std::to_string(::getpid()))) {
        std::filesystem::create_directories(path_);
        data.set = set;
        data.directory = path_.string();
    }
    ~Folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;

    void write(const char* name, std::string_view content) const {
        std::ofstream(path_ / name, std::ios::binary) << content;
    }
    /// Opens the set's training files and fetches the first and the last image.
    void read() const {
        const StoredSet set = kind_of(data.set).open({data, true, 3});
        for (const int label : set.labels)
            demand(label >= 0 && label < most_classes, "a label out of bounds");
        if (set.labels.empty())
            return;
        for (const std::size_t i : {std::size_t{0}, set.labels.size() - 1}) {
            const StoredImage image = set.image(static_cast<int>(i));
            demand(image.pixels.size() + image.samples.size() == static_cast<std::size_t>(image.shape.size()),
                   "values missing or too many");
        }
    }

    DataConfig data;

private:
    std::filesystem::path path_;
};

}  // namespace xloop::fuzz
