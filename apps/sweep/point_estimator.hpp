#pragma once

#include "apps/experiment.hpp"

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace xloop {

/// The closed-form figures of one experiment with other values of some keys, many times. For one thread at a time.
class PointEstimator {
public:
    /// `experiment`: as it stands; a relative file that an assignment names is one of the working directory.
    explicit PointEstimator(const LoadedExperiment& experiment);
    ~PointEstimator();
    PointEstimator(PointEstimator&&) noexcept;

    struct Figures {
        FiguresOfMerit merit;
        std::vector<std::string> warnings;  ///< of the cost table
    };
    /// What `xloop estimate` says with `-s` of each assignment. Throws InputError where one is not valid or the network does
    /// not fit.
    Figures operator()(const std::vector<std::string>& assignments);

private:
    struct Subject;
    Subject& subject_of(const std::vector<std::string>& assignments);

    config::Node root_;
    std::set<std::string> hardware_sections_;
    std::map<std::vector<std::string>, std::unique_ptr<Subject>> subjects_;  ///< by what is not hardware
};

}  // namespace xloop
