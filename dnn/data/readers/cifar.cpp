// The binary versions of CIFAR-10 and CIFAR-100 (www.cs.toronto.edu/~kriz/cifar.html): records without a header, of one
// label (CIFAR-100: two, the class of classes first) and 3 planes of 32 x 32 bytes, row by row.

#include "core/error.hpp"
#include "core/interrupt.hpp"
#include "dnn/data/readers/binary_file.hpp"
#include "dnn/data/readers/layouts.hpp"
#include "dnn/data/readers/stored_set.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <filesystem>
#include <memory>

namespace xloop {
namespace {

namespace fs = std::filesystem;

const Shape cifar_shape{3, 32, 32};

struct Record {
    std::shared_ptr<BinaryFile> file;
    std::uint64_t offset;  ///< of the pixels
};

StoredSet open_records(const std::vector<std::string>& paths, std::size_t label_bytes, int classes) {
    const std::size_t record = label_bytes + static_cast<std::size_t>(cifar_shape.size());
    std::vector<Record> records;
    StoredSet set;
    for (const std::string& path : paths) {
        const auto file = std::make_shared<BinaryFile>(path);
        if (file->size() == 0 || file->size() % record != 0)
            file->fail(fmt::format("has {} bytes, expected a multiple of {}, the size of an image with its label",
                                   file->size(), record));
        if (file->size() / record + records.size() > most_images_of_set)
            file->fail(fmt::format("has {} images, which cannot be right", file->size() / record));
        std::vector<int> labels;
        for (std::uint64_t at = 0; at < file->size(); at += record) {
            check_interrupt();
            std::uint8_t label = 0;
            file->read(at + label_bytes - 1, &label, 1);
            labels.push_back(label);
            records.push_back({file, at + label_bytes});
        }
        check_labels(path, labels, classes);
        set.labels.insert(set.labels.end(), labels.begin(), labels.end());
    }
    set.file = paths.size() == 1 ? paths.front() : fs::path(paths.front()).parent_path().string();
    set.image = [records = std::move(records)](int image) {
        const Record& at = records[static_cast<std::size_t>(image)];
        std::vector<std::uint8_t> planes(static_cast<std::size_t>(cifar_shape.size()));
        at.file->read(at.offset, planes.data(), planes.size());
        return StoredImage{
            cifar_shape, by_position(planes.data(), Strides::channels_first(cifar_shape), cifar_shape), {}};
    };
    return set;
}

/// All of data_batch*.bin, by name: parts of the set may have fewer files than the whole, or others.
std::vector<std::string> training_batches(const std::string& directory) {
    std::vector<std::string> paths;
    std::error_code error;
    for (fs::directory_iterator at(directory, error), end; !error && at != end; at.increment(error)) {
        const std::string name = at->path().filename().string();
        if (name.rfind("data_batch", 0) == 0 && at->path().extension() == ".bin")
            paths.push_back(at->path().string());
    }
    if (error)
        throw InputError(directory + ": cannot be read: " + error.message());
    if (paths.empty())
        paths.push_back(directory + "/data_batch_1.bin");  // whose absence is reported
    std::sort(paths.begin(), paths.end());
    return paths;
}

}  // namespace

StoredSet open_cifar10(const ReadRequest& request) {
    const std::string& directory = request.data.directory;
    return open_records(
        request.train ? training_batches(directory) : std::vector<std::string>{directory + "/test_batch.bin"}, 1, 10);
}

StoredSet open_cifar100(const ReadRequest& request) {
    return open_records({request.data.directory + (request.train ? "/train.bin" : "/test.bin")}, 2, 100);
}

}  // namespace xloop
