#include "systemc_model/sim/tile/stream_buffer.hpp"

#include "core/error.hpp"

#include <fmt/format.h>
#include <algorithm>

namespace xloop::sim {

StreamBuffer::StreamBuffer(const Stream& stream, int channels)
    : capacity_(static_cast<std::uint64_t>(stream.capacity)),
      position_bytes_(static_cast<std::uint64_t>(stream.position_bytes)), channels_(static_cast<std::size_t>(channels)),
      arrived_(capacity_, 0), values_(capacity_ * channels_), released_by_(stream.tasks.size(), 0) {}

void StreamBuffer::arrive(std::uint64_t position, const std::int32_t* values) {
    if (!has_room(position))
        throw Error(fmt::format("position {} arrives in a stream that holds {} to {}", position, released_,
                                released_ + capacity_ - 1));
    if (position < released_)
        return;  // in a border that no window reads
    const std::uint64_t place = position % capacity_;
    arrived_[place] = position + 1;
    if (channels_ > 0)
        std::copy_n(values, channels_, values_.begin() + static_cast<std::ptrdiff_t>(place * channels_));
    ++held_;
    update_complete();
}

void StreamBuffer::update_complete() {
    complete_ = std::max(complete_, released_);
    while (arrived_[complete_ % capacity_] == complete_ + 1)
        ++complete_;
}

const Activation* StreamBuffer::values(std::uint64_t position) const {
    const std::uint64_t place = position % capacity_;
    if (arrived_[place] != position + 1 || position < released_)
        throw Error(fmt::format("position {} is read from a stream that does not hold it", position));
    return values_.data() + place * channels_;
}

void StreamBuffer::release(int reader, std::uint64_t position) {
    released_by_[static_cast<std::size_t>(reader)] = position;
    const std::uint64_t least = *std::min_element(released_by_.begin(), released_by_.end());
    for (; released_ < least; ++released_)
        if (arrived_[released_ % capacity_] == released_ + 1)
            --held_;
    update_complete();
}

}  // namespace xloop::sim
