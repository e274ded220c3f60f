// The files of MNIST and of Fashion-MNIST, which has its format and names: a magic number, one 32-bit big-endian size for
// each dimension, then the bytes (yann.lecun.com/exdb/mnist, "THE IDX FILE FORMAT").

#include "core/error.hpp"
#include "core/files.hpp"
#include "dnn/data/readers/stored_set.hpp"

#include <zlib.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <memory>
#include <new>

namespace xloop {
namespace {

constexpr std::uint32_t images_magic = 0x00000803;  // unsigned bytes, 3 dimensions
constexpr std::uint32_t labels_magic = 0x00000801;  // unsigned bytes, 1 dimension
constexpr int side = 28;
constexpr int classes = 10;

/// One idx file, compressed by gzip or not, read from start to end.
class IdxFile {
public:
    explicit IdxFile(std::string path) : path_(std::move(path)) {
        if (const std::string problem = try_read_file(path_, most_file_bytes, packed_); !problem.empty())
            fail("cannot be opened: " + problem);
        is_packed_ = packed_.compare(0, 2, "\x1f\x8b") == 0;
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

    /// The number of items that the header announces, each of `item_bytes`.
    std::uint32_t count(std::size_t item_bytes) {
        constexpr std::uint64_t most_from_one_byte = 1032;  // of zlib's format
        const std::uint32_t items = number("the number of items");
        if (items > packed_.size() * most_from_one_byte / item_bytes)
            fail("announces " + std::to_string(items) + " items, which cannot be right");
        return items;
    }

    void bytes(std::uint8_t* out, std::size_t size, const char* what) {
        if (const std::size_t done = take(out, size); done < size)
            fail("ends early: " + std::to_string(done) + " bytes of " + what + ", expected " + std::to_string(size) +
                 (ended_ || !is_packed_ ? "" : "; the gzip stream is truncated"));
    }

    /// Reading on to the end is what makes zlib compare the checksum.
    void expect_end() {
        std::uint8_t extra = 0;
        if (take(&extra, 1) > 0)
            fail("has more bytes than its header announces");
        if (!is_packed_)
            return;
        if (!ended_)
            fail("ends early: the gzip stream is truncated");
        if (stream_.avail_in > 0)
            fail("has " + std::to_string(stream_.avail_in) + " bytes behind the end of the gzip stream");
    }

    const std::string& path() const { return path_; }
    [[noreturn]] void fail(const std::string& what) const { throw InputError(path_ + ": " + what); }

private:
    /// Far more than any of the files has.
    static constexpr std::uint64_t most_file_bytes = std::uint64_t{1} << 28;

    /// How many bytes there were, at most `size`.
    std::size_t take(std::uint8_t* out, std::size_t size) {
        if (!is_packed_) {
            const std::size_t there = std::min<std::size_t>(size, stream_.avail_in);
            if (there > 0)
                std::memcpy(out, stream_.next_in, there);
            stream_.next_in += there;
            stream_.avail_in -= static_cast<uInt>(there);
            return there;
        }
        stream_.next_out = out;
        stream_.avail_out = static_cast<uInt>(size);
        while (!ended_ && stream_.avail_out > 0) {
            const int code = inflate(&stream_, Z_NO_FLUSH);
            ended_ = code == Z_STREAM_END;
            if (code == Z_DATA_ERROR)
                fail(std::string("is damaged (") + (stream_.msg ? stream_.msg : "no gzip stream") + ")");
            if (code != Z_OK && code != Z_STREAM_END)
                break;
        }
        return size - stream_.avail_out;
    }

    std::string path_, packed_;
    bool is_packed_ = false;
    z_stream stream_{};
    bool ended_ = false;
};

/// The compressed file unless only the other one is there.
std::string file_of(const std::string& path) {
    std::error_code ignored;
    const bool plain = !std::filesystem::exists(path + ".gz", ignored) && std::filesystem::exists(path, ignored);
    return plain ? path : path + ".gz";
}

std::vector<int> read_labels(const std::string& path, std::uint32_t images) {
    IdxFile file(path);
    file.expect(labels_magic, "the magic number");
    const std::uint32_t count = file.count(1);
    if (count != images)
        file.fail("holds " + std::to_string(count) + " labels, expected " + std::to_string(images) +
                  ", one for each image");
    std::vector<std::uint8_t> labels(count);
    file.bytes(labels.data(), labels.size(), "labels");
    file.expect_end();
    return {labels.begin(), labels.end()};
}

}  // namespace

StoredSet open_idx(const ReadRequest& request) {
    const std::string stem = request.data.directory + (request.train ? "/train" : "/t10k");
    constexpr std::size_t size = side * side;
    IdxFile file(file_of(stem + "-images-idx3-ubyte"));
    file.expect(images_magic, "the magic number");
    const std::uint32_t count = file.count(size);
    file.expect(side, "the image height");
    file.expect(side, "the image width");
    const auto pixels = std::make_shared<std::vector<std::uint8_t>>(count * size);
    file.bytes(pixels->data(), pixels->size(), "pixels");
    file.expect_end();

    StoredSet set;
    set.file = file.path();
    const std::string labels = file_of(stem + "-labels-idx1-ubyte");
    set.labels = read_labels(labels, count);
    check_labels(labels, set.labels, classes);
    set.image = [pixels](int image) {
        const auto begin = pixels->begin() + static_cast<std::ptrdiff_t>(image) * static_cast<std::ptrdiff_t>(size);
        return StoredImage{{1, side, side}, {begin, begin + size}, {}};
    };
    return set;
}

}  // namespace xloop
