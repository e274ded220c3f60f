#pragma once

#include <cstdint>

namespace xloop {

/// Which read of a layer's arrays it is: the key of its noise, known to the timed and the untimed run without counting.
struct ReadAddress {
    std::int64_t image = 0;  ///< in its data set
    int position = 0;        ///< output position of the layer, below 2^28
    int step = 0;            ///< time step of a network that reads an image several times, below 2^16
};

}  // namespace xloop
