#pragma once

#include "traces/bus/trace_sink.hpp"
#include "traces/saif/saif_reader.hpp"
#include "traces/saif/vcd_to_saif.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <ostream>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace xloop::trace {

inline void PrintTo(const SaifCounts& c, std::ostream* out) {
    *out << "T0 " << c.t0 << " T1 " << c.t1 << " TX " << c.tx << " TZ " << c.tz << " TC " << c.tc << " IG " << c.ig;
}

/// Counts by "scope.name" or "scope.name[bit]".
using NetCounts = std::map<std::string, SaifCounts>;

inline NetCounts counts_of(const SaifFile& file) {
    NetCounts nets;
    file.for_each_net(
        [&](const std::string& path, const SaifNet& net) { nets[path + "." + net.full_name()] = net.counts; });
    return nets;
}

/// The nets that differ, a few of them, as text.
inline std::string differences(const NetCounts& nets, const NetCounts& expected) {
    std::string text;
    int shown = 0;
    for (const auto& [name, counts] : expected) {
        const auto found = nets.find(name);
        if ((found == nets.end() || !(found->second == counts)) && ++shown <= 8)
            text += name + ": " + (found == nets.end() ? "missing" : testing::PrintToString(found->second)) +
                    ", expected " + testing::PrintToString(counts) + "\n";
    }
    return nets.size() == expected.size() ? text : text + "other nets\n";
}

inline SaifFile saif_file(const std::string& path) {
    TextInput in(path);
    return read_saif(in);
}

inline SaifFile saif_from_vcd(const std::string& path) {
    TextInput in(path);
    return saif_of_vcd(in);
}

/// The signals of a run as plain lists of changes, against which sinks are checked.
class PlainWaves {
public:
    using Words = std::vector<std::uint64_t>;
    using Changes = std::map<Time, Words>;

    /// Clocks run up to `end`.
    PlainWaves(const Declarations& declarations, Time end)
        : declarations_(declarations), changes_(declarations.signals.size()), end_(end) {
        for (std::size_t s = 0; s < declarations.signals.size(); ++s) {
            const Signal& signal = declarations.signals[s];
            changes_[s][0] = Words(signal.words(), 0);
            for (std::uint64_t k = 0; signal.clock_period_fs > 0 && k * signal.clock_period_fs / 1000 < end; ++k) {
                const Time rise = k * signal.clock_period_fs / 1000;
                changes_[s][rise] = {1};
                changes_[s][rise + signal.clock_period_fs / 2000] = {0};
            }
        }
    }

    void value(const ValueChange& change) {
        changes_[index(change.signal)][change.time] = Words(change.words, change.words + signal(change.signal).words());
    }
    void burst(const Burst& burst) {
        const std::uint64_t mask = (std::uint64_t{1} << signal(burst.signal).width) - 1;
        for (std::size_t i = 0; i < burst.count(); ++i)
            changes_[index(burst.signal)][burst.start + burst.pattern->offsets[i]] = {
                static_cast<std::uint32_t>(burst.values[i]) & mask};
    }
    void pulses(const Pulses& pulses) {
        for (Time offset : pulses.pattern->offsets) {
            changes_[index(pulses.signal)][pulses.start + offset] = {1};
            changes_[index(pulses.signal)][pulses.start + offset + pulses.high] = {0};
        }
    }

    /// What really changes before the end, and the value at 0.
    Changes visible(int number) const {
        Changes all;
        for (const auto& [time, words] : changes_[index(number)])
            if (time < end_ && (all.empty() || words != all.rbegin()->second))
                all[time] = words;
        return all;
    }

    SaifCounts counts(int number, int bit, const TimeWindows& windows) const {
        SaifCounts sum;
        for (const auto& [begin, until] : windows.windows()) {
            const Time close = std::min(until, end_);
            bool level = false;
            Time since = begin;
            for (const auto& [time, words] : changes_[index(number)]) {
                if (time >= close)
                    break;
                const bool next = words[static_cast<std::size_t>(bit) / 64] >> (bit % 64) & 1;
                if (time > begin) {
                    (level ? sum.t1 : sum.t0) += time - since;
                    sum.tc += level != next;
                    since = time;
                }
                level = next;
            }
            if (begin < close)
                (level ? sum.t1 : sum.t0) += close - since;
        }
        return sum;
    }

    NetCounts counts(const TimeWindows& windows) const {
        NetCounts nets;
        for (std::size_t s = 0; s < changes_.size(); ++s) {
            const Signal& signal = declarations_.signals[s];
            const std::string name = signal.scope + "." + signal.name;
            for (int bit = 0; bit < signal.width; ++bit)
                nets[signal.width == 1 ? name : name + "[" + std::to_string(bit) + "]"] =
                    counts(static_cast<int>(s), bit, windows);
        }
        return nets;
    }

private:
    static std::size_t index(int number) { return static_cast<std::size_t>(number); }
    const Signal& signal(int number) const { return declarations_.signals[index(number)]; }

