#pragma once

#include <array>
#include <cstddef>
#include <vector>

namespace xloop {

/// Memory that is kept and grows as needed, aligned to cache lines; what it holds is lost when it grows. T: an integer.
template <class T>
class Scratch {
public:
    T* at_least(std::size_t count) {
        if (count > lines_.size() * per_line)
            lines_ = std::vector<Line>((count + per_line - 1) / per_line);
        return lines_.data()->data();
    }

private:
    static constexpr std::size_t per_line = 64 / sizeof(T);
    struct alignas(64) Line : std::array<T, per_line> {};
    std::vector<Line> lines_;
};

}  // namespace xloop
