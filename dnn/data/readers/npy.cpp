// NumPy's file format, versions 1 to 3 (numpy.org/doc/stable/reference/generated/numpy.lib.format.html): a magic text, two
// bytes of version, the header's length of 2 bytes (version 1) or 4, a Python dictionary as text, then the values.

#include "core/config/tree.hpp"
#include "core/error.hpp"
#include "core/files.hpp"
#include "dnn/data/readers/binary_file.hpp"
#include "dnn/data/readers/layouts.hpp"
#include "dnn/data/readers/stored_set.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <memory>

namespace xloop {
namespace {

/// An array in a file, its size checked against the file's.
class NpyFile {
public:
    explicit NpyFile(const std::string& path) : file_(path) {
        read_header();
        std::uint64_t values = 1;
        for (const std::uint64_t size : shape_)
            if (__builtin_mul_overflow(values, size, &values))
                fail_size();
        if (__builtin_mul_overflow(values, value_bytes(), &values) || values != file_.size() - data_)
            fail_size();
    }

    const std::string& path() const { return file_.path(); }
    const std::string& type() const { return type_; }
    std::size_t value_bytes() const { return static_cast<std::size_t>(type_[2] - '0'); }
    bool fortran() const { return fortran_; }
    const std::vector<std::uint64_t>& shape() const { return shape_; }
    /// `count` values from number `first` on.
    template <class T>
    std::vector<T> values(std::uint64_t first, std::size_t count) const {
        std::vector<T> values(count);
        file_.read(data_ + first * sizeof(T), values.data(), count * sizeof(T));
        return values;
    }
    std::string shape_text() const { return fmt::format("({})", fmt::join(shape_, ", ")); }
    [[noreturn]] void fail(const std::string& what) const { file_.fail(what); }

private:
    void read_header() {
        constexpr std::size_t most_header = 1 << 16;
        std::array<unsigned char, 12> start{};
        file_.read(0, start.data(), std::min<std::size_t>(start.size(), file_.size()));
        if (std::memcmp(start.data(), "\x93NUMPY", 6) != 0)
            fail("is no .npy file: its first bytes are not those of numpy.save");
        if (start[6] < 1 || start[6] > 3)
            fail(fmt::format("is an .npy file of version {}; expected 1, 2 or 3", start[6]));
        const std::size_t before = start[6] == 1 ? 10 : 12;
        std::size_t length = start[8] + 256u * start[9];
        if (before == 12)
            length += (std::size_t{start[10]} << 16) + (std::size_t{start[11]} << 24);
        if (length > most_header)
            fail(fmt::format("has a header of {} bytes; at most {} are read", length, most_header));
        std::string text(length, ' ');
        file_.read(before, text.data(), length);
        data_ = before + length;
        // But for the brackets of tuples, the dictionary is YAML too.
        std::replace(text.begin(), text.end(), '(', '[');
        std::replace(text.begin(), text.end(), ')', ']');
        take(config::load_text(text, path() + " (header)"));
    }

    void take(const config::Node& header) {
        const auto of = [&](const char* key) -> const config::Node& {
            const config::Node* node = header.find(key);
            if (!node)
                fail(fmt::format("has a header without `{}`", key));
            return *node;
        };
        type_ = of("descr").text;
        // What Python calls the order of bytes, a kind of number, and its bytes.
        constexpr std::array known = {"|u1", "|i1", "<u2", "<i2", "<u4", "<i4", "<u8", "<i8", "<f4"};
        if (std::find(known.begin(), known.end(), type_) == known.end())
            fail(
                fmt::format("has values of type `{}`; expected uint8 or float32 (images), integers (labels), "
                            "little-endian: array.astype('<f4')",
                            type_.empty() ? "structure" : type_.substr(0, 20)));
        const std::string& order = of("fortran_order").text;
        if (order != "True" && order != "False")
            fail("does not say whether its order is Fortran's");
        fortran_ = order == "True";
        const config::Node& shape = of("shape");
        constexpr std::size_t most_axes = 32;  // NumPy's own
        if (shape.kind != config::Node::Kind::sequence || shape.items.size() > most_axes)
            fail("has no shape");
        for (const auto& [unused, size] : shape.items) {
            const std::string& text = size.text;
            shape_.push_back(0);
            const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), shape_.back());
            if (error != std::errc() || stop != text.data() + text.size() || text.empty())
                fail("has no shape of whole numbers");
        }
    }

    [[noreturn]] void fail_size() const {
        fail(fmt::format(
            "has {} bytes behind its header, which are not what an array {} of type {} has: it is damaged, or "
            "was cut off",
            file_.size() - data_, shape_text(), type_));
    }

    BinaryFile file_;
    std::string type_;
    bool fortran_ = false;
    std::vector<std::uint64_t> shape_;
    std::uint64_t data_ = 0;  ///< where the values begin
};

template <class T>
std::vector<int> labels_of_type(const NpyFile& file, std::size_t count) {
    std::vector<int> labels;
    labels.reserve(count);
    for (const T value : file.values<T>(0, count))
        labels.push_back(value < 0 || static_cast<std::uint64_t>(value) >= most_classes ? -1 : static_cast<int>(value));
    return labels;
}

