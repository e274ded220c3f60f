#include "core/safetensors.hpp"

#include "core/error.hpp"
#include "core/files.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <nlohmann/json.hpp>
#include <utility>

namespace xloop {
namespace {

using Json = nlohmann::json;
static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "values are copied as they lie in memory");

/// As large a header as the format's own library takes.
constexpr std::uint64_t most_header_bytes = 100000000;
constexpr std::size_t length_bytes = 8;

template <class Stored, class Convert>
void convert(const char* from, std::vector<float>& to, const Convert& value) {
    for (std::size_t i = 0; i < to.size(); ++i) {
        Stored stored;
        std::memcpy(&stored, from + i * sizeof stored, sizeof stored);
        to[i] = value(stored);
    }
}

/// A kind of stored number.
struct NumberType {
    const char* name;
    std::size_t bytes;
    void (*read)(const char* from, std::vector<float>& to);
};
const NumberType number_types[] = {
    {"F32", 4, [](const char* from, std::vector<float>& to) { std::memcpy(to.data(), from, to.size() * 4); }},
    {"F64", 8,
     [](const char* from, std::vector<float>& to) {
         convert<double>(from, to, [](double x) { return static_cast<float>(x); });
     }},
    {"F16", 2, [](const char* from, std::vector<float>& to) { convert<std::uint16_t>(from, to, half_to_float); }},
    {"BF16", 2, [](const char* from, std::vector<float>& to) { convert<std::uint16_t>(from, to, bfloat_to_float); }},
};

class Reader {
public:
    Reader(const std::string& bytes, const std::string& name) : bytes_(bytes), name_(name) {}

    TensorMap read() {
        if (bytes_.size() < length_bytes)
            fail("expected a safetensors file: 8 bytes with the header's length, a JSON header, values");
        std::uint64_t length = 0;
        std::memcpy(&length, bytes_.data(), length_bytes);
        if (length > most_header_bytes || length > bytes_.size() - length_bytes)
            fail(fmt::format("the header's length, {} bytes, is beyond the file's {} or the format's limit", length,
                             bytes_.size()));
        const char* begin = bytes_.data() + length_bytes;
        const Json header = Json::parse(begin, begin + length, nullptr, /*allow_exceptions=*/false);
        if (!header.is_object())
            fail("the header is no JSON object");
        data_ = begin + length;
        size_ = bytes_.size() - length_bytes - length;
        TensorMap tensors;
        for (const auto& [tensor, entry] : header.items())
            if (tensor != "__metadata__")
                tensors[tensor] = read_tensor(tensor, entry);
        check_overlaps();
        return tensors;
    }

private:
    [[noreturn]] void fail(const std::string& message) const { throw InputError(name_ + ": " + message); }

    FloatTensor read_tensor(const std::string& tensor, const Json& entry) {
        const auto bad = [&](const std::string& message) { fail(fmt::format("tensor `{}`: {}", tensor, message)); };
        if (!entry.is_object() || !entry.contains("dtype") || !entry["dtype"].is_string() || !entry.contains("shape") ||
            !is_list_of_sizes(entry["shape"]) || !entry.contains("data_offsets") ||
            !is_list_of_sizes(entry["data_offsets"]) || entry["data_offsets"].size() != 2)
            bad("expected {\"dtype\": text, \"shape\": [sizes], \"data_offsets\": [begin, end]}");
        const auto type = entry["dtype"].get<std::string>();
        const auto* row = std::find_if(std::begin(number_types), std::end(number_types),
                                       [&](const NumberType& t) { return type == t.name; });
        if (row == std::end(number_types))
            bad(fmt::format("numbers of type {}; F32, F64, F16 and BF16 are read", type));
        const auto begin = entry["data_offsets"][0].get<std::uint64_t>(),
                   end = entry["data_offsets"][1].get<std::uint64_t>();
        if (begin > end || end > size_)
            bad(fmt::format("bytes {} to {} are not in the file, which has {}", begin, end, size_));
        FloatTensor made;
        made.shape = entry["shape"].get<std::vector<std::int64_t>>();
        std::uint64_t count = 1;
        for (std::int64_t axis : made.shape)
            if (__builtin_mul_overflow(count, static_cast<std::uint64_t>(axis), &count))
                bad("its shape has more values than can be counted");
        if (count > (end - begin) / row->bytes || count * row->bytes != end - begin)
            bad(fmt::format("{} values of type {} do not take {} bytes", count, type, end - begin));
        spans_.push_back({begin, end});
        made.values.resize(static_cast<std::size_t>(count));
        if (count > 0)
            row->read(data_ + begin, made.values);
        return made;
    }

