#pragma once

#include <string>
#include <vector>

namespace xloop {

/// Something of the hardware that a search chooses: one value of several for keys of the chip, or of each layer.
struct HardwareKnob {
    std::string name;
    std::vector<std::string> keys;  ///< of the hardware, all given the same value: "crossbar.rows", "crossbar.cols"
    std::vector<std::string>
        layers;  ///< patterns; each layer with a matrix that matches one has a choice of its own. None: the chip
    std::vector<std::string> values;  ///< as the command line's -s takes them
    /// The `*` in a key then stands for the layer: "layers.*.adc.bits". Else it is the pattern of all layers, which get the same.
    bool by_layer() const { return !layers.empty(); }
};

/// What a search leaves open of the hardware: a file `configs/search_spaces/*.yaml`.
struct HardwareSpace {
    std::string name;
    std::vector<HardwareKnob> knobs;
};

/// Throws InputError, with file and line.
HardwareSpace load_hardware_space(const std::string& path);
HardwareSpace parse_hardware_space(const std::string& text, const std::string& name);

}  // namespace xloop
