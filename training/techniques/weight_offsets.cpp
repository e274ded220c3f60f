#include "dnn/crossbar/weight_offsets.hpp"

#include "training/techniques/crossbar.hpp"

#include <torch/torch.h>

#include <utility>

namespace xloop {
namespace {

/// As a period starts, the weights that the subnet's programmed arrays realise are computed, and the difference is added in
/// each forward pass of the period.
class OffsetTraining : public Technique {
public:
    OffsetTraining(Supernet& supernet, const TrainingTask& task) : supernet_(supernet), task_(task) {}

    Part part() const override { return Part::hardware; }
    void start_period(const TrainingMoment& now) override {
        set(crossbar_offsets(supernet_, now.path, chip_at(task_, now)), onset_at(task_, now));
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
        set(std::move(offsets), 1.0);
    }

private:
    void set(WeightOffsets offsets, double share) {
        const torch::NoGradGuard no_grad;
        const torch::Device device = supernet_->parameters().front().device();
        for (torch::Tensor& offset : offsets)
            if (offset.defined())
                offset = (share < 1.0 ? offset * share : offset).to(device);
        offsets_ = OffsetHooks(std::move(offsets));
    }

    Supernet& supernet_;
    const TrainingTask& task_;
    OffsetHooks offsets_;
};

}  // namespace

std::unique_ptr<Technique> make_weight_offsets(Supernet& supernet, const TrainingTask& task) {
    return std::make_unique<OffsetTraining>(supernet, task);
}

}  // namespace xloop
