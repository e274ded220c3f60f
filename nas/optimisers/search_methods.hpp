#pragma once

#include "nas/optimisers/optimiser.hpp"

#include <memory>
#include <string>

namespace xloop {

/// What is known of a method, and how one is made of a valid task.
struct SearchMethodTraits {
    SearchMethod method;
    const char* title;    ///< "NSGA-II"
    const char* purpose;  ///< one line
    const char* paper;    ///< where it is from
    std::unique_ptr<GenomeOptimiser> (*make)(const OptimiserConfig& config, OptimiserTask task);
};
const SearchMethodTraits& traits_of(SearchMethod method);

/// A text of all methods with their purposes and papers, for help.
std::string search_method_list();

// The rows, a file for each.
std::unique_ptr<GenomeOptimiser> make_random_search(const OptimiserConfig& config, OptimiserTask task);
std::unique_ptr<GenomeOptimiser> make_nsga2(const OptimiserConfig& config, OptimiserTask task);
std::unique_ptr<GenomeOptimiser> make_regularised_evolution(const OptimiserConfig& config, OptimiserTask task);
std::unique_ptr<GenomeOptimiser> make_local_search(const OptimiserConfig& config, OptimiserTask task);
std::unique_ptr<GenomeOptimiser> make_exhaustive_search(const OptimiserConfig& config, OptimiserTask task);

}  // namespace xloop
