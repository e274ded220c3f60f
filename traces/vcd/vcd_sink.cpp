#include "traces/vcd/vcd_sink.hpp"

#include "core/error.hpp"
#include "traces/bus/hierarchy.hpp"
#include "traces/vcd/gtkwave_save.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <algorithm>
#include <cstring>
#include <functional>

namespace xloop::trace {
namespace {

/// Identifier code: printable characters '!' to '~', least significant first.
std::string code_of(std::size_t number) {
    std::string code;
    do {
        code += static_cast<char>('!' + number % 94);
        number /= 94;
    } while (number > 0);
    return code;
}

/// A word in binary, `digits` of it; returns the end.
char* append_binary(char* at, std::uint64_t word, int digits) {
    for (; digits % 8 != 0; --digits)
        *at++ = static_cast<char>('0' + (word >> (digits - 1) & 1));
    for (; digits > 0; digits -= 8, at += 8) {
        // Bit 7 of the byte becomes the first character, and so on.
        std::uint64_t spread = (word >> (digits - 8) & 0xff) * 0x8040201008040201u;
        spread = (spread >> 7 & 0x0101010101010101u) | 0x3030303030303030u;
        std::memcpy(at, &spread, sizeof spread);
    }
    return at;
}

}  // namespace

VcdSink::VcdSink(std::string path, std::uint64_t largest, std::string date, std::string save)
    : path_(std::move(path)), date_(std::move(date)), save_(std::move(save)), largest_(largest) {}

void VcdSink::begin(const Declarations& declarations) {
    declarations_ = &declarations;
    std::size_t words = 0;
    for (std::size_t s = 0; s < declarations.signals.size(); ++s) {
        const Signal& signal = declarations.signals[s];
        const std::string ending = (signal.width > 1 ? " " : "") + code_of(s) + "\n";
        Net& net = nets_.emplace_back();
        net.first_word = words;
        net.words = static_cast<std::uint32_t>(signal.words());
        net.width = signal.width;
        net.ending_size = static_cast<std::uint8_t>(ending.copy(net.ending.data(), net.ending.size()));
        words += signal.words();
        if (signal.clock_period_fs == 0)
            continue;
        Train& clock = trains_[add_train(0)];
        clock.period_fs = signal.clock_period_fs;
        clock.signals.push_back(static_cast<int>(s));
    }
    now_.assign(words, 0);
    next_.assign(words, 0);
    out_.emplace(path_);
    write_header();
    if (!save_.empty())
        write_gtkwave_save(save_, path_.substr(path_.rfind('/') + 1), declarations);
}

void VcdSink::write_header() {
    if (!date_.empty())
        out_->write(fmt::format("$date {} $end\n", date_));
    out_->write(fmt::format("$version {} $end\n$timescale 1 ps $end\n", declarations_->program));
    std::vector<std::string_view> open;
    const auto leave = [&](std::size_t levels) {
        for (; open.size() > levels; open.pop_back())
            out_->write("$upscope $end\n");
    };
    for (std::size_t s : by_hierarchy(declarations_->signals)) {
        const Signal& signal = declarations_->signals[s];
        const auto wanted = levels_of(signal.scope);
        std::size_t common = 0;
        while (common < open.size() && common < wanted.size() && open[common] == wanted[common])
            ++common;
        leave(common);
        for (; open.size() < wanted.size(); open.push_back(wanted[open.size()]))
            out_->write(fmt::format("$scope module {} $end\n", wanted[open.size()]));
        const std::string range = signal.width > 1 ? fmt::format(" [{}:0]", signal.width - 1) : "";
        out_->write(fmt::format("$var wire {} {} {}{} $end\n", signal.width, code_of(s), signal.name, range));
    }
    leave(0);
    out_->write("$enddefinitions $end\n");
}

std::uint32_t VcdSink::add_train(Time first) {
    if (free_.empty()) {
        free_.push_back(static_cast<std::uint32_t>(trains_.size()));
        trains_.emplace_back();
    }
    const std::uint32_t number = free_.back();
    free_.pop_back();
    due_.push_back({first, ++numbers_, number});
    std::push_heap(due_.begin(), due_.end(), std::greater<>());
    Train& train = trains_[number];
    train.start = first;
    train.number = numbers_;
    train.pattern = nullptr;
    train.high = train.period_fs = train.next = 0;
    train.signals.clear();
    train.words.clear();
    train.values.clear();
    return number;
}

void VcdSink::value(const ValueChange& change) {
    if (stopped_)
        return;
    Net& net = nets_[static_cast<std::size_t>(change.signal)];
    const std::size_t words = net.words;
    net.latest = ++numbers_;
    if (next_single_ == singles_.size() || singles_.back().time <= change.time) {
        singles_.push_back({change.time, change.signal, static_cast<std::uint32_t>(single_words_.size()), numbers_});
        single_words_.insert(single_words_.end(), change.words, change.words + words);
        return;
    }
    Train& train = trains_[add_train(change.time)];
    train.signals.push_back(change.signal);
    train.words.assign(change.words, change.words + words);
}

/// Arrays in lockstep convert at the same times.
VcdSink::Train& VcdSink::train_of(int signal, Time start, const Pattern* pattern, Time high) {
    Net& net = nets_[static_cast<std::size_t>(signal)];
    const std::size_t count = std::min(recent_count_, recent_.size());
    for (std::size_t i = 0; i < count; ++i) {
        Train& train = trains_[recent_[i]];
        if (train.start == start && train.pattern == pattern && train.high == high && train.next == 0 &&
            train.number > net.latest) {
            net.latest = train.number;
            train.signals.push_back(signal);
            return train;
        }
    }
    const std::uint32_t place = add_train(start + pattern->offsets.front());
    recent_[recent_count_++ % recent_.size()] = place;
    Train& train = trains_[place];
    train.start = start;
    train.pattern = pattern;
    train.high = high;
    train.signals.push_back(signal);
    net.latest = train.number;
    return train;
}

void VcdSink::burst(const Burst& burst) {
    if (stopped_)
        return;
    Train& train = train_of(burst.signal, burst.start, burst.pattern, 0);
    train.values.insert(train.values.end(), burst.values, burst.values + burst.count());
}

void VcdSink::pulses(const Pulses& pulses) {
    if (!stopped_)
        train_of(pulses.signal, pulses.start, pulses.pattern, pulses.high);
}

void VcdSink::advance(Time time) {
    while (!due_.empty() && due_.front().time < time && !stopped_) {
        const Due due = due_.front();
        play_singles(due.time, due.number);
        step(due);
    }
    play_singles(time, 0);
    if (next_single_ == singles_.size()) {
        singles_.clear();
        single_words_.clear();
        next_single_ = 0;
    }
}

void VcdSink::play_singles(Time time, std::uint64_t number) {
    for (; next_single_ < singles_.size() && !stopped_; ++next_single_) {
        const Single& single = singles_[next_single_];
        if (single.time > time || (single.time == time && single.number >= number))
            return;
        reach(single.time);
        set(single.signal, single_words_.data() + single.at);
    }
}

/// The earliest train goes on.
void VcdSink::step(const Due& due) {
    reach(due.time);
    if (const std::optional<Time> next = play(trains_[due.train]))
        return postpone_first(*next);
    free_.push_back(due.train);
    std::pop_heap(due_.begin(), due_.end(), std::greater<>());
    due_.pop_back();
}

void VcdSink::postpone_first(Time time) {
    const Due moved{time, due_.front().number, due_.front().train};
    std::size_t at = 0;
    for (std::size_t child = 1; child < due_.size(); child = 2 * at + 1) {
        if (child + 1 < due_.size() && due_[child] > due_[child + 1])
            ++child;
        if (!(moved > due_[child]))
            break;
        due_[at] = due_[child];
        at = child;
    }
    due_[at] = moved;
}

/// Makes the changes that are due; returns when the next ones are.
std::optional<Time> VcdSink::play(Train& train) {
    const std::uint64_t item = train.next++;
    if (train.period_fs > 0) {
        set(train.signals.front(), 1 - item % 2);
        const std::uint64_t next = item + 1;
        return next / 2 * train.period_fs / 1000 + (next % 2) * (train.period_fs / 2000);
    }
    if (!train.pattern) {
        set(train.signals.front(), train.words.data());
        return {};
    }
    const std::vector<Time>& offsets = train.pattern->offsets;
    if (train.high > 0) {
        for (int signal : train.signals)
            set(signal, 1 - item % 2);
        const std::uint64_t next = item + 1;
        if (next == 2 * offsets.size())
            return {};
        return train.start + offsets[next / 2] + (next % 2) * train.high;
    }
    for (std::size_t k = 0; k < train.signals.size(); ++k) {
        const auto signal = static_cast<std::size_t>(train.signals[k]);
        const int width = nets_[signal].width;
        const std::uint64_t value =
            static_cast<std::uint32_t>(train.values[k * offsets.size() + item]) & ((std::uint64_t{1} << width) - 1);
        set(train.signals[k], value);
    }
    if (item + 1 == offsets.size())
        return {};
    return train.start + offsets[item + 1];
}

void VcdSink::set(int signal, std::uint64_t word) {
    next_[nets_[static_cast<std::size_t>(signal)].first_word] = word;
    mark(signal);
}

void VcdSink::set(int signal, const std::uint64_t* words) {
    const Net& net = nets_[static_cast<std::size_t>(signal)];
    std::copy_n(words, net.words, next_.begin() + static_cast<std::ptrdiff_t>(net.first_word));
    mark(signal);
}

void VcdSink::mark(int signal) {
    Net& net = nets_[static_cast<std::size_t>(signal)];
    if (!net.dirty)
        dirty_.push_back(signal);
    net.dirty = true;
}

/// Time runs on to `time`: what changed before it is written, windows open and close.
void VcdSink::reach(Time time) {
    if (time == time_ || stopped_)
        return;
    if (time < time_)
        throw Error(fmt::format(
            "trace: a change at {} ps comes after {} ps have been written; this is a fault of the model", time, time_));
    flush();
    const auto& windows = declarations_->windows->windows();
    while (window_ < windows.size() && !stopped_) {
        if (!open_ && windows[window_].first < time)
            open_window(windows[window_].first);
        if (!open_ || windows[window_].second > time)
            break;
        close_window(windows[window_].second);
        ++window_;
    }
    time_ = time;
}

void VcdSink::flush() {
    for (int signal : dirty_) {
        Net& net = nets_[static_cast<std::size_t>(signal)];
        net.dirty = false;
        const auto next = next_.begin() + static_cast<std::ptrdiff_t>(net.first_word);
        const auto now = now_.begin() + static_cast<std::ptrdiff_t>(net.first_word);
        if (*next == *now && (net.words == 1 || std::equal(next, next + static_cast<std::ptrdiff_t>(net.words), now)))
            continue;
        *now = *next;
        if (net.words > 1)
            std::copy_n(next, net.words, now);
        if (!open_)
            continue;
        write_time(time_);
        write_value(static_cast<std::size_t>(signal));
        ++changes_;
    }
    dirty_.clear();
    if (out_->bytes() > largest_) {
        stopped_ = true;
        finish(time_ + 1);
    }
}

void VcdSink::open_window(Time time) {
    write_time(time);
    out_->write(opened_before_ ? "$dumpon\n" : "$dumpvars\n");
    for (std::size_t s = 0; s < nets_.size(); ++s)
        write_value(s);
    out_->write("$end\n");
    open_ = opened_before_ = true;
    spans_.emplace_back(time, never);
}

void VcdSink::close_window(Time time) {
    write_time(time);
    out_->write("$dumpoff\n");
    for (std::size_t s = 0; s < nets_.size(); ++s)
        write_unknown(s);
    out_->write("$end\n");
    open_ = false;
    spans_.back().second = time;
}

void VcdSink::write_time(Time time) {
    if (time == written_)
        return;
    written_ = time;
    char* at = out_->reserve(24);
    char* const begin = at;
    *at++ = '#';
    const fmt::format_int digits(time);
    std::memcpy(at, digits.data(), digits.size());
    at += digits.size();
    *at++ = '\n';
    out_->commit(static_cast<std::size_t>(at - begin));
}

void VcdSink::write_value(std::size_t signal) {
    const Net& net = nets_[signal];
    const std::uint64_t* words = now_.data() + net.first_word;
    if (net.width == 1) {
        char* at = out_->reserve(16);
        *at = static_cast<char>('0' + words[0]);
        std::memcpy(at + 1, net.ending.data(), net.ending.size());
        out_->commit(1u + net.ending_size);
        return;
    }
    std::size_t top = net.words - 1;
    while (top > 0 && words[top] == 0)
        --top;
    char* at = out_->reserve(96);
    char* begin = at;
    *at++ = 'b';
    // The value 1 is written `b01`: OpenSTA 3.1 takes a single digit for every bit of a bus.
    const int digits = top == 0 && words[0] <= 1 ? static_cast<int>(1 + words[0]) : 64 - __builtin_clzll(words[top]);
    at = append_binary(at, words[top], digits);
    while (top-- > 0) {
        out_->commit(static_cast<std::size_t>(at - begin));
        begin = out_->reserve(96);
        at = append_binary(begin, words[top], 64);
    }
    std::memcpy(at, net.ending.data(), net.ending.size());
    out_->commit(static_cast<std::size_t>(at - begin) + net.ending_size);
}

void VcdSink::write_unknown(std::size_t signal) {
    out_->write(nets_[signal].width == 1 ? "x" : "bx");
    out_->write(nets_[signal].end_of_line());
}

void VcdSink::end(Time time) {
    if (stopped_)
        return;
    advance(time);
    reach(time);
    finish(time);
}

void VcdSink::finish(Time time) {
    if (open_) {
        write_time(time);
        spans_.back().second = time;
    }
    bytes_ = out_->bytes();
    out_->close();
}

std::string VcdSink::remark() const {
    std::string text;
    if (stopped_)
        text = fmt::format("{} ends at {} ps: it has come to the limit of {:.0f} MB", path_, time_,
                           1e-6 * static_cast<double>(largest_));
    if (window_ == 0 && spans_.size() < 2)
        return text;
    constexpr std::size_t most = 4;
    std::vector<std::string> spans;
    for (std::size_t w = 0; w < std::min(most, spans_.size()); ++w)
        spans.push_back(fmt::format("{} to {} ps", spans_[w].first, spans_[w].second));
    return text + fmt::format("{}{} is off outside of {}{}: power tools must be told to read {}",
                              text.empty() ? "" : "; ", path_, fmt::join(spans, ", "),
                              spans_.size() > most ? ", ..." : "",
                              spans_.size() > 1 ? "one of these at a time" : "that time alone");
}

}  // namespace xloop::trace
