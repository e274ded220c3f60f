#include "training/device.hpp"

#include "core/error.hpp"
#include "training/train_network.hpp"

#include <torch/cuda.h>

namespace xloop {
namespace {

bool cpu_has_bf16() {
#if defined(__x86_64__)
    return __builtin_cpu_supports("avx512bf16");
#else
    return false;
#endif
}

}  // namespace

torch::Device place(Supernet& module, const TrainingConfig& training) {
    if (training.precision == TrainingPrecision::bf16)
        module->set_arithmetic(torch::kBFloat16);
    if (training.device == TrainingDevice::cpu)
        return torch::kCPU;
    if (!torch::cuda::is_available())
        throw KeyError("training.device",
                       "this LibTorch finds no CUDA device; expected cpu, or a LibTorch built with CUDA and a GPU");
    module->to(torch::kCUDA);
    return torch::kCUDA;
}

std::string arithmetic_text(const TrainingConfig& training) {
    if (training.device == TrainingDevice::cuda)
        return std::string(name_of(training.precision)) + " on a CUDA device";
    if (training.precision == TrainingPrecision::fp32)
        return "fp32 on the CPU";
    return cpu_has_bf16() ? "bf16 on the CPU" : "bf16 on the CPU, which has no instructions for it";
}

}  // namespace xloop
