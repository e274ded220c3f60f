#pragma once

#include "systemc_model/mapping/flow_plan.hpp"

#include <algorithm>
#include <cstddef>
#include <limits>
#include <vector>

namespace xloop {

inline constexpr double never = std::numeric_limits<double>::infinity();

/// The last values of a sequence; 0, the start of the round, before the first.
class Ring {
public:
    explicit Ring(int size = 1) : values_(static_cast<std::size_t>(size), 0.0) {}
    /// The value that is as many steps back as the ring is long.
    double oldest() const { return values_[next_]; }
    void push(double value) {
        values_[next_] = value;
        next_ = next_ + 1 == values_.size() ? 0 : next_ + 1;
    }

private:
    std::vector<double> values_;
    std::size_t next_ = 0;
};

/// Something that can be taken again some time after it was taken.
struct Spaced {
    double free = -never;
    double take(double asked, double spacing) {
        const double begin = std::max(asked, free);
        free = begin + spacing;
        return begin;
    }
};

/// A stream of the plan: when positions, numbered on through the images, arrive and when all its readers have released them.
struct StreamTimes {
    int positions = 0, capacity = 0;  ///< as Stream
    std::vector<double> arrived, released;
    std::vector<int> released_until;  ///< by reader
    int complete = 0;                 ///< positions that have arrived
    int known_releases = 0;           ///< positions that all readers have released

    void arrive(int position, double time) {
        // In the order of positions, whoever is late.
        const auto p = static_cast<std::size_t>(position);
        arrived[p] = p > 0 ? std::max(time, arrived[p - 1]) : time;
        complete = position + 1;
    }
    void release(int reader, int until, double time) {
        int& of_reader = released_until[static_cast<std::size_t>(reader)];
        for (const int end = std::min(until, static_cast<int>(released.size())); of_reader < end; ++of_reader) {
            double& latest = released[static_cast<std::size_t>(of_reader)];
            latest = std::max(latest, time);
        }
        known_releases =
            released_until.size() == 1 ? of_reader : *std::min_element(released_until.begin(), released_until.end());
    }
};

/// How positions get from a sender to a stream. Cycles of the digital clock, as all times here.
struct Receiver {
    int stream = 0;
    double delay =
        0;  ///< from the first flit out of the sender to the position in the stream's buffer; 0: the same tile
    double credit = 0;  ///< from a release to the sender
};

/// A task's place among the readers of a stream.
struct Input {
    int stream = 0, reader = 0;
};

/// What one tile does for a copy of a layer with a matrix.
struct PartLine {
    const FlowTask* task = nullptr;
    const Durations* durations = nullptr;  ///< of the layer on its tiles
    bool holds = true;                     ///< the next read overlaps the conversions of the last one
    Input input;
    double window_port = 0, fetch_bus = 0, gather_bus = 0;  ///< of a whole window; reused: of the mean one
    /// Of one read; from the first held read to the last; of all conversions of a read; from the last sweep to the output register.
    double read = 0, held = 0, sweep = 0, finish_sums = 0;
    double to_home = 0, credit = 0;  ///< sums to the home, the home's entry back; 0: is the home
    // Up to the last position.
    Spaced bus;
    double window_here = 0, fetched = 0, rows_free = 0, converters_free = 0, gathered = 0, sent = 0;
    Ring input_register, output_register, entries;
};

/// One copy of a layer.
struct CopyLine {
    std::vector<PartLine> parts;           ///< empty: a layer without a matrix
    const Durations* durations = nullptr;  ///< of the home
    double ports = 1;                      ///< of the home's buffer
    std::vector<Receiver> receivers;
    double to_io = -1;  ///< delay to the i/o node; below 0: it does not collect the layer
    double pace = 0;    ///< closest distance of positions at the shared parts of its tiles
    double sums = 0;    ///< the same of their partial sums at the home's network port
    double vector_unit = 0, write = 0, accesses = 0;  ///< accesses: of a buffer port, by a finished position
    double read_out = 0, message = 0;  ///< message: distance of messages at the network port that it takes longest
    // Up to the last position.
    double queued = -1;  ///< of the first position's partial sums at the home
    Spaced fetches, bus, summed, unit, interface;
    double written = 0, committed = 0, retired = 0;
    Ring entries, places;

    bool sends() const { return message > 0; }
};

/// One layer: positions in order, those of an image shared by its copies in turns.
struct LayerLine {
    int index = 0, positions = 0;
    std::vector<CopyLine> copies;
    /// Of a layer without a matrix: its inputs, and what a position takes by the part of the window inside the map.
    struct Work {
        double port = 0, bus = 0, vector_unit = 0;
    };
    std::vector<Input> inputs;
    std::vector<Work> works;
    double port_spacing = 0;  ///< of positions, at the network's port that the layer's messages need most
    double part_time = 0;     ///< layer by layer: busy cycles of the busiest part that several copies share
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
