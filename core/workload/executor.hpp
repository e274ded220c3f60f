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

/// Runs one image (input.size() pixels, stored position by position; see input_value) and returns the logits: those of
/// each output, position by position, one output after the other. Throws Error for a layer of a class that no part of the chip
/// carries out.
std::vector<std::int32_t> run_graph(const WorkloadGraph& graph, const MatrixEngine& engine, const std::uint8_t* image,
                                    std::int64_t image_index);

}  // namespace xloop
