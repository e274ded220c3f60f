#pragma once

#include <string>
#include <vector>

namespace xloop {

/// Keys of an experiment that a sweep gives one value after the other.
struct SweepParameter {
    struct Level {
        std::string label;                     ///< "64", or of keys that move together "64 / 6"
        std::vector<std::string> assignments;  ///< as the command line's -s takes them
    };
    std::string name;  ///< its keys, joined by +
    std::vector<Level> levels;
};

/// `KEY=VALUES` or, where several keys take the same value, `KEY,KEY=VALUES`. VALUES are separated by commas outside of brackets and
/// quotes; `4:8` are the whole numbers from 4 to 8, `0:0.2:0.05` goes in steps, `16:256:*2` in factors. One value makes one
/// level. Throws InputError.
SweepParameter parse_sweep_parameter(const std::string& text);

/// Keys that move together, value by value: `KEY=VALUES;KEY=VALUES`, with as many values each. Throws InputError.
SweepParameter parse_joint_parameter(const std::string& text);

}  // namespace xloop
