#include "jobs/crews/crew.hpp"

#include <array>

namespace xloop {
namespace {

struct Row {
    RunnerKind kind;
    std::unique_ptr<Crew> (*make)(const CrewTask& task);
};

constexpr std::array rows{Row{RunnerKind::local, make_local_crew}, Row{RunnerKind::workers, make_workers_crew},
                          Row{RunnerKind::mpi, make_mpi_crew}, Row{RunnerKind::slurm, make_slurm_crew}};
static_assert(rows.size() == names_of(RunnerKind{}).size());

}  // namespace

std::unique_ptr<Crew> make_crew(const CrewTask& task) {
    return rows.at(static_cast<std::size_t>(task.config.runner)).make(task);
}

}  // namespace xloop
