#include "dnn/data/image_set.hpp"

#include "core/error.hpp"
#include "core/files.hpp"
#include "core/random.hpp"

#include <zlib.h>

#include <algorithm>
#include <limits>
#include <new>

namespace xloop {
namespace {

constexpr std::uint32_t images_magic = 0x00000803;  // unsigned bytes, 3 dimensions
constexpr std::uint32_t labels_magic = 0x00000801;  // unsigned bytes, 1 dimension
constexpr int fashion_side = 28;
constexpr int fashion_classes = 10;

/// One gzip idx file, read from start to end. The format: a magic number, one 32-bit big-endian size for each
/// dimension, then the bytes (http://yann.lecun.com/exdb/mnist/, "THE IDX FILE FORMAT").
class IdxFile {
public:
    explicit IdxFile(std::string path) : path_(std::move(path)) {
        if (const std::string problem = try_read_file(path_, most_file_bytes, packed_); !problem.empty())
            fail("cannot be opened: " + problem);
        constexpr int gzip_only = 15 + 16;  // the largest window; zlib's words for: with gzip's header and checksum
        if (inflateInit2(&stream_, gzip_only) != Z_OK)
            throw std::bad_alloc();
        stream_.next_in = reinterpret_cast<Bytef*>(packed_.data());
        stream_.avail_in = static_cast<uInt>(packed_.size());
    }
    ~IdxFile() { inflateEnd(&stream_); }
    IdxFile(const IdxFile&) = delete;
    IdxFile& operator=(const IdxFile&) = delete;

    std::uint32_t number(const char* what) {
        std::uint8_t b[4];
        bytes(b, sizeof b, what);
        return (std::uint32_t{b[0]} << 24) | (std::uint32_t{b[1]} << 16) | (std::uint32_t{b[2]} << 8) | b[3];
    }

    void expect(std::uint32_t expected, const char* what) {
        const std::uint32_t found = number(what);
        if (found != expected)
            fail(std::string(what) + " is " + std::to_string(found) + ", expected " + std::to_string(expected));
    }

    void bytes(std::uint8_t* out, std::size_t count, const char* what) {
        if (const std::size_t done = inflate_to(out, count); done < count)
            fail("ends early: " + std::to_string(done) + " bytes of " + what + ", expected " + std::to_string(count) +
                 (ended_ ? "" : "; the gzip stream is truncated"));
    }

    /// Reading on to the end is what makes zlib compare the checksum.
    void expect_end() {
        std::uint8_t extra = 0;
        if (inflate_to(&extra, 1) > 0)
            fail("has more bytes than its header announces");
        if (!ended_)
            fail("ends early: the gzip stream is truncated");
        if (stream_.avail_in > 0)
            fail("has " + std::to_string(stream_.avail_in) + " bytes behind the end of the gzip stream");
    }

    [[noreturn]] void fail(const std::string& what) const {
        throw InputError(path_ + ": " + what +
                         ". Expected a Fashion-MNIST idx file compressed by gzip: install Debian's package "
                         "dataset-fashion-mnist, or set data.directory to where the four files are.");
    }

private:
    /// Far more than any of the four has; each of its bytes becomes at most 1032.
    static constexpr std::uint64_t most_file_bytes = std::uint64_t{1} << 28;

    /// How many bytes there were, at most `count`.
    std::size_t inflate_to(std::uint8_t* out, std::size_t count) {
        stream_.next_out = out;
        stream_.avail_out = static_cast<uInt>(count);
        while (!ended_ && stream_.avail_out > 0) {
            const int code = inflate(&stream_, Z_NO_FLUSH);
            ended_ = code == Z_STREAM_END;
            if (code == Z_DATA_ERROR)
                fail(stream_.total_out == 0 && stream_.total_in < 10
                         ? "is not compressed by gzip"
                         : std::string("is damaged (") + (stream_.msg ? stream_.msg : "no gzip stream") + ")");
            if (code != Z_OK && code != Z_STREAM_END)
                break;
        }
        return count - stream_.avail_out;
    }

