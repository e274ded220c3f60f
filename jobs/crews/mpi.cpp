#include "core/error.hpp"
#include "jobs/crews/crew.hpp"
#include "jobs/mpi_rank.hpp"

namespace xloop {

std::unique_ptr<Crew> make_mpi_crew(const CrewTask& task) {
    const auto own = mpi_rank();
    if (!own)
        throw InputError(
            "jobs.runner: mpi: this program was not started by mpirun or srun; expected `mpirun -n 4 xloop ...`");
    return std::make_unique<OwnCrew>(task, own->rank);
}

}  // namespace xloop