    static bool is_list_of_sizes(const Json& list) {
        return list.is_array() && std::all_of(list.begin(), list.end(), [](const Json& size) {
                   return size.is_number_unsigned() &&
                          size.get<std::uint64_t>() <= std::uint64_t{std::numeric_limits<std::int64_t>::max()};
               });
    }

    void check_overlaps() {
        std::sort(spans_.begin(), spans_.end());
        for (std::size_t s = 1; s < spans_.size(); ++s)
            if (spans_[s].first < spans_[s - 1].second)
                fail(fmt::format("two tensors share bytes {} to {}", spans_[s].first, spans_[s - 1].second));
    }

    const std::string& bytes_;
    const std::string& name_;
    const char* data_ = nullptr;
    std::uint64_t size_ = 0;
    std::vector<std::pair<std::uint64_t, std::uint64_t>> spans_;
};

}  // namespace

std::int64_t FloatTensor::count(const std::vector<std::int64_t>& shape) {
    std::int64_t product = 1;
    for (std::int64_t axis : shape)
        if (axis < 0 || __builtin_mul_overflow(product, axis, &product))
            throw Error("a tensor's shape has more values than can be counted, or a negative axis");
    return product;
}

float half_to_float(std::uint16_t bits) {
    const int exponent = (bits >> 10) & 31, mantissa = bits & 1023;
    const double sign = (bits & 0x8000) != 0 ? -1.0 : 1.0;
    if (exponent == 31)
        return static_cast<float>(mantissa != 0 ? std::numeric_limits<double>::quiet_NaN()
                                                : sign * std::numeric_limits<double>::infinity());
    const double magnitude = exponent == 0 ? std::ldexp(mantissa, -24) : std::ldexp(1024 + mantissa, exponent - 25);
    return static_cast<float>(sign * magnitude);
}

float bfloat_to_float(std::uint16_t bits) {
    const std::uint32_t wide = std::uint32_t{bits} << 16;
    float value;
    std::memcpy(&value, &wide, sizeof value);
    return value;
}

TensorMap parse_safetensors(const std::string& bytes, const std::string& name) { return Reader(bytes, name).read(); }

TensorMap load_safetensors(const std::string& path) {
    constexpr std::uint64_t most_file_bytes = std::uint64_t{1} << 34;
    return parse_safetensors(read_file(path, most_file_bytes), path);
}

void save_safetensors(const TensorMap& tensors, const std::string& path) {
    Json header = Json::object();
    std::uint64_t at = 0;
    for (const auto& [name, tensor] : tensors) {
        const std::uint64_t bytes = tensor.values.size() * sizeof(float);
        header[name] = {{"dtype", "F32"}, {"shape", tensor.shape}, {"data_offsets", {at, at + bytes}}};
        at += bytes;
    }
    std::string text = header.dump();
    text.resize((text.size() + length_bytes - 1) / length_bytes * length_bytes, ' ');  // values begin aligned
    const std::uint64_t length = text.size();
    NewFile file(path);
    file.write({reinterpret_cast<const char*>(&length), length_bytes});
    file.write(text);
    for (const auto& [name, tensor] : tensors)
        file.write({reinterpret_cast<const char*>(tensor.values.data()), tensor.values.size() * sizeof(float)});
    file.commit();
}

}  // namespace xloop
