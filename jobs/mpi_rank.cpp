#include "jobs/mpi_rank.hpp"

#include <array>
#include <charconv>
#include <cstdlib>
#include <string_view>

namespace xloop {
namespace {

std::optional<int> number_in_environment(const char* name) {
    const char* text = std::getenv(name);
    if (!text)
        return std::nullopt;
    const std::string_view word(text);
    int number = 0;
    const auto [end, problem] = std::from_chars(word.data(), word.data() + word.size(), number);
    return problem == std::errc() && end == word.data() + word.size() ? std::optional(number) : std::nullopt;
}

struct Names {
    const char *rank, *size;
};

/// mpirun inside a job of Slurm leaves both its own and Slurm's, which are then those of the whole.
constexpr std::array launchers{Names{"OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE"}, Names{"PMI_RANK", "PMI_SIZE"},
                               Names{"SLURM_PROCID", "SLURM_NTASKS"}};

}  // namespace

std::optional<MpiRank> mpi_rank() {
    for (const Names& names : launchers) {
        const auto rank = number_in_environment(names.rank), size = number_in_environment(names.size);
        if (rank && size)
            return MpiRank{*rank, *size};
    }
    return std::nullopt;
}

}  // namespace xloop
