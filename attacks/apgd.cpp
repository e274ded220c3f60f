#include "attacks/steps.hpp"

#include <torch/torch.h>

#include <algorithm>
#include <functional>
#include <vector>

namespace xloop {
namespace {

/// Steps between the checkpoints at which step sizes are judged: section 3.2 of the paper in whole steps, as its authors' program
/// counts them. 22, 19, 16, ... of 100 steps, no fewer than 6.
class Checkpoints {
public:
    explicit Checkpoints(int steps)
        : period_(std::max(steps * 22 / 100, 1)), least_(std::max(steps * 6 / 100, 1)),
          shorter_(std::max(steps * 3 / 100, 1)) {}
    int period() const { return period_; }
    /// Whether this step ends a period.
    bool reached() { return ++steps_ == period_; }
    void next() {
        steps_ = 0;
        period_ = std::max(period_ - shorter_, least_);
    }

private:
    int period_, least_, shorter_, steps_ = 0;
};

/// The way of one start on images that still withstand. Image by image all of it is independent, so that those that are broken leave.
class Climb {
public:
    Climb(const AttackTask& task, const torch::Tensor& goals, torch::Tensor start,
          std::function<torch::Tensor(const torch::Tensor& logits, const torch::Tensor& labels,
                                      const torch::Tensor& goals)>
              loss)
        : task_(task), loss_(std::move(loss)), batch_(task.batch), goals_(goals), places_(torch::arange(batch_.size())),
          found_(torch::zeros({batch_.size()}, torch::kBool)), result_(task.batch.images.clone()), x_(start),
          before_(start), best_(start), step_size_(torch::full({batch_.size()}, 2.0 * task.config.epsilon)) {}

    /// Images that were broken, as they are then; others as they were.
    torch::Tensor run() {
        const int steps = task_.config.steps;
        Checkpoints checkpoints(steps);
        look();
        best_loss_ = loss_now_;
        best_gradient_ = gradient_;
        loss_at_checkpoint_ = best_loss_;
        reduced_ = torch::ones_like(best_loss_, torch::kBool);
        rises_ = torch::zeros_like(best_loss_);
        leave_broken();
        for (int step = 0; step < steps && batch_.size() > 0; ++step) {
            if (task_.watch)
                task_.watch({static_cast<double>(step) / steps});
            move(step == 0 ? 1.0 : 0.75);
            const torch::Tensor earlier = loss_now_;
            look();
            rises_ += (loss_now_ > earlier).to(rises_.scalar_type());
            const torch::Tensor better = loss_now_ > best_loss_;
            take_rows(best_, x_, better);
            take_rows(best_gradient_, gradient_, better);
            best_loss_ = torch::max(best_loss_, loss_now_);
            leave_broken();
            if (checkpoints.reached()) {
                judge_step_sizes(checkpoints.period());
                checkpoints.next();
            }
        }
        return result_;
    }
    const torch::Tensor& found() const { return found_; }

private:
    void look() {
        const Slope slope = slope_at(task_.on(batch_), x_,
                                     [&](const torch::Tensor& logits) { return loss_(logits, batch_.labels, goals_); });
        loss_now_ = slope.loss;
        gradient_ = slope.gradient;
        broken_ = wrong(slope.logits, batch_.labels);
    }

    /// A step with a share of the last one: algorithm 1 of the paper, lines 7 and 8.
    void move(double share) {
        const AttackConfig& config = task_.config;
        const torch::Tensor last = x_ - before_;
        before_ = x_;
        const torch::Tensor ahead =
            projected(x_ + direction(gradient_, config.norm) * per_image(step_size_), batch_.images, config);
        x_ = projected(x_ + (ahead - x_) * share + last * (1.0 - share), batch_.images, config);
    }

    /// Halves the step and goes back to the best point where too few steps raised the loss, or neither size nor best loss changed:
    /// conditions 1 and 2 of the paper.
    void judge_step_sizes(int period) {
        const torch::Tensor too_few = rises_ <= task_.config.step_decay * period;
        const torch::Tensor stands = ~reduced_ & (loss_at_checkpoint_ >= best_loss_);
        reduced_ = too_few | stands;
        loss_at_checkpoint_ = best_loss_;
        rises_ = torch::zeros_like(rises_);
        step_size_ = torch::where(reduced_, step_size_ * 0.5, step_size_);
        take_rows(x_, best_, reduced_);
        take_rows(gradient_, best_gradient_, reduced_);
    }