std::vector<int> read_labels(const std::string& path, std::uint64_t images) {
    const NpyFile file(path);
    if (file.shape().empty() || file.shape()[0] != images || file.shape().size() > 2 ||
        (file.shape().size() == 2 && file.shape()[1] != 1))
        file.fail(fmt::format("is an array {}, expected ({}), one label for each image", file.shape_text(), images));
    const auto count = static_cast<std::size_t>(images);
    std::vector<int> labels;
    if (file.type() == "|u1")
        labels = labels_of_type<std::uint8_t>(file, count);
    else if (file.type() == "|i1")
        labels = labels_of_type<std::int8_t>(file, count);
    else if (file.type() == "<u2")
        labels = labels_of_type<std::uint16_t>(file, count);
    else if (file.type() == "<i2")
        labels = labels_of_type<std::int16_t>(file, count);
    else if (file.type() == "<u4")
        labels = labels_of_type<std::uint32_t>(file, count);
    else if (file.type() == "<i4")
        labels = labels_of_type<std::int32_t>(file, count);
    else if (file.type() == "<u8")
        labels = labels_of_type<std::uint64_t>(file, count);
    else if (file.type() == "<i8")
        labels = labels_of_type<std::int64_t>(file, count);
    else
        file.fail("has labels of type " + file.type() + ", expected integers: labels.astype('int64')");
    for (std::size_t i = 0; i < labels.size(); ++i)
        if (labels[i] < 0)
            file.fail(fmt::format("label {} is not in 0 to {}", i, most_classes - 1));
    return labels;
}

Shape image_shape(const NpyFile& file, DataLayout layout) {
    const std::vector<std::uint64_t>& s = file.shape();
    std::uint64_t values = 1;
    for (std::size_t axis = 1; axis < s.size(); ++axis)
        if (s[axis] == 0 || s[axis] > most_values_of_image || (values *= s[axis]) > most_values_of_image)
            file.fail(fmt::format("is an array {}, whose images have no values or more than {}", file.shape_text(),
                                  most_values_of_image));
    const auto size = [&](std::size_t axis) { return static_cast<int>(s[axis]); };
    switch (s.size()) {
    case 2: return {size(1), 1, 1};
    case 3: return {1, size(1), size(2)};
    case 4:
        return layout == DataLayout::channels_last ? Shape{size(3), size(1), size(2)}
                                                   : Shape{size(1), size(2), size(3)};
    default:
        file.fail(
            fmt::format("is an array {}, expected (images, height, width), with channels by data.layout last or "
                        "second, or (images, features)",
                        file.shape_text()));
    }
}

template <class T>
std::function<std::vector<T>(int)> reader_of(std::shared_ptr<const NpyFile> file, const Shape& shape,
                                             DataLayout layout) {
    const auto count = static_cast<std::size_t>(file->shape()[0]);
    const bool last = layout == DataLayout::channels_last;
    if (!file->fortran()) {
        const Strides strides = last ? Strides::channels_last(shape) : Strides::channels_first(shape);
        return [file, shape, strides](int image) {
            const auto size = static_cast<std::size_t>(shape.size());
            const std::vector<T> values = file->values<T>(static_cast<std::uint64_t>(image) * size, size);
            return by_position(values.data(), strides, shape);
        };
    }
    // The first axis, that of images, is the one that runs fastest: each image is all over the file.
    const std::uint64_t all = count * static_cast<std::uint64_t>(shape.size());
    if (all > most_bytes / sizeof(T))
        file->fail(fmt::format("is in Fortran's order and has more than {} bytes; save numpy.ascontiguousarray(array)",
                               most_bytes));
    const auto values = std::make_shared<const std::vector<T>>(file->values<T>(0, static_cast<std::size_t>(all)));
    const auto channels = static_cast<std::size_t>(shape.channels), height = static_cast<std::size_t>(shape.height);
    const Strides strides = last
                                ? Strides{count * height * static_cast<std::size_t>(shape.width), count, count * height}
                                : Strides{count, count * channels, count * channels * height};
    return [values, shape, strides](int image) { return by_position(values->data() + image, strides, shape); };
}

}  // namespace

StoredSet open_npy(const ReadRequest& request) {
    const std::string stem = request.data.directory + (request.train ? "/train" : "/test");
    const auto file = std::make_shared<const NpyFile>(stem + "_images.npy");
    const Shape shape = image_shape(*file, request.data.layout);
    if (file->shape()[0] > most_images_of_set)
        file->fail(fmt::format("has {} images, which cannot be right", file->shape()[0]));
    StoredSet set;
    set.file = file->path();
    set.labels = read_labels(stem + "_labels.npy", file->shape()[0]);
    if (file->type() == "|u1")
        set.image = [shape, read = reader_of<std::uint8_t>(file, shape, request.data.layout)](int image) {
            return StoredImage{shape, read(image), {}};
        };
    else if (file->type() == "<f4")
        set.image = [shape, read = reader_of<float>(file, shape, request.data.layout)](int image) {
            return StoredImage{shape, {}, read(image)};
        };
    else
        file->fail("has images of type " + file->type() + ", expected uint8 or float32: images.astype('float32')");
    return set;
}

}  // namespace xloop
