#include "traces/timeline/timeline_file.hpp"

#include <fmt/format.h>
#include <algorithm>

namespace xloop::trace {
namespace {

constexpr std::string_view tail = "\n]}\n";

void append(std::string& text, std::uint64_t value) {
    const fmt::format_int digits(value);
    text.append(digits.data(), digits.size());
}

}  // namespace

TimelineEvent& TimelineEvent::start(std::string_view phase, std::size_t process) {
    text_ = ",\n{";
    first_ = true;
    within_ = false;
    return text("ph", phase).number("pid", static_cast<std::int64_t>(process));
}

void TimelineEvent::key(std::string_view name) {
    text_ += first_ ? "\"" : ",\"";
    first_ = false;
    text_ += name;
    text_ += "\":";
}

void TimelineEvent::quote(std::string_view value) {
    const auto special = [](char c) { return c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20; };
    text_ += '"';
    while (!value.empty()) {
        const auto plain = static_cast<std::size_t>(std::find_if(value.begin(), value.end(), special) - value.begin());
        text_ += value.substr(0, plain);
        value.remove_prefix(plain);
        if (value.empty())
            break;
        const char c = value.front();
        text_ += c == '"' ? "\\\"" : c == '\\' ? "\\\\" : fmt::format("\\u{:04x}", static_cast<unsigned>(c));
        value.remove_prefix(1);
    }
    text_ += '"';
}

TimelineEvent& TimelineEvent::text(std::string_view name, std::string_view value) {
    key(name);
    quote(value);
    return *this;
}

TimelineEvent& TimelineEvent::number(std::string_view name, std::int64_t value) {
    key(name);
    const fmt::format_int digits(value);
    text_.append(digits.data(), digits.size());
    return *this;
}

TimelineEvent& TimelineEvent::number(std::string_view name, double value) {
    key(name);
    text_ += fmt::format("{}", value);
    return *this;
}

TimelineEvent& TimelineEvent::time(std::string_view name, Time value) {
    constexpr Time per_us = 1'000'000;
    key(name);
    append(text_, value / per_us);
    if (Time part = value % per_us; part > 0) {
        text_ += '.';
        for (Time digit = per_us / 10; part > 0; part %= digit, digit /= 10)
            text_ += static_cast<char>('0' + part / digit);
    }
    return *this;
}

TimelineEvent& TimelineEvent::arguments() {
    key("args");
    text_ += '{';
    first_ = true;
    within_ = true;
    return *this;
}

std::string_view TimelineEvent::finish() {
    text_ += within_ ? "}}" : "}";
    return text_;
}

TimelineFile::TimelineFile(std::string path, std::uint64_t limit_bytes)
    : file_(std::move(path), limit_bytes, tail.size()) {
    file_.head("{\"displayTimeUnit\":\"ns\",\"traceEvents\":[");
}

std::string_view TimelineFile::separated(TimelineEvent& event) const { return event.finish().substr(first_ ? 1 : 0); }

void TimelineFile::describe(TimelineEvent& event) {
    file_.head(separated(event));
    first_ = false;
}

void TimelineFile::write(TimelineEvent& event, Time time) {
    if (file_.write(separated(event), time))
        first_ = false;
}

void TimelineFile::end_writer() {
    if (--writers_ == 0)
        file_.finish(tail);
}

}  // namespace xloop::trace
