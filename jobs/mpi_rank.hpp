#pragma once

#include <optional>

namespace xloop {

/// Which of how many processes this one is, by mpirun's or srun's word.
struct MpiRank {
    int rank, size;
};

/// From the environment that Open MPI, MPICH and its kin (PMI), or Slurm leave; none where no such program started this one.
std::optional<MpiRank> mpi_rank();

}  // namespace xloop
