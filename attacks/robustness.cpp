#include "attacks/robustness.hpp"

#include <numeric>

namespace xloop {

std::vector<double> RobustnessTask::epsilons() const {
    return config.epsilons.empty() ? std::vector<double>{attack.epsilon} : config.epsilons;
}

bool RobustnessCell::robust(std::size_t image) const {
    const AttackedImage& attacked = images[image];
    const bool too_far = !traits_of(attack.kind).bounded && attack.kind != AttackKind::one_pixel &&
                         attacked.size > how.epsilon + size_tolerance;
    return too_far ? clean_right(image) : attacked.prediction == labels[image];
}

std::int64_t RobustnessCell::clean_count() const {
    std::int64_t count = 0;
    for (std::size_t i = 0; i < images.size(); ++i)
        count += clean_right(i);
    return count;
}

std::int64_t RobustnessCell::robust_count() const {
    std::int64_t count = 0;
    for (std::size_t i = 0; i < images.size(); ++i)
        count += robust(i);
    return count;
}

double RobustnessCell::perturbation() const {
    double sum = 0.0, count = 0.0;
    for (std::size_t i = 0; i < images.size(); ++i)
        if (images[i].size > 0.0) {
            sum += images[i].size;
            ++count;
        }
    return sum / count;
}

double RobustnessCell::queries() const {
    return std::accumulate(images.begin(), images.end(), 0.0,
                           [](double sum, const AttackedImage& i) { return sum + static_cast<double>(i.queries); }) /
           static_cast<double>(images.size());
}

}  // namespace xloop
