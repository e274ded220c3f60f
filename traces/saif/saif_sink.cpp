#include "traces/saif/saif_sink.hpp"

#include "traces/bus/hierarchy.hpp"
#include "traces/saif/saif_printer.hpp"

#include <algorithm>

namespace xloop::trace {
namespace {

std::uint64_t mask_of(const Signal& signal) {
    return signal.width >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << signal.width) - 1;
}

}  // namespace

SaifSink::SaifSink(std::string path, NetNaming naming, std::string date)
    : path_(std::move(path)), date_(std::move(date)), naming_(std::move(naming)) {}

void SaifSink::begin(const Declarations& declarations) {
    declarations_ = &declarations;
    std::size_t words = 0, bits = 0;
    for (const Signal& signal : declarations.signals) {
        nets_.push_back({words, bits});
        words += signal.words();
        bits += static_cast<std::size_t>(signal.width);
    }
    now_.assign(words, 0);
    next_.assign(words, 0);
    t1_.assign(bits, 0);
    tc_.assign(bits, 0);
    for (const Pattern& pattern : declarations.patterns)
        patterns_.emplace_back(pattern);
}

void SaifSink::set_word(const Net& net, std::size_t word, std::uint64_t value, Time traced, bool shown) {
    std::uint64_t& now = now_[net.first_word + word];
    const std::uint64_t changed = now ^ value;
    if (changed == 0)
        return;
    toggle(changed & value, changed & ~value, traced, shown, bits_of(net).from(64 * word));
    now = value;
}

void SaifSink::settle(Net& net, const Signal& signal) {
    if (!net.pending)
        return;
    net.pending = false;
    const Time traced = declarations_->windows->before(net.pending_time);
    const bool shown = declarations_->windows->shows_change(net.pending_time);
    for (std::size_t word = 0; word < signal.words(); ++word)
        set_word(net, word, next_[net.first_word + word], traced, shown);
}

void SaifSink::value(const ValueChange& change) {
    Net& net = nets_[static_cast<std::size_t>(change.signal)];
    const Signal& signal = declarations_->signals[static_cast<std::size_t>(change.signal)];
    if (net.pending_time != change.time)
        settle(net, signal);
    std::copy_n(change.words, signal.words(), next_.begin() + static_cast<std::ptrdiff_t>(net.first_word));
    net.pending = true;
    net.pending_time = change.time;
}

void SaifSink::burst(const Burst& burst) {
    Net& net = nets_[static_cast<std::size_t>(burst.signal)];
    const Signal& signal = declarations_->signals[static_cast<std::size_t>(burst.signal)];
    const RegularPattern& pattern = patterns_[static_cast<std::size_t>(burst.pattern - declarations_->patterns.data())];
    const TimeWindows& windows = *declarations_->windows;
    const std::uint64_t mask = mask_of(signal);
    const std::size_t count = burst.count();
    if (!pattern.regular || !windows.contains(burst.first(), burst.last()) || !windows.shows_change(burst.first())) {
        for (std::size_t i = 0; i < count; ++i) {
            const std::uint64_t word = static_cast<std::uint32_t>(burst.values[i]) & mask;
            value({burst.start + burst.pattern->offsets[i], burst.signal, &word});
        }
        return;
    }
    if (net.pending_time != burst.first())
        settle(net, signal);
    const BitActivity bits = bits_of(net);
    std::uint64_t& now = now_[net.first_word];
    const Time first = windows.before(burst.first()), last = windows.before(burst.last());
    toggle(0, now, first, 0, bits);
    add_burst(burst.values, count, static_cast<std::uint32_t>(now), pattern, signal.width, bits);
    now = static_cast<std::uint32_t>(burst.values[count - 2]) & mask;
    toggle(now, 0, last, 0, bits);
    next_[net.first_word] = static_cast<std::uint32_t>(burst.values[count - 1]) & mask;
    net.pending = true;
    net.pending_time = burst.last();
}

