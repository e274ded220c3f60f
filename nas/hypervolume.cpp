#include "nas/hypervolume.hpp"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <map>

namespace xloop {
namespace {

using Point = std::vector<double>;

/// Of points that are all better than the reference, in the first two objectives.
double area(std::vector<Point>& points, const Point& reference) {
    std::sort(points.begin(), points.end());
    double sum = 0.0, lowest = reference[1];
    for (const Point& p : points)
        if (p[1] < lowest) {
            sum += (reference[0] - p[0]) * (lowest - p[1]);
            lowest = p[1];
        }
    return sum;
}

/// The front of two objectives that grows point by point, and the area that it dominates.
class Staircase {
public:
    explicit Staircase(const Point& reference) : right_(reference[0]), top_(reference[1]) {}

    double area() const { return area_; }
    void add(double x, double y) {
        auto after = steps_.upper_bound(x);
        double ceiling = after == steps_.begin() ? top_ : std::prev(after)->second;
        if (ceiling <= y)
            return;
        if (after != steps_.begin() && std::prev(after)->first == x) {
            --after;
            ceiling = after == steps_.begin() ? top_ : std::prev(after)->second;
        }
        // From x on, the new step lies below `ceiling` as far as the next old one, then below that, until one is lower.
        double from = x;
        while (after != steps_.end() && after->second >= y) {
            area_ += (after->first - from) * (ceiling - y);
            from = after->first;
            ceiling = after->second;
            after = steps_.erase(after);
        }
        area_ += ((after == steps_.end() ? right_ : after->first) - from) * (ceiling - y);
        steps_.emplace(x, y);
    }

private:
    double right_, top_, area_ = 0.0;
    std::map<double, double> steps_;  ///< y by x; y falls as x grows
};

double volume(std::vector<Point>& points, const Point& reference) {
    std::sort(points.begin(), points.end(), [](const Point& a, const Point& b) { return a[2] < b[2]; });
    Staircase slice(reference);
    double sum = 0.0;
    for (std::size_t i = 0; i < points.size(); ++i) {
        slice.add(points[i][0], points[i][1]);
        sum += slice.area() * ((i + 1 < points.size() ? points[i + 1][2] : reference[2]) - points[i][2]);
    }
    return sum;
}

double box(const Point& p, const Point& reference) {
    double product = 1.0;
    for (std::size_t k = 0; k < reference.size(); ++k)
        product *= reference[k] - p[k];
    return product;
}

std::vector<Point> front_of(const std::vector<Point>& points) {
    const std::vector<Direction> directions(points.empty() ? 0 : points.front().size(), Direction::minimise);
    std::vector<Point> front;
    for (int i : pareto_front(directions, points))
        front.push_back(points[static_cast<std::size_t>(i)]);
    return front;
}

/// Of a front whose points are all better than the reference: each adds its box without what the later ones dominate of it.
double sliced_boxes(const std::vector<Point>& front, const Point& reference);

double measure(std::vector<Point> points, const Point& reference) {
    if (points.empty())
        return 0.0;
    switch (reference.size()) {
    case 1: return reference[0] - (*std::min_element(points.begin(), points.end()))[0];
    case 2: return area(points, reference);
    case 3: return volume(points, reference);
    default: return sliced_boxes(front_of(points), reference);
    }
}

double sliced_boxes(const std::vector<Point>& front, const Point& reference) {
    double sum = 0.0;
    for (std::size_t i = 0; i < front.size(); ++i) {
        std::vector<Point> limited(front.begin() + static_cast<std::ptrdiff_t>(i) + 1, front.end());
        for (Point& p : limited)
            for (std::size_t k = 0; k < p.size(); ++k)
                p[k] = std::max(p[k], front[i][k]);
        sum += box(front[i], reference) - measure(std::move(limited), reference);
    }
    return sum;
}

}  // namespace

double hypervolume(std::vector<std::vector<double>> points, const std::vector<double>& reference) {
    const auto outside = [&](const Point& p) {
        for (std::size_t k = 0; k < reference.size(); ++k)
            if (!(p[k] < reference[k]))
                return true;
        return false;
    };
    points.erase(std::remove_if(points.begin(), points.end(), outside), points.end());
    return measure(std::move(points), reference);
}

double hypervolume(const std::vector<Direction>& directions, std::vector<std::vector<double>> points,
                   std::vector<double> reference) {
    const auto turn = [&](Point& p) {
        for (std::size_t k = 0; k < directions.size(); ++k)
            if (directions[k] == Direction::maximise)
                p[k] = -p[k];
    };
    for (Point& p : points)
        turn(p);
    turn(reference);
    return hypervolume(std::move(points), reference);
}

}  // namespace xloop
