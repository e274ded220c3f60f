#pragma once

#include "attacks/attack.hpp"

#include <string>
#include <vector>

namespace xloop {

/// Why attacks by gradients on this network may fail although it is not robust, in words, each with a figure and what to do: gradients
/// of zero, answers that vary from query to query, logits that are probabilities, a loss that does not rise with the steps,
/// images that withstand a change of half the range of a pixel. `name`: of the network. On the images of the task that are right as
/// they are. Carlini et al., arXiv 1902.06705; the checks of Croce and Hein's program; Tramer et al., arXiv 2002.08347.
std::vector<std::string> signs_of_masking(const AttackTask& task, const std::string& name);

}  // namespace xloop
