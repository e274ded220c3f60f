#include "core/error.hpp"
#include "core/files.hpp"
#include "dnn/data/readers/binary_file.hpp"
#include "dnn/data/readers/layouts.hpp"
#include "dnn/data/readers/stored_set.hpp"

#include <fmt/format.h>
#include <charconv>
#include <memory>

namespace xloop {
namespace {

std::vector<int> read_labels(const std::string& path) {
    const std::string text = read_file(path);
    std::vector<int> labels;
    constexpr const char* blanks = " \t\r\n";
    for (std::size_t at = text.find_first_not_of(blanks); at != text.npos; at = text.find_first_not_of(blanks, at)) {
        const std::size_t end = std::min(text.find_first_of(blanks, at), text.size());
        int label = 0;
        const auto [stop, error] = std::from_chars(text.data() + at, text.data() + end, label);
        if (error != std::errc() || stop != text.data() + end)
            throw InputError(fmt::format("{}: label {} is no whole number of 32 bits", path, labels.size()));
        labels.push_back(label);
        at = end;
    }
    check_labels(path, labels, most_classes);
    return labels;
}

Shape sample_shape(const DataConfig& data) {
    const std::vector<int>& s = data.shape;
    if (s.size() != 3)
        throw KeyError("data.shape",
                       "expected three numbers, channels, height and width of a sample: the files of set raw "
                       "do not say");
    if (std::int64_t{s[0]} * s[1] > most_values_of_image || std::int64_t{s[0]} * s[1] * s[2] > most_values_of_image)
        throw KeyError("data.shape", fmt::format("expected at most {} values in a sample", most_values_of_image));
    return {s[0], s[1], s[2]};
}

}  // namespace

StoredSet open_raw(const ReadRequest& request) {
    const Shape shape = sample_shape(request.data);
    const std::string stem = request.data.directory + (request.train ? "/train" : "/test");
    const auto file = std::make_shared<BinaryFile>(stem + "_samples.f32");
    StoredSet set;
    set.file = file->path();
    set.labels = read_labels(stem + "_labels.txt");
    const std::uint64_t bytes = sizeof(float) * static_cast<std::uint64_t>(shape.size());
    if (file->size() != bytes * set.labels.size())
        file->fail(fmt::format("has {} bytes, expected {}: {} labels, each with a sample of {} values of 4 bytes",
                               file->size(), bytes * set.labels.size(), set.labels.size(), shape.str()));
    const Strides strides = request.data.layout == DataLayout::channels_last ? Strides::channels_last(shape)
                                                                             : Strides::channels_first(shape);
    set.image = [file, shape, strides, bytes](int image) {
        std::vector<float> values(static_cast<std::size_t>(shape.size()));
        file->read(bytes * static_cast<std::uint64_t>(image), values.data(), bytes);
        return StoredImage{shape, {}, by_position(values.data(), strides, shape)};
    };
    return set;
}

}  // namespace xloop
