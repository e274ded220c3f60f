#include "training/techniques/weight_offsets.hpp"

#include "dnn/crossbar/weight_offsets.hpp"

#include <torch/torch.h>

namespace xloop {
namespace {

class OffsetTraining : public Technique {
public:
    OffsetTraining(Supernet& supernet, const TrainingTask& task) : supernet_(supernet), hardware_(task.hardware) {}

    void start_period(const TrainingMoment& now) override {
        offsets_ = OffsetHooks(crossbar_offsets(supernet_, now.path, hardware_));
    }
    torch::Tensor weight(const LayerAt& at, const torch::Tensor& active) override {
        return offsets_.weight(at, active);
    }
    void save(TrainingState& state) const override {
        for (std::size_t l = 0; l < offsets_.offsets().size(); ++l)
            if (offsets_.offsets()[l].defined())
                state.tensors["offsets." + std::to_string(l)] = offsets_.offsets()[l];
    }
    void load(const TrainingState& state) override {
        WeightOffsets offsets(supernet_->spec().layers.size());
        for (std::size_t l = 0; l < offsets.size(); ++l)
            if (const auto found = state.tensors.find("offsets." + std::to_string(l)); found != state.tensors.end())
                offsets[l] = found->second;
        offsets_ = OffsetHooks(std::move(offsets));
    }
    Part part() const override { return Part::hardware; }

private:
    Supernet& supernet_;
    const HardwareConfig& hardware_;
    OffsetHooks offsets_;
};

}  // namespace

bool asks_for_weight_offsets(const TrainingTask& task) { return task.training.crossbar == CrossbarTraining::offsets; }

std::unique_ptr<Technique> make_weight_offsets(Supernet& supernet, const TrainingTask& task) {
    return std::make_unique<OffsetTraining>(supernet, task);
}

}  // namespace xloop
