#pragma once

#include "core/hardware_config.hpp"
#include "core/progress.hpp"
#include "core/workload/executor.hpp"
#include "core/workload/workload_graph.hpp"
#include "systemc_model/chip/layer_arrays.hpp"
#include "systemc_model/mapping/mapping.hpp"

#include <cstdint>
#include <memory>
#include <vector>

namespace xloop {

/// A network mapped and programmed: fixed by (weights, hardware, chip seed). Runs untimed through `multiply`, timed
/// through the SystemC model, which reads the same arrays. Immutable after construction; safe to share among threads.
class Chip : public MatrixEngine {
public:
    /// Programs every array of every copy, on up to `threads` threads. Throws InputError when adc.range is `calibrated`
    /// and the network has not been calibrated (see program) or has been for other hardware, when its biases were corrected for
    /// another chip (recalibrate), or when activations or weights have more than 8
    /// bits, with which activities can be counted but values not computed.
    /// `watch` is called after each array.
    explicit Chip(MappedNetwork network, int threads = 1, const Watch& watch = {});
    Chip(const Chip&) = delete;
    Chip& operator=(const Chip&) = delete;

    const MappedNetwork& network() const { return network_; }
    /// On analog tiles: array of block `block` of copy `copy` of layer `layer`, in the order of the mapping.
    const ProgrammedArray& array(int layer, int copy, int block) const {
        return arrays_[static_cast<std::size_t>(layer)]->array(copy, block);
    }
    /// All arrays of a layer; null for layers without a matrix.
    const LayerArrays* layer_arrays(int layer) const { return arrays_[static_cast<std::size_t>(layer)].get(); }

    void multiply(int layer, const ReadAddress& first, int count, const std::uint8_t* windows,
                  std::int32_t* accumulators) const override;

private:
    const MappedNetwork network_;
    std::vector<DeviceModel> devices_;  ///< by kind of hardware
    std::vector<std::unique_ptr<LayerArrays>> arrays_;
};

/// Images of a network's input, one after the other.
struct CalibrationImages {
    const std::uint8_t* pixels = nullptr;
    int count = 0;
};

/// Whether some type of analog tile has adc.range `calibrated`.
bool calibrates(const HardwareKinds& kinds);

/// The programmed chip of a network. With adc.range `calibrated` and images to calibrate with, each layer's
/// adc_range_levels is first set to the percentile adc.percentile of the absolute sums at its ADCs over these images, every
/// read of every array of the layer's first copy counted: activations are those of the exact integer network, wires and
/// cells those of the hardware. Throws and reports progress as Chip's constructor does.
std::unique_ptr<const Chip> program(MappedNetwork network, CalibrationImages calibration = {}, int threads = 1,
                                    const Watch& watch = {});

/// Logits of images [first, first + count): `pixels` holds them one after the other. One row per image.
std::vector<std::vector<std::int32_t>> run_images(const WorkloadGraph& graph, const MatrixEngine& engine,
                                                  const std::uint8_t* pixels, int first, int count, int threads = 1);

/// Fraction of images whose largest logit (the first of equals) is the label.
double top1(const std::vector<std::vector<std::int32_t>>& logits, const int* labels);

}  // namespace xloop
