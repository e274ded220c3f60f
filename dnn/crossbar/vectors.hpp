#pragma once

#include "core/parallel.hpp"
#include "dnn/crossbar/windows.hpp"

#include <torch/types.h>

#include <algorithm>
#include <cstdint>

namespace xloop {

/// Vectors worked on at a time, of one or more images.
constexpr int vectors_at_a_time = 64;

/// All input vectors of a batch: vector v is the window of position v % positions of image v / positions.
class Vectors {
public:
    Vectors(const ConvShape& shape, const torch::Tensor& maps)
        : shape_(shape), windows_(shape, static_cast<int>(maps.size(1)), static_cast<int>(maps.size(2))),
          images_(static_cast<int>(maps.size(0))) {}

    const Windows& windows() const { return windows_; }
    int images() const { return images_; }
    int positions() const { return windows_.positions(); }
    std::int64_t count() const { return static_cast<std::int64_t>(images_) * positions(); }
    int image_of(std::int64_t vector) const { return static_cast<int>(vector / positions()); }
    int position_of(std::int64_t vector) const { return static_cast<int>(vector % positions()); }
    /// Where the map of a vector begins.
    std::ptrdiff_t map_of(std::int64_t vector) const { return image_of(vector) * windows_.map_size(); }

    /// Vectors first ... first + count - 1, `part` of each; one after the other with distance `stride`.
    void gather(const std::uint8_t* maps, std::int64_t first, int count, const WindowRows& part, std::uint8_t* out,
                std::ptrdiff_t stride) const {
        for (int v = 0; v < count; ++v)
            windows_.gather(maps + map_of(first + v), position_of(first + v), part, out + v * stride);
    }

    /// Work for threads: whole images, enough for a few vectors. Calls work(first vector, end).
    template <class Work>
    void for_each_share(int threads, const Work& work) const {
        const int at_a_time = std::max(1, vectors_at_a_time / positions());
        parallel_for((images_ + at_a_time - 1) / at_a_time, threads, [&](int share) {
            const int first = share * at_a_time;
            work(static_cast<std::int64_t>(first) * positions(),
                 static_cast<std::int64_t>(std::min(images_, first + at_a_time)) * positions());
        });
    }

private:
    ConvShape shape_;
    Windows windows_;
    int images_;
};

/// Calls visit(first, count) for pieces of [first, end) of at most vectors_at_a_time.
template <class Visit>
void for_each_chunk(std::int64_t first, std::int64_t end, const Visit& visit) {
    for (; first < end; first += vectors_at_a_time)
        visit(first, static_cast<int>(std::min<std::int64_t>(vectors_at_a_time, end - first)));
}

}  // namespace xloop
