#pragma once

#include "core/workload/read_address.hpp"
#include "core/workload/workload_graph.hpp"

#include <cstdint>
#include <vector>

namespace xloop {

/// Computes the integer matrix product of a crossbar layer: exactly in software, or with an analog array in it.
class MatrixEngine {
public:
    virtual ~MatrixEngine() = default;
    /// `windows`: count x layer.groups x layer.rows() unsigned values, for the output positions from `first` on;
    /// `accumulators`: count x out.channels, overwritten (no bias).
    virtual void multiply(int layer, const ReadAddress& first, int count, const std::uint8_t* windows,
                          std::int32_t* accumulators) const = 0;
};

/// The exact integer product: what an ideal digital accelerator with the same quantised weights computes.
class IntegerEngine : public MatrixEngine {
public:
    explicit IntegerEngine(const WorkloadGraph& graph) : graph_(graph) {}
    void multiply(int layer, const ReadAddress& first, int count, const std::uint8_t* windows,
                  std::int32_t* accumulators) const override;

private:
    const WorkloadGraph& graph_;
};

/// One image on its way through a network, layer by layer, in order.
class ImageRun {
public:
    /// `image`: input.size() pixels, stored position by position (see input_value). The graph must outlive this; what it says
    /// of a layer may change until the layer is finished.
    ImageRun(const WorkloadGraph& graph, const std::uint8_t* image, std::int64_t image_index);

    /// Of the next layer, of class matrix: its sums by `engine` without bias, positions x out.channels.
    std::vector<std::int32_t> sums(int layer, const MatrixEngine& engine) const;
    /// Makes the layer's output, of class matrix from its sums. Throws Error for a layer of a class that no part of the chip
    /// carries out.
    void finish(int layer, const std::vector<std::int32_t>& sums = {});
    /// Of layer `producer`, once it is finished, or of the input (-1), position by position.
    const FeatureMap& map(int producer) const {
        return producer < 0 ? input_ : maps_[static_cast<std::size_t>(producer)];
    }
    /// For who changes what is stored of it.
    FeatureMap& map(int producer) { return producer < 0 ? input_ : maps_[static_cast<std::size_t>(producer)]; }
    /// Those of each output, position by position, one output after the other; once all layers are finished.
    const std::vector<std::int32_t>& logits() const { return logits_; }

private:
    std::vector<InputMap> inputs_of(const GraphLayer& layer) const;

    const WorkloadGraph& graph_;
    std::int64_t image_index_;
    FeatureMap input_;
    std::vector<FeatureMap> maps_;
    std::vector<std::int32_t> logits_;
};

/// Runs one image and returns the logits: see ImageRun.
std::vector<std::int32_t> run_graph(const WorkloadGraph& graph, const MatrixEngine& engine, const std::uint8_t* image,
                                    std::int64_t image_index);

}  // namespace xloop
