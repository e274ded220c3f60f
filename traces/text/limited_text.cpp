#include "traces/text/limited_text.hpp"

#include <fmt/format.h>

namespace xloop::trace {

LimitedText::LimitedText(std::string path, std::uint64_t limit_bytes, std::size_t tail)
    : out_(std::move(path)), limit_(limit_bytes == 0 ? never : limit_bytes), tail_(tail) {}

bool LimitedText::write(std::string_view piece, Time time) {
    if (full_)
        return false;
    if (out_.bytes() + piece.size() + tail_ > limit_) {
        full_ = true;
        stopped_ = time;
        return false;
    }
    out_.write(piece);
    return true;
}

void LimitedText::finish(std::string_view tail) {
    if (!tail.empty())
        out_.write(tail);
    out_.close();
}

std::string LimitedText::remark() const {
    if (!full_)
        return {};
    return fmt::format("{}: stopped at {} us: limit of {} bytes", out_.path(), 1e-6 * static_cast<double>(stopped_),
                       limit_);
}

}  // namespace xloop::trace
