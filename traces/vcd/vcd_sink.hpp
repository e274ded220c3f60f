#pragma once

#include "traces/bus/trace_sink.hpp"
#include "traces/text/text_output.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace xloop::trace {

/// Writes a value change dump (IEEE 1364-2005, clause 18), in picoseconds. Scopes are the instance paths. Each window begins
/// with the values of all signals at its begin; between windows the dump is off.
class VcdSink : public Sink {
public:
    /// After `largest` bytes of text the file is finished at the time reached. `save`: also what GTKWave opens it with.
    VcdSink(std::string path, std::uint64_t largest = ~std::uint64_t{0}, std::string date = {}, std::string save = {});

    Wants wants() const override { return Wants::signals; }
    bool needs_order() const override { return true; }
    void begin(const Declarations& declarations) override;
    void value(const ValueChange& change) override;
    void burst(const Burst& burst) override;
    void pulses(const Pulses& pulses) override;
    void advance(Time time) override;
    void end(Time time) override;
    std::string remark() const override;

    std::uint64_t bytes() const { return bytes_; }
    std::uint64_t changes() const { return changes_; }

private:
    /// Changes to come: one of them, or a train of them. Those that begin together with the same pattern are one train.
    struct Train {
        Time start = 0;
        const Pattern* pattern = nullptr;  ///< null: one change, or a clock
        Time high = 0;                     ///< of pulses
        std::uint64_t period_fs = 0;       ///< of a clock
        std::uint64_t number = 0;          ///< of several changes at one time the one with the highest number counts
        std::uint64_t next = 0;            ///< item, or half period of a clock
        std::vector<int> signals;
        std::vector<std::uint64_t> words;  ///< of one change that comes late
        std::vector<std::int32_t> values;  ///< of bursts, one after the other
    };
    /// One change of those that come in order of time.
    struct Single {
        Time time;
        int signal;
        std::uint32_t at;  ///< of its words in `single_words_`
        std::uint64_t number;
    };
    struct Due {
        Time time;
        std::uint64_t number;
        std::uint32_t train;
        bool operator>(const Due& o) const { return time != o.time ? time > o.time : number > o.number; }
    };
    /// What every change looks at, in little memory.
    struct Net {
        std::size_t first_word;
        std::uint32_t words;
        int width;
        std::array<char, 11> ending{};  ///< of its lines: code and end of line
        std::uint8_t ending_size = 0;
        bool dirty = false;
        std::uint64_t latest = 0;  ///< number of the change or train given last

        std::string_view end_of_line() const { return {ending.data(), ending_size}; }
    };

    std::uint32_t add_train(Time first);
    /// The train that begins at `start` with the pattern and has nothing of the signal's before it, or a new one.
    Train& train_of(int signal, Time start, const Pattern* pattern, Time high);
    /// Those before change `number` at `time`.
    void play_singles(Time time, std::uint64_t number);
    void step(const Due& due);
    /// The first of the heap becomes due at `time`: it mostly stays the first, since trains take turns seldom.
    void postpone_first(Time time);
    std::optional<Time> play(Train& train);
    /// Of a signal of one word; of any.
    void set(int signal, std::uint64_t word);
    void set(int signal, const std::uint64_t* words);
    void mark(int signal);
    void reach(Time time);
    void flush();
    void open_window(Time time);
    void close_window(Time time);
    void write_header();
    void write_time(Time time);
    void write_value(std::size_t signal);
    void write_unknown(std::size_t signal);
    void finish(Time time);

    std::string path_, date_, save_;
    std::uint64_t largest_;
    std::optional<TextOutput> out_;
    const Declarations* declarations_ = nullptr;
    std::vector<Net> nets_;
    std::vector<std::uint64_t> now_, next_;  ///< words of all signals: as written, as of the time reached
    std::vector<int> dirty_;

    std::vector<Train> trains_;
    std::vector<std::uint32_t> free_;
    std::vector<Due> due_;  ///< a heap, the earliest first
    std::uint64_t numbers_ = 0;
    std::array<std::uint32_t, 16> recent_{};  ///< trains to which other signals may be added
    std::size_t recent_count_ = 0;
    std::vector<Single> singles_;
    std::size_t next_single_ = 0;
    std::vector<std::uint64_t> single_words_;

    Time time_ = 0, written_ = never;
    std::size_t window_ = 0;
    std::vector<std::pair<Time, Time>> spans_;  ///< in which the dump is on
    bool open_ = false, opened_before_ = false, stopped_ = false;
    std::uint64_t bytes_ = 0, changes_ = 0;
};

}  // namespace xloop::trace
