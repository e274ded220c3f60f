#pragma once

#include "core/json.hpp"

#include <torch/types.h>

#include <map>
#include <string>

namespace xloop {

/// What a training run must know to go on as if it had never stopped: tensors and plain figures by name.
struct TrainingState {
    std::map<std::string, torch::Tensor> tensors;
    Json figures = Json::object();
};

}  // namespace xloop
