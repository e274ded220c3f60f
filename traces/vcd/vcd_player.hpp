#pragma once

#include "traces/vcd/vcd_activity.hpp"
#include "traces/vcd/vcd_reader.hpp"

namespace xloop::trace {

/// Takes a VCD file one time after the other.
class VcdPlayer {
public:
    explicit VcdPlayer(TextInput& in);

    VcdReader& reader() { return reader_; }
    const VcdHeader& header() const { return reader_.header(); }
    /// Whether there is a further time.
    bool more() const { return event_ != VcdReader::Event::end; }
    /// That time, in units of the file; the last one at the end. What comes before the first time happens at 0.
    std::uint64_t next_time() const { return reader_.time(); }
    /// Gives everything that happens at the next time to `activity`.
    void step(VcdActivity& activity);

private:
    VcdReader reader_;
    VcdReader::Event event_;
    bool in_dump_on_ = false;
};

}  // namespace xloop::trace
