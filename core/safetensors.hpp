#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace xloop {

/// A dense array of real numbers, the last axis running fastest. No axes: one number.
struct FloatTensor {
    std::vector<std::int64_t> shape;
    std::vector<float> values;

    /// Product of the axes. Throws Error when it does not fit 63 bits.
    static std::int64_t count(const std::vector<std::int64_t>& shape);
};
using TensorMap = std::map<std::string, FloatTensor>;

/// Reads a file in the format of safetensors (huggingface.co/docs/safetensors: the header's length, a JSON header, then the
/// values, little-endian). F32, F64, F16 and BF16 become float32. Throws InputError with the file and the tensor for anything
/// malformed: sizes are checked against the file before memory is taken, and no two tensors may share bytes.
TensorMap load_safetensors(const std::string& path);
TensorMap parse_safetensors(const std::string& bytes, const std::string& name);

/// Writes F32 tensors, ordered by name: the same tensors give the same bytes. The file appears when it is whole.
void save_safetensors(const TensorMap& tensors, const std::string& path);

/// Half precision (IEEE 754 binary16) and bfloat16, which is the upper half of a float, as float.
float half_to_float(std::uint16_t bits);
float bfloat_to_float(std::uint16_t bits);

}  // namespace xloop
