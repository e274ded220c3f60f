#pragma once

#include "traces/bus/signal.hpp"
#include "traces/text/text_output.hpp"

#include <string>
#include <string_view>

namespace xloop::trace {

/// A file that takes whole pieces of text, in order of time, until one of them does not fit.
class LimitedText {
public:
    /// `limit_bytes` of text, before compression; 0: no limit. `tail` is kept free for the end of the file.
    LimitedText(std::string path, std::uint64_t limit_bytes, std::size_t tail = 0);

    /// Whether or not it fits: what the file cannot be read without.
    void head(std::string_view text) { out_.write(text); }
    /// False, and nothing is written from then on, if `piece`, of what happened from `time` on, does not fit.
    bool write(std::string_view piece, Time time);
    bool full() const { return full_; }
    void finish(std::string_view tail = {});

    std::uint64_t bytes() const { return out_.bytes(); }
    /// "FILE: stopped at 1.25 us: limit of 1000 bytes"; empty: it is whole.
    std::string remark() const;

private:
    TextOutput out_;
    std::uint64_t limit_;
    std::size_t tail_;
    bool full_ = false;
    Time stopped_ = 0;
};

}  // namespace xloop::trace
