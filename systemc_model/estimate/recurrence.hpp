#pragma once

#include <algorithm>
#include <cstddef>
#include <limits>
#include <vector>

namespace xloop {

/// A time of the recurrence: a whole number of small parts of a cycle (LineBuilder::ticks). Sums and differences of whole numbers
/// are exact, so that a layer takes the same time whenever it begins.
using Ticks = double;
inline constexpr Ticks never = std::numeric_limits<Ticks>::infinity();

/// The last values of a sequence; 0, the start of the round, before the first.
class Ring {
public:
    explicit Ring(int size = 1) : values_(static_cast<std::size_t>(size), 0) {}
    std::size_t size() const { return values_.size(); }
    /// The value that is as many steps back as the ring is long.
    Ticks oldest() const { return values_[next_]; }
    void push(Ticks value) {
        values_[next_] = value;
        next_ = next_ + 1 == values_.size() ? 0 : next_ + 1;
    }

private:
    std::vector<Ticks> values_;
    std::size_t next_ = 0;
};

/// Something that can be taken again some time after it was taken.
struct Spaced {
    Ticks free = -never;
    Ticks take(Ticks asked, Ticks spacing) {
        const Ticks begin = std::max(asked, free);
        free = begin + spacing;
        return begin;
    }
};

/// A stream of the plan: when positions, numbered on through the images, arrive and when all its readers have released them.
/// Layer by layer a map is read when it is there as a whole, and it is one position.
struct StreamTimes {
    int positions = 0, capacity = 0;  ///< as Stream
    std::vector<Ticks> arrived, released;
    std::vector<int> released_until;  ///< by reader
    int complete = 0;                 ///< positions that have arrived
    int known_releases = 0;           ///< positions that all readers have released

    void arrive(int position, Ticks time) {
        // In the order of positions, whoever is late.
        const std::size_t p = std::min(static_cast<std::size_t>(position), arrived.size() - 1);
        arrived[p] = std::max(time, arrived[p > 0 ? p - 1 : 0]);
        complete = position + 1;
    }
    void release(int reader, int until, Ticks time) {
        int& of_reader = released_until[static_cast<std::size_t>(reader)];
        for (const int end = std::min(until, static_cast<int>(released.size())); of_reader < end; ++of_reader) {
            Ticks& latest = released[static_cast<std::size_t>(of_reader)];
            latest = std::max(latest, time);
        }
        known_releases =
            released_until.size() == 1 ? of_reader : *std::min_element(released_until.begin(), released_until.end());
    }
};

/// How positions get from a sender to a stream.
struct Receiver {
    int stream = 0;
    Ticks delay =
        0;  ///< from the first flit out of the sender to the position in the stream's buffer; 0: the same tile
    Ticks credit = 0;  ///< from a release to the sender
};

/// A task's place among the readers of a stream.
struct Input {
    int stream = 0, reader = 0;
};

/// What one tile does for a copy of a layer with a matrix.
struct PartLine {
    /// All that its times follow from, beside those of its windows.
    struct Constants {
        Ticks home = 0;   ///< 1: finishes the copy's positions
        Ticks holds = 1;  ///< 1: the next read overlaps the conversions of the last one
        Ticks first_word = 0;
        Ticks window_port = 0, fetch_bus = 0, gather_bus = 0;  ///< of a whole window; reused: of the mean one
        /// Of one read; from the first held read to the last; of all conversions of a read; from the last sweep to the output register.
        Ticks read = 0, held = 0, sweep = 0, finish_sums = 0;
        Ticks to_home = 0, credit = 0;                      ///< sums to the home, the home's entry back; 0: is the home
        Ticks sum_port = 0, sum_bus = 0;                    ///< of the sums at the home's network port and on its bus
        Ticks input_vectors = 1, results = 1, entries = 1;  ///< places for vectors, for results and for sums
    };
    Constants of;
    Input input;
    // Up to the last position.
    Spaced bus;
    Ticks window_here = 0, fetched = 0, rows_free = 0, converters_free = 0, gathered = 0, sent = 0;
    Ring input_register, output_register, entries;

    PartLine(const Constants& constants, Input from)
        : of(constants), input(from), input_register(static_cast<int>(of.input_vectors)),
          output_register(static_cast<int>(of.results)), entries(static_cast<int>(of.entries)) {}
};

/// One copy of a layer.
struct CopyLine {
    struct Constants {
        Ticks pace = 0;  ///< closest distance of positions at the shared parts of its tiles
        Ticks sums = 0;  ///< the same of their partial sums at the home's network port
        // Of the home.
        Ticks first_word = 0, accumulate = 0, vector_unit = 0, vector_latency = 0, write = 0;
        Ticks read_out = 0;
        Ticks sends = 0, message = 0;  ///< message: distance of messages at the network port that it takes longest
        Ticks entries = 1, places = 1;
    };
    Constants of;
    std::vector<PartLine> parts;  ///< empty: a layer without a matrix
    std::vector<Receiver> receivers;
    Ticks to_io = -1;  ///< delay to the i/o node; below 0: it does not collect the layer
    // Up to the last position.
    Ticks queued = -1;  ///< of the first position's partial sums at the home
    Spaced fetches, bus, summed, unit, interface;
    Ticks written = 0, committed = 0, retired = 0, sent = 0;
    Ring entries, places;

    explicit CopyLine(const Constants& constants)
        : of(constants), entries(static_cast<int>(of.entries)), places(static_cast<int>(of.places)) {}
};

/// One layer: positions in order, those of an image shared by its copies in turns.
struct LayerLine {
    int index = 0, positions = 0;
    std::vector<CopyLine> copies;
    /// Of a layer without a matrix: its inputs, and what a position takes by the part of the window inside the map; `spacing`:
    /// of a buffer port, the finished position included.
    struct Work {
        Ticks port = 0, bus = 0, vector_unit = 0, spacing = 0;
    };
    std::vector<Input> inputs;
    std::vector<Work> works;
    Ticks port_spacing = 0;  ///< of positions, at the network's port that the layer's messages need most
    double port_cycles = 0;  ///< the same in cycles
    double part_cycles = 0;  ///< layer by layer: busy cycles of the busiest part that several copies share
    // The position that is next.
    int image = 0, own = 0;
    std::size_t copy = 0;
    bool made = false;  ///< it is finished and waits for room
    Spaced port;

    int number() const { return image * positions + own; }
    void advance() {
        made = false;
        copy = copy + 1 == copies.size() ? 0 : copy + 1;
        if (++own == positions) {
            own = 0;
            copy = 0;
            ++image;
        }
    }
};

}  // namespace xloop
