#include "traces/vcd/vcd_activity.hpp"

#include <algorithm>

namespace xloop::trace {
namespace {

template <class Visit>
void for_each_bit(std::uint64_t word, std::size_t first, Visit visit) {
    for (; word != 0; word &= word - 1)
        visit(first + static_cast<std::size_t>(__builtin_ctzll(word)), word & (~word + 1));
}

}  // namespace

VcdActivity::VcdActivity(const VcdHeader& header) {
    std::size_t words = 0, bits = 0;
    for (const VcdValue& value : header.values) {
        Slot slot;
        slot.word = words;
        slot.bit = bits;
        slot.real_value = value.kind == VcdValue::Kind::real;
        if (value.kind == VcdValue::Kind::bits) {
            slot.words = static_cast<std::uint32_t>(value.words());
            words += 2 * value.words();
            bits += value.width;
        }
        slots_.push_back(slot);
    }
    current_.assign(words, 0);
    bits_.resize(bits);
    // Everything is unknown at first.
    for (std::size_t i = 0; i < slots_.size(); ++i) {
        std::uint32_t left = header.values[i].width;
        for (std::size_t w = 0; w < slots_[i].words; ++w, left -= std::min(left, 64u)) {
            const std::uint64_t mask = left >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << left) - 1;
            current_[slots_[i].word + w] = current_[slots_[i].word + slots_[i].words + w] = mask;
        }
    }
    settled_ = current_;
}

void VcdActivity::open(std::uint64_t begin, std::uint64_t end) {
    begin_ = begin;
    end_ = end;
}

std::uint64_t VcdActivity::traced(std::uint64_t time) const {
    return std::clamp(time, begin_, std::max(begin_, end_)) - begin_ - paused_;
}

void VcdActivity::spend(Bit& bit, std::uint64_t time, bool value, bool unknown) {
    const std::uint64_t elapsed = time - bit.since;
    bit.since = time;
    if (unknown)
        (value ? bit.tx : bit.tz) += elapsed;
    else if (value)
        bit.t1 += elapsed;
}

void VcdActivity::change(const VcdChange& change) {
    if (off_)
        return;
    Slot& slot = slots_[change.code];
    if (slot.real_value)
        slot.real = change.real;
    const bool again = slot.touched;
    if (!again) {
        slot.touched = true;
        touched_.push_back(change.code);
    }
    for (std::size_t w = 0; w < slot.words; ++w) {
        const std::size_t v = slot.word + w, u = v + slot.words;
        if (again && counting()) {
            const std::uint64_t before = (settled_[v] ^ current_[v]) | (settled_[u] ^ current_[u]);
            const std::uint64_t after = (settled_[v] ^ change.value[w]) | (settled_[u] ^ change.unknown[w]);
            for_each_bit(before & ~after & ~settled_[u], slot.bit + 64 * w,
                         [&](std::size_t bit, std::uint64_t) { ++bits_[bit].ig; });
        }
        current_[v] = change.value[w];
        current_[u] = change.unknown[w];
    }
}

void VcdActivity::settle() {
    const bool counted = counting();
    const std::uint64_t time = traced(now_);
    for (std::uint32_t code : touched_) {
        Slot& slot = slots_[code];
        slot.touched = false;
        for (std::size_t w = 0; w < slot.words; ++w) {
            const std::size_t v = slot.word + w, u = v + slot.words;
            const std::uint64_t value = settled_[v], unknown = settled_[u];
            const std::uint64_t toggled = counted ? (value ^ current_[v]) & ~unknown & ~current_[u] : 0;
            for_each_bit((value ^ current_[v]) | (unknown ^ current_[u]), slot.bit + 64 * w,
                         [&](std::size_t index, std::uint64_t mask) {
                             spend(bits_[index], time, (value & mask) != 0, (unknown & mask) != 0);
                             bits_[index].tc += (toggled & mask) != 0;
                         });
            settled_[v] = current_[v];
            settled_[u] = current_[u];
        }
    }
    touched_.clear();
}

void VcdActivity::dump_off() {
    settle();
    if (!off_)
        paused_since_ = traced(now_);
    off_ = true;
}

void VcdActivity::dump_on() {
    settle();
    if (off_)
        paused_ += traced(now_) - paused_since_;
    off_ = false;
    resumed_ = true;
}

void VcdActivity::finish(std::uint64_t time) {
    end_ = time;
    if (now_ < end_)
        settle();
    now_ = end_;
    if (off_)
        paused_ += traced(end_) - paused_since_;
    duration_ = traced(end_);
}

SaifCounts VcdActivity::counts(std::uint32_t code, std::uint32_t bit) const {
    const Slot& slot = slots_[code];
    const std::size_t v = slot.word + bit / 64;
    Bit last = bits_[slot.bit + bit];
    spend(last, duration_, (settled_[v] >> bit % 64 & 1u) != 0, (settled_[v + slot.words] >> bit % 64 & 1u) != 0);
    return {duration_ - last.t1 - last.tx - last.tz, last.t1, last.tx, last.tz, last.tc, last.ig};
}

}  // namespace xloop::trace
