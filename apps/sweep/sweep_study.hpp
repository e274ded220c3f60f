#pragma once

#include "analysis/sweep/sweep_result.hpp"
#include "apps/experiment.hpp"
#include "apps/sweep/point_estimator.hpp"
#include "core/names.hpp"
#include "jobs/job.hpp"

#include <array>
#include <memory>
#include <string>
#include <vector>

namespace xloop {

/// What is done at each point of a sweep.
enum class SweepTask { estimate, simulate, eval, attack };
constexpr auto names_of(SweepTask) { return std::array{"estimate", "simulate", "eval", "attack"}; }

struct SweepTaskTraits {
    const char* purpose;
    bool accuracies;         ///< points have accuracies beside the hardware's figures, which are estimated
    bool own_folder;         ///< keeps what it finished, so that a stopped point goes on
    std::size_t job_points;  ///< that one job does: a file for each job
};
const SweepTaskTraits& traits_of(SweepTask task);

/// An experiment whose points jobs judge. A job holds all that it needs but the experiment.
class SweepStudy {
public:
    /// `folder`: of the results, with effective_config.yaml in it.
    SweepStudy(LoadedExperiment experiment, std::string folder, int threads);

    /// All points as jobs. `run`: digest of what all of them depend on; `trained`: as of xloop eval.
    static std::vector<Job> jobs(SweepTask task, const std::string& run, const std::string& trained,
                                 const std::vector<std::vector<std::string>>& points);
    /// An entry for each point of the job: its figures by name, in the order of the task's report, and warnings, or its failure.
    Json carry_out(const Job& job);

private:
    /// Its figures, and the cost table's warnings.
    Json judge(SweepTask task, const std::vector<std::string>& assignments, const Json& of_job);
    Json report_of(SweepTask task, const std::vector<std::string>& assignments, const Json& of_job);

    LoadedExperiment experiment_;
    std::string folder_;
    int threads_;
    PointEstimator estimator_;
};

/// The figures that points have, as results name them: accuracies first.
std::vector<SweepMetric> sweep_metrics(const Json& results);

/// Content of every file that the experiment names.
std::string inputs_digest(const StudyConfig& config);

}  // namespace xloop