    void leave_broken() {
        const torch::Tensor out = broken_.nonzero().squeeze(1);
        if (out.numel() == 0)
            return;
        const torch::Tensor places = places_.index_select(0, out);
        result_.index_copy_(0, places, x_.index_select(0, out));
        found_.index_fill_(0, places, true);
        const torch::Tensor stay = (~broken_).nonzero().squeeze(1);
        batch_ = batch_.select(stay);
        for (torch::Tensor* rows : {&places_, &goals_, &x_, &before_, &best_, &gradient_, &best_gradient_, &best_loss_,
                                    &loss_now_, &loss_at_checkpoint_, &reduced_, &rises_, &step_size_, &broken_})
            *rows = rows->index_select(0, stay);
    }

    const AttackTask& task_;
    std::function<torch::Tensor(const torch::Tensor&, const torch::Tensor&, const torch::Tensor&)> loss_;
    AttackBatch batch_;
    torch::Tensor goals_, places_;  ///< classes that are aimed at; places in the whole batch
    torch::Tensor found_, result_;  ///< of the whole batch
    torch::Tensor x_, before_, best_, gradient_, best_gradient_;
    torch::Tensor loss_now_, best_loss_, loss_at_checkpoint_, reduced_, rises_, step_size_, broken_;
};

/// A random direction at the ball's full radius: where the authors' program starts.
torch::Tensor start_of(const AttackTask& task, std::uint64_t use) {
    const torch::Tensor noise =
        task.config.norm == Norm::linf ? uniform_noise(task, use, -1.0, 1.0) : normal_noise(task, use);
    const torch::Tensor size = per_image(sizes_of(noise, task.config.norm)).clamp_min(1e-12);
    return (task.batch.images + noise / size * task.config.epsilon).clamp(0.0, 1.0);
}

/// Which images of the batch have not been broken; starts with those whose answer is right.
class Survivors {
public:
    explicit Survivors(const AttackTask& task)
        : task_(task), result_(task.batch.images.clone()),
          left_((~wrong(logits_at(task, task.batch.images), task.batch.labels)).nonzero().squeeze(1)) {}

    bool empty() const { return left_.numel() == 0; }
    AttackBatch batch() const { return task_.batch.select(left_); }
    /// What a climb over batch() found.
    void take(const torch::Tensor& images, const torch::Tensor& found) {
        result_.index_copy_(0, left_.masked_select(found), images.index_select(0, found.nonzero().squeeze(1)));
        left_ = left_.masked_select(~found);
    }
    const torch::Tensor& result() const { return result_; }

private:
    const AttackTask& task_;
    torch::Tensor result_, left_;
};

torch::Tensor untargeted(const AttackTask& task, torch::Tensor (*loss)(const torch::Tensor&, const torch::Tensor&)) {
    const torch::NoGradGuard no_grad;
    Survivors survivors(task);
    for (int restart = 0; restart < task.config.restarts && !survivors.empty(); ++restart) {
        const AttackBatch batch = survivors.batch();
        const AttackTask own = task.on(batch);
        Climb climb(own, batch.labels, start_of(own, static_cast<std::uint64_t>(restart)),
                    [loss](const torch::Tensor& logits, const torch::Tensor& labels, const torch::Tensor&) {
                        return loss(logits, labels);
                    });
        const torch::Tensor images = climb.run();
        survivors.take(images, climb.found());
    }
    return survivors.result();
}

}  // namespace

torch::Tensor apgd_ce(const AttackTask& task) { return untargeted(task, cross_entropies); }

torch::Tensor apgd_dlr(const AttackTask& task) { return untargeted(task, logit_ratios); }

torch::Tensor apgd_targeted(const AttackTask& task) {
    const torch::NoGradGuard no_grad;
    Survivors survivors(task);
    std::uint64_t use = 0;
    for (int rank = 0; rank < task.config.target_classes; ++rank)
        for (int restart = 0; restart < task.config.restarts && !survivors.empty(); ++restart) {
            const AttackBatch batch = survivors.batch();
            const AttackTask own = task.on(batch);
            const torch::Tensor logits = logits_at(own, batch.images);
            if (rank >= logits.size(1) - 1)
                return survivors.result();
            Climb climb(own, wrong_class(logits, batch.labels, rank), start_of(own, use++), targeted_logit_ratios);
            const torch::Tensor images = climb.run();
            survivors.take(images, climb.found());
        }
    return survivors.result();
}

}  // namespace xloop
