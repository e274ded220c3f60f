#pragma once

#include "core/workload/workload_graph.hpp"
#include "systemc_model/mapping/flow_plan.hpp"

#include <cstdint>
#include <vector>

namespace xloop::sim {

/// A stream in a tile's buffer: a ring of positions, numbered on through all images. Arriving positions may overtake one
/// another; a position is overwritten only after all readers have released it, and each access checks that.
class StreamBuffer {
public:
    /// `channels`: values kept for each position; 0: none, only sizes.
    StreamBuffer(const Stream& stream, int channels);

    /// All positions before this one have arrived or will not be read.
    std::uint64_t complete() const { return complete_; }
    /// Positions before this one are not needed any more.
    std::uint64_t released() const { return released_; }
    bool has_room(std::uint64_t position) const { return position < released_ + capacity_; }
    std::uint64_t capacity() const { return capacity_; }

    /// Throws Error when there is no room for the position.
    void arrive(std::uint64_t position, const std::int32_t* values);
    /// Values of a position that has arrived and is not released; throws Error otherwise.
    const Activation* values(std::uint64_t position) const;
    /// Reader `reader` (index into Stream::tasks) needs nothing before `position` any more.
    void release(int reader, std::uint64_t position);

    /// Positions that have arrived and are not released.
    std::uint64_t held() const { return held_; }
    std::uint64_t held_bytes() const { return held_ * position_bytes_; }

private:
    void update_complete();

    std::uint64_t capacity_, position_bytes_;
    std::size_t channels_;
    std::vector<std::uint64_t> arrived_;  ///< in each place of the ring: position + 1; 0: none
    std::vector<Activation> values_;
    std::vector<std::uint64_t> released_by_;
    std::uint64_t complete_ = 0, released_ = 0, held_ = 0;
};

}  // namespace xloop::sim
