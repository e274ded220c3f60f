#include "attacks/steps.hpp"

#include <torch/torch.h>

#include <algorithm>
#include <functional>
#include <limits>
#include <tuple>
#include <vector>

// FAB: Croce and Hein, arXiv 1907.02044, with the constants of the authors' ensemble (arXiv 2003.01690). Each step
// linearises the nearest boundary, projects the point and the image onto it within [0, 1], and goes a little beyond a
// mean of both.

namespace xloop {

namespace {

constexpr double most_bias = 0.1;       ///< alpha_max: the largest weight of the image's projection
constexpr double extrapolation = 1.05;  ///< eta
constexpr double step_back = 0.9;       ///< beta: towards the image, once the point is adversarial
constexpr double huge = 1e12;

/// A linearised boundary near a point: the logit of another class less that of the label is difference + <normal, z -
/// point>.
struct Boundary {
    torch::Tensor difference;  ///< [N]
    torch::Tensor normal;      ///< [N, values]
};
using BoundaryAt = std::function<Boundary(const torch::Tensor& x)>;

/// The smallest step from `point` [N, values] within [0, 1] onto {z: <normal, z - point> = -offset}, or as near as [0,
/// 1] lets it come. It is -sign(offset * normal) * min(lambda * rate, room): every value moves at its rate (1 in
/// L-infinity, |normal| in L2) until its room is used up. How far they come together is piecewise linear in lambda; the
/// piece with |offset| in it is found from a sort of the lambdas at which values stop.
torch::Tensor step_onto(const torch::Tensor& point, const torch::Tensor& normal, const torch::Tensor& offset,
                        Norm norm) {
    const torch::Tensor down = normal * offset.sign().unsqueeze(1);
    const torch::Tensor steepness = normal.abs();
    const torch::Tensor rate = norm == Norm::linf ? torch::ones_like(normal) : steepness;
    const torch::Tensor room = torch::where(down > 0.0, point, 1.0 - point);
    const auto [stops, order] = (room / rate).nan_to_num(huge).clamp_max(huge).sort(1);
    const torch::Tensor used_up = (steepness * room).gather(1, order).cumsum(1);
    const torch::Tensor speeds = (steepness * rate).gather(1, order);
    // From the end: what still moves at the last stops must not be a difference of large sums.
    const torch::Tensor moving = speeds.flip(1).cumsum(1).flip(1);
    const torch::Tensor after = moving - speeds;
    const torch::Tensor distance = offset.abs().unsqueeze(1);
    const torch::Tensor piece =
        (used_up + stops * after < distance).sum(1, /*keepdim=*/true).clamp_max(normal.size(1) - 1);
    const torch::Tensor before =
        torch::where(piece > 0, used_up.gather(1, (piece - 1).clamp_min(0)), torch::zeros({1}, used_up.options()));
    const torch::Tensor lambda =
        ((distance - before).clamp_min(0.0) / moving.gather(1, piece)).nan_to_num(0.0, huge).clamp_max(huge);
    return -down.sign() * torch::min(lambda * rate, room);
}

class Search {
public:
    explicit Search(const AttackTask& task)
        : task_(task), images_(task.batch.images.detach()), best_(images_),
          size_(torch::full({task.batch.size()}, std::numeric_limits<float>::infinity())) {}

    /// All steps from `x` [N, C, H, W]. `step_done` is called after each.
    void from(torch::Tensor x, const BoundaryAt& boundary_at, const std::function<void()>& step_done) {
        for (int step = 0; step < task_.config.steps; ++step) {
            x = moved(x, boundary_at(x));
            const torch::Tensor adversarial = wrong(logits_at(task_, x), task_.batch.labels);
            const torch::Tensor size = sizes_of(x - images_, task_.config.norm);
            const torch::Tensor better = adversarial.logical_and(size < size_);
            best_ = torch::where(per_image(better), x, best_);
            size_ = torch::where(better, size, size_);
            x = torch::where(per_image(adversarial), images_ + (x - images_) * step_back, x);
            step_done();
        }
    }
    /// Half as far from the image as the best point so far, or as epsilon if that is less.
    torch::Tensor random_start(std::uint64_t use) const {
        const Norm norm = task_.config.norm;
        const torch::Tensor way = norm == Norm::linf ? uniform_noise(task_, use, -1.0, 1.0) : normal_noise(task_, use);
        const torch::Tensor radius = 0.5 * size_.clamp_max(task_.config.epsilon);
        return (images_ + way * per_image(radius / sizes_of(way, norm))).clamp_(0.0, 1.0);
    }
    const torch::Tensor& best() const { return best_; }

private:
    torch::Tensor moved(const torch::Tensor& x, const Boundary& boundary) const {
        const Norm norm = task_.config.norm;
        const torch::Tensor& normal = boundary.normal;
        const torch::Tensor here = x.flatten(1), image = images_.flatten(1);
        const torch::Tensor from_here = step_onto(here, normal, boundary.difference, norm).view_as(x);
        const torch::Tensor at_image = boundary.difference + (normal * (image - here)).sum(1);
        const torch::Tensor from_image = step_onto(image, normal, at_image, norm).view_as(x);
        constexpr double least = 1e-8;
        const torch::Tensor far = sizes_of(from_here, norm).clamp_min(least);
        const torch::Tensor bias =
            per_image((far / (far + sizes_of(from_image, norm).clamp_min(least))).clamp_max(most_bias));
        return ((x + extrapolation * from_here) * (1.0 - bias) + (images_ + extrapolation * from_image) * bias)
            .clamp_(0.0, 1.0);
    }

