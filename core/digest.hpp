#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace xloop {

/// Tells whether two sets of inputs are the same: 64-bit FNV-1a over everything added, in order. Not for secrets.
class Digest {
public:
    /// `text` counts with its length, so that "ab", "c" differs from "a", "bc".
    Digest& add(std::string_view text);
    Digest& add(const void* data, std::size_t bytes);
    std::uint64_t value() const { return hash_; }
    /// 16 hexadecimal digits.
    std::string hex() const;

private:
    std::uint64_t hash_ = 0xcbf29ce484222325u;
};

}  // namespace xloop