    std::string path_, packed_;
    z_stream stream_{};
    bool ended_ = false;
};

std::uint32_t checked_count(IdxFile& file, int limit) {
    const std::uint32_t count = file.number("the number of items");
    if (count > static_cast<std::uint32_t>(std::numeric_limits<int>::max() / (fashion_side * fashion_side)))
        file.fail("announces " + std::to_string(count) + " items, which cannot be right");
    if (count < static_cast<std::uint32_t>(limit))
        file.fail("holds " + std::to_string(count) + " items, but " + std::to_string(limit) +
                  " are asked for (data.train_images, data.test_images)");
    return count;
}

std::vector<std::uint8_t> read_images(const std::string& path, int limit, std::uint32_t& count) {
    IdxFile file(path);
    file.expect(images_magic, "the magic number");
    count = checked_count(file, limit);
    file.expect(fashion_side, "the image height");
    file.expect(fashion_side, "the image width");
    std::vector<std::uint8_t> pixels(static_cast<std::size_t>(count) * fashion_side * fashion_side);
    file.bytes(pixels.data(), pixels.size(), "pixels");
    file.expect_end();
    pixels.resize(static_cast<std::size_t>(limit) * fashion_side * fashion_side);
    pixels.shrink_to_fit();
    return pixels;
}

std::vector<std::uint8_t> read_labels(const std::string& path, int limit, std::uint32_t image_count) {
    IdxFile file(path);
    file.expect(labels_magic, "the magic number");
    const std::uint32_t count = checked_count(file, limit);
    if (count != image_count)
        file.fail("holds " + std::to_string(count) + " labels, expected " + std::to_string(image_count) +
                  ", one for each image");
    std::vector<std::uint8_t> labels(count);
    file.bytes(labels.data(), labels.size(), "labels");
    file.expect_end();
    const auto bad = std::find_if(labels.begin(), labels.end(), [](std::uint8_t l) { return l >= fashion_classes; });
    if (bad != labels.end())
        file.fail("label " + std::to_string(bad - labels.begin()) + " is " + std::to_string(*bad) + ", expected 0 to " +
                  std::to_string(fashion_classes - 1));
    labels.resize(static_cast<std::size_t>(limit));
    return labels;
}

void check_limit(int limit) {
    if (limit < 1)
        throw InputError("number of images is " + std::to_string(limit) + ", expected 1 or more");
}

}  // namespace

ImageSet load_fashion_mnist(const std::string& directory, bool train, int limit) {
    check_limit(limit);
    const std::string stem = directory + (train ? "/train" : "/t10k");
    ImageSet set;
    set.shape = {1, fashion_side, fashion_side};
    std::uint32_t count = 0;
    set.pixels = read_images(stem + "-images-idx3-ubyte.gz", limit, count);
    set.labels = read_labels(stem + "-labels-idx1-ubyte.gz", limit, count);
    return set;
}

ImageSet random_images(const Shape& shape, int count, std::uint64_t seed) {
    check_limit(count);
    const KeyedRandom random(seed, RandomUse::random_images);
    const auto size = static_cast<std::size_t>(shape.size());
    ImageSet set;
    set.shape = shape;
    set.pixels.resize(static_cast<std::size_t>(count) * size);
    set.labels.resize(static_cast<std::size_t>(count));
    for (std::size_t n = 0; n < set.labels.size(); ++n) {
        // Address j = 0 gives the label, j = 1, 2, ... eight pixels each.
        set.labels[n] = static_cast<std::uint8_t>(random.below(10, n));
        std::uint64_t word = 0;
        for (std::size_t p = 0; p < size; ++p, word >>= 8) {
            if (p % 8 == 0)
                word = random.bits(n, 1 + p / 8);
            set.pixels[n * size + p] = static_cast<std::uint8_t>(word & 0xff);
        }
    }
    return set;
}

ImageSet load_images(const DataConfig& data, const Shape& network_input, bool train, int limit, std::uint64_t seed) {
    if (data.set == DataSet::random) {
        // Test images must differ from training images: a seed of their own.
        const std::uint64_t own = train ? seed : KeyedRandom(seed, RandomUse::random_images).bits(0, 0);
        return random_images(network_input, limit, own);
    }
    ImageSet set = load_fashion_mnist(data.directory, train, limit);
    if (set.shape != network_input)
        throw InputError("data.set fashion_mnist has images of shape " + set.shape.str() +
                         ", but the network's input is " + network_input.str() +
                         ": change the network's input, or set data.set to random");
    return set;
}

}  // namespace xloop