    const AttackTask& task_;
    torch::Tensor images_;
    torch::Tensor best_, size_;  ///< the smallest change that was wrong, and its size; infinity while there is none
};

/// That of all wrong classes which is nearest by the linearisation.
Boundary nearest_boundary(const AttackTask& task, const torch::Tensor& x, std::int64_t classes) {
    const torch::Tensor all = torch::arange(classes).expand({x.size(0), classes});
    const auto [logits, gradients] = class_slopes(task, x, all);
    const torch::Tensor label = task.batch.labels.unsqueeze(1);
    const torch::Tensor slopes = gradients.flatten(2);
    const torch::Tensor at_label = label.unsqueeze(2).expand({-1, 1, slopes.size(2)});
    const torch::Tensor differences = logits - logits.gather(1, label), normals = slopes - slopes.gather(1, at_label);
    const torch::Tensor steepness =
        task.config.norm == Norm::linf ? normals.abs().sum(2) : normals.square().sum(2).sqrt();
    const torch::Tensor distances =
        (differences.abs() / (1e-12 + steepness)).scatter(1, label, std::numeric_limits<float>::infinity());
    const torch::Tensor nearest = distances.argmin(1, /*keepdim=*/true);
    return {differences.gather(1, nearest).squeeze(1),
            normals.gather(1, nearest.unsqueeze(2).expand_as(at_label)).squeeze(1)};
}

/// That to one class of each image [N].
Boundary boundary_to(const AttackTask& task, const torch::Tensor& x, const torch::Tensor& target) {
    const Slope slope = slope_at(task, x, [&](const torch::Tensor& logits) {
        return (logits.gather(1, target.unsqueeze(1)) - logits.gather(1, task.batch.labels.unsqueeze(1))).squeeze(1);
    });
    return {slope.loss, slope.gradient.flatten(1)};
}

torch::Tensor search(const AttackTask& whole, bool targeted) {
    const torch::NoGradGuard no_grad;
    const AttackConfig& config = whole.config;
    torch::Tensor result = whole.batch.images.detach().clone();
    const torch::Tensor logits = logits_at(whole, result);
    const torch::Tensor right = wrong(logits, whole.batch.labels).logical_not().nonzero().flatten();
    if (right.numel() == 0)
        return result;
    const AttackBatch batch = whole.batch.select(right);
    const AttackTask task = whole.on(batch);
    const std::int64_t classes = logits.size(1);
    const std::int64_t targets = targeted ? std::min<std::int64_t>(config.target_classes, classes - 1) : 1;
    const double all_steps = static_cast<double>(targets) * config.restarts * config.steps;
    double steps_done = 0.0;
    const auto step_done = [&] {
        steps_done += 1.0;
        if (task.watch)
            task.watch({steps_done / all_steps});
    };
    Search best(task);
    for (std::int64_t rank = 0; rank < targets; ++rank) {
        BoundaryAt boundary_at = [&](const torch::Tensor& x) { return nearest_boundary(task, x, classes); };
        if (targeted) {
            const torch::Tensor target = wrong_class(logits.index_select(0, right), batch.labels, rank);
            boundary_at = [&task, target](const torch::Tensor& x) { return boundary_to(task, x, target); };
        }
        for (int restart = 0; restart < config.restarts; ++restart) {
            const auto use = static_cast<std::uint64_t>(rank * config.restarts + restart);
            best.from(restart == 0 ? batch.images : best.random_start(use), boundary_at, step_done);
        }
    }
    result.index_copy_(0, right, best.best());
    return result;
}

}  // namespace

torch::Tensor fab(const AttackTask& task) { return search(task, /*targeted=*/false); }

torch::Tensor fab_targeted(const AttackTask& task) { return search(task, /*targeted=*/true); }

}  // namespace xloop