    const Declarations& declarations_;
    std::vector<Changes> changes_;
    Time end_;
};

/// Random changes, bursts and pulses of signals of all widths, with ties: what follows on a signal may begin when what came
/// before ends.
struct RandomWaves {
    enum class Kind { value, burst, pulses };
    struct Step {
        Kind kind;
        Time start, end;  ///< end: its last change
        int signal;
        std::size_t pattern;
        Time high;
        std::vector<std::uint64_t> words;
        std::vector<std::int32_t> values;
        Time now;  ///< how far the run is when this is said
    };

    std::vector<Signal> signals;
    std::vector<Pattern> patterns;
    std::vector<Step> steps;
    Time end = 0;

    explicit RandomWaves(unsigned seed, int count = 300) {
        std::mt19937_64 random(seed);
        const auto below = [&](std::uint64_t n) { return random() % n; };
        const int widths[] = {1, 1, 1, 3, 8, 9, 17, 31, 32, 63, 64, 65, 130};
        for (int width : widths) {
            const std::string number = std::to_string(signals.size());
            signals.push_back(
                {"chip.part_" + std::to_string(signals.size() % 3), "s" + number, width, SignalClass::bus});
        }
        const std::size_t plain = signals.size();
        signals.push_back({"chip", "clk", 1, SignalClass::clock, 40'000});
        signals.push_back({"chip", "noc_clk", 1, SignalClass::clock, 76'923});
        for (int p = 0; p < 12; ++p) {
            Pattern pattern{{static_cast<Time>(p)}};  // all patterns differ
            const std::uint64_t step = 4 + below(8), spread = p % 3 == 0 ? 1 : p % 3 == 1 ? 2 : 30;
            for (std::uint64_t items = below(p % 2 ? 5 : 90); items-- > 0;)
                pattern.offsets.push_back(pattern.offsets.back() + step + below(spread));
            patterns.push_back(std::move(pattern));
        }
        std::vector<Time> free(plain, 0);
        Time now = 0;
        for (int i = 0; i < count; ++i, now += below(3) ? 0 : below(60)) {
            Step step{Kind::value, 0,  0,  static_cast<int>(below(plain)), below(patterns.size()), 1 + below(3),
                      {},          {}, now};
            const auto s = static_cast<std::size_t>(step.signal);
            const std::vector<Time>& offsets = patterns[step.pattern].offsets;
            step.start = std::max(now, free[s]) + (below(2) ? 0 : below(25));
            step.end = step.start;
            if (s == 0) {
                step.kind = Kind::pulses;  // ties: the one before may fall when this one rises
                step.start = std::max(now, free[s] - std::min(free[s], offsets.front())) + (below(2) ? 0 : below(25));
                step.end = step.start + offsets.back() + step.high;
            } else if (signals[s].width <= 32 && below(2)) {
                step.kind = Kind::burst;
                step.start = std::max(now, free[s] - std::min(free[s], offsets.front())) + (below(2) ? 0 : below(25));
                step.end = step.start + offsets.back();
                for (std::size_t v = 0; v < offsets.size(); ++v)
                    step.values.push_back(static_cast<std::int32_t>(
                        below(3) || v == 0 ? random() : static_cast<std::uint64_t>(step.values.back())));
            } else {
                for (std::size_t w = 0; w < signals[s].words(); ++w)
                    step.words.push_back(random() & random());
                if (signals[s].width % 64 != 0)
                    step.words.back() &= (std::uint64_t{1} << (signals[s].width % 64)) - 1;
            }
            free[s] = step.end;
            end = std::max(end, step.end);
            steps.push_back(std::move(step));
        }
        end += below(3);  // may cut off the last change
    }

    /// `patterns`: those of the declarations.
    template <class Target>
    static void play(const Step& step, const std::vector<Pattern>& patterns, Target& target) {
        const Pattern* pattern = &patterns[step.pattern];
        switch (step.kind) {
        case Kind::value: return target.value({step.start, step.signal, step.words.data()});
        case Kind::burst: return target.burst({step.start, step.signal, pattern, step.values.data()});
        default: return target.pulses({step.start, step.signal, pattern, step.high});
        }
    }

    PlainWaves oracle(const Declarations& declarations) const {
        PlainWaves waves(declarations, end);
        for (const Step& step : steps)
            play(step, declarations.patterns, waves);
        return waves;
    }
};

/// None, one or several windows, some that cut what happens, some beyond the end.
inline TimeWindows random_windows(unsigned seed, Time end) {
    std::mt19937_64 random(seed + 1000);
    if (seed % 3 == 0)
        return TimeWindows::always();
    std::vector<std::pair<Time, Time>> windows;
    for (std::uint64_t w = 0; w < 1 + seed % 4; ++w) {
        const Time begin = random() % end;
        windows.emplace_back(begin, begin + 1 + random() % (end / 2));
    }
    return TimeWindows(windows);
}

}  // namespace xloop::trace
