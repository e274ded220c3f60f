#pragma once

#include "training/techniques/sparsity_config.hpp"
#include "training/techniques/technique.hpp"

#include <cstdint>
#include <memory>

namespace xloop {

/// Whether the settings ask for it.
inline bool sparsity_asked(const SparsityConfig& config) { return config.method != SparsityMethod::none; }

/// The technique of config.method. Forward passes see masked weights, so that gradients of what is zero are zero. Every `every_steps`
/// steps between begin_epochs and end_epochs, and after the last step at the latest, more becomes zero; what is zero stays so, in the
/// weights themselves too. A run that stops early hands over what is zero by then. Masks are those of the largest subnet; a
/// smaller one uses its part of them.
/// Layers of class matrix are all pruned. Filters stay in outputs and where the activation function of 0 is not 0; one that is gone
/// gives 0, with its bias and batch normalisation. hand_over() writes the zeros; figures() are the shares of zeros: "sparsity",
/// and of each layer "sparsity.NAME".
///
/// With `dub` columns are those of `hardware`'s arrays (their rows, rows_per_read and outputs), and the penalty is that of
/// column_variance; groups are not packed. `seed`: of criterion random.
/// Throws KeyError when the schedule ends before it begins, or no layer can be pruned.
std::unique_ptr<Technique> make_sparsity(Supernet& supernet, const SparsityConfig& config,
                                         const HardwareConfig& hardware, std::uint64_t seed);

}  // namespace xloop
