#include "core/digest.hpp"

#include <fmt/format.h>

namespace xloop {

Digest& Digest::add(const void* data, std::size_t bytes) {
    const auto* byte = static_cast<const unsigned char*>(data);
    for (std::size_t i = 0; i < bytes; ++i)
        hash_ = (hash_ ^ byte[i]) * 0x100000001b3u;
    return *this;
}

Digest& Digest::add(std::string_view text) {
    const std::uint64_t length = text.size();
    return add(&length, sizeof length).add(text.data(), text.size());
}

std::string Digest::hex() const { return fmt::format("{:016x}", hash_); }

}  // namespace xloop
