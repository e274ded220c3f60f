#pragma once

#include <string>
#include <utility>
#include <vector>

namespace xloop {

/// Time along the x axis of a picture, in the axis's own unit. Where little of the whole span has anything to show, as with two
/// windows far apart, the long gaps are cut out of the axis and marked.
class TimeAxis {
public:
    using Interval = std::pair<double, double>;
    /// `shown`: intervals with something to draw, at least one, in any order.
    explicit TimeAxis(std::vector<Interval> shown);

    /// The place of a time; of one that is cut out: the cut's.
    double at(double time) const;
    double begin() const { return parts_.front().first; }
    /// Of the places: begin() and what is not cut out.
    double end() const { return at(parts_.back().second); }
    /// Commands of gnuplot: range, tics, marks at the cuts.
    std::string commands() const;

private:
    double tic_step() const;

    std::vector<Interval> parts_;  ///< that stay, in order
    double cut_ = 0;               ///< width of a cut in the picture
};

}  // namespace xloop