void SaifSink::pulses(const Pulses& pulses) {
    const std::vector<Time>& offsets = pulses.pattern->offsets;
    const TimeWindows& windows = *declarations_->windows;
    const Time first = pulses.start + offsets.front(), last = pulses.start + offsets.back();
    Net& net = nets_[static_cast<std::size_t>(pulses.signal)];
    if (net.pending_time !=
        first)  // else the rise replaces what came at that time, such as the fall of the pulse before
        settle(net, declarations_->signals[static_cast<std::size_t>(pulses.signal)]);
    std::size_t i = 0;
    if (offsets.size() > 1 && !net.pending && now_[net.first_word] == 0 && windows.contains(first, last) &&
        windows.shows_change(first)) {
        i = offsets.size() - 1;
        *bits_of(net).t1 += i * pulses.high;
        *bits_of(net).tc += 2 * i;
    }
    for (const std::uint64_t low = 0, high = 1; i < offsets.size(); ++i) {
        value({pulses.start + offsets[i], pulses.signal, &high});
        value({pulses.start + offsets[i] + pulses.high, pulses.signal, &low});
    }
}

/// Edges between the borders of each window: rising at whole periods.
void SaifSink::clock_activity(const Signal& signal, Net& net, Time end) {
    const std::uint64_t period = signal.clock_period_fs;
    const Time high = period / 2000;
    const auto rise = [&](std::uint64_t cycle) { return cycle * period / 1000; };
    /// Rising edges before `time`.
    const auto rises_before = [&](Time time) {
        std::uint64_t cycle = time * 1000 / period;
        while (rise(cycle) < time)
            ++cycle;
        while (cycle > 0 && rise(cycle - 1) >= time)
            --cycle;
        return cycle;
    };
    const auto falls_before = [&](Time time) { return time > high ? rises_before(time - high) : 0; };
    const auto high_before = [&](Time time) {
        const std::uint64_t rises = rises_before(time), falls = falls_before(time);
        return falls * high + (rises > falls ? time - rise(rises - 1) : 0);
    };
    const BitActivity bit = bits_of(net);
    for (const auto& [begin, until] : declarations_->windows->windows()) {
        const Time close = std::min(until, end);
        if (begin >= close)
            continue;
        *bit.tc += rises_before(close) + falls_before(close) - rises_before(begin + 1) - falls_before(begin + 1);
        *bit.t1 += high_before(close) - high_before(begin);
    }
}

void SaifSink::end(Time time) {
    const Time traced = declarations_->windows->before(time);
    for (std::size_t s = 0; s < nets_.size(); ++s) {
        const Signal& signal = declarations_->signals[s];
        Net& net = nets_[s];
        if (signal.clock_period_fs > 0) {
            clock_activity(signal, net, time);
            continue;
        }
        if (net.pending_time < time)
            settle(net, signal);
        for (std::size_t word = 0; word < signal.words(); ++word)
            toggle(0, now_[net.first_word + word], traced, 0, bits_of(net).from(64 * word));
    }
    print(time);
}

void SaifSink::print(Time end) {
    const Declarations& d = *declarations_;
    const std::size_t space = d.program.find(' ');
    SaifHeader header;
    header.design = d.design;
    header.program = d.program.substr(0, space);
    header.version = space == std::string::npos ? "" : d.program.substr(space + 1);
    header.date = date_;
    header.duration = d.windows->before(end);
    TextOutput out(path_);
    SaifPrinter printer(out, header, naming_);
    const std::string* scope = nullptr;
    for (std::size_t s : by_hierarchy(d.signals)) {
        const Signal& signal = d.signals[s];
        if (!scope || *scope != signal.scope)
            printer.scope(levels_of(signal.scope));
        scope = &signal.scope;
        for (int bit = 0; bit < signal.width; ++bit) {
            const std::size_t at = nets_[s].first_bit + static_cast<std::size_t>(bit);
            printer.net(signal.name, signal.width == 1 ? -1 : bit,
                        {header.duration - t1_[at], t1_[at], 0, 0, tc_[at], 0});
        }
    }
    printer.finish();
    out.close();
}

}  // namespace xloop::trace
