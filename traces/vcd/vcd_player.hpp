#pragma once

#include "traces/vcd/vcd_activity.hpp"
#include "traces/vcd/vcd_reader.hpp"

namespace xloop::trace {

/// Takes a VCD file one time after the other.
class VcdPlayer {
public:
    explicit VcdPlayer(TextInput& in);

    /// To be called once, first: gives what comes before the first time of the file to `activity`. Returns the time that the
    /// file begins at: 0 if nets have values before the first time, else that time; values of parameters may come earlier.
    std::uint64_t start(VcdActivity& activity);
    const VcdHeader& header() const { return reader_.header(); }
    /// Whether there is a further time.
    bool more() const { return event_ != VcdReader::Event::end; }
    /// That time, in units of the file; the last one at the end.
    std::uint64_t next_time() const { return reader_.time(); }
    /// Gives everything that happens at the next time to `activity`.
    void step(VcdActivity& activity);

private:
    /// Gives the event at hand to `activity`.
    void take(VcdActivity& activity) const;

    VcdReader reader_;
    VcdReader::Event event_;
};

}  // namespace xloop::trace
