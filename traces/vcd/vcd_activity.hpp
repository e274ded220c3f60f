#pragma once

#include "traces/saif/saif_printer.hpp"
#include "traces/vcd/vcd_reader.hpp"

#include <cstdint>
#include <vector>

namespace xloop::trace {

/// Counts what every bit of a VCD file does in [begin, end), in units of its time scale.
///
/// The value at `begin` is the initial one: a change right then is part of it. A change at `end` lies outside. Of several
/// changes at one time the last one counts; a bit that came back to its known value had a glitch of no length (IG). Only
/// changes between 0 and 1 are toggles (TC): x and z are states, not edges. Between $dumpoff and $dumpon nothing is known:
/// this time is no part of the duration, and all values of the time of $dumpon are initial ones again, whether they stand in
/// its section or behind it.
class VcdActivity {
public:
    explicit VcdActivity(const VcdHeader& header);

    /// What was said so far is of `begin`: what stands before the first time of a file.
    void open(std::uint64_t begin, std::uint64_t end);
    /// The following changes happen at `time`, no earlier than those before.
    void move_to(std::uint64_t time) {
        if (time == now_)
            return;
        settle();
        now_ = time;
        resumed_ = false;
    }
    void change(const VcdChange& change);
    void dump_off();
    void dump_on();
    /// The file ends, or the window does. `time`: the end of the window.
    void finish(std::uint64_t time);

    /// After finish().
    std::uint64_t duration() const { return duration_; }
    SaifCounts counts(std::uint32_t code, std::uint32_t bit) const;

    /// Values that changed since move_to() last moved on. If $dumpon came since then: any may have, and these are not all.
    const std::vector<std::uint32_t>& touched() const { return touched_; }
    bool resumed() const { return resumed_; }
    /// Their planes and numbers now.
    const std::uint64_t* value(std::uint32_t code) const { return current_.data() + slots_[code].word; }
    const std::uint64_t* unknown(std::uint32_t code) const { return value(code) + slots_[code].words; }
    double real(std::uint32_t code) const { return slots_[code].real; }

private:
    struct Bit {
        std::uint64_t since = 0;  ///< traced time of its last change
        std::uint64_t t1 = 0, tx = 0, tz = 0;
        std::uint64_t tc = 0, ig = 0;
    };
    struct Slot {
        std::size_t word = 0, bit = 0;  ///< first of its planes, first of its bits
        std::uint32_t words = 0;
        bool touched = false, real_value = false;
        double real = 0;
    };
    /// Whether changes now are seen as such.
    bool counting() const { return now_ > begin_ && !resumed_; }
    void settle();
    /// Time inside the window and outside of dump pauses, up to `time`.
    std::uint64_t traced(std::uint64_t time) const;
    static void spend(Bit& bit, std::uint64_t time, bool value, bool unknown);

    std::uint64_t begin_ = 0, end_ = ~std::uint64_t{0}, now_ = 0, duration_ = 0;
    std::uint64_t paused_ = 0, paused_since_ = 0;
    bool off_ = false, resumed_ = false;
    std::vector<Slot> slots_;
    std::vector<std::uint64_t> settled_, current_;  ///< value plane, then unknown plane, of each code
    std::vector<Bit> bits_;
    std::vector<std::uint32_t> touched_;
};

}  // namespace xloop::trace
