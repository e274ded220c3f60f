#pragma once

#include "core/table.hpp"
#include "nas/candidate.hpp"
#include "nas/search_config.hpp"

#include <optional>
#include <string>
#include <vector>

namespace xloop {

/// One row for each candidate: what it is, its accuracies with intervals, figures of the hardware, by the cycle model where it was asked.
Table candidate_table(const std::vector<Candidate>& candidates);
/// For people, in fewer columns: objectives, then what it is, of long texts the first `most` characters.
Table short_table(const SearchConfig& config, const std::vector<Candidate>& candidates, std::size_t most = 60);
/// Those on the front, from the best in the first objective; the chosen with ranks first where they have been confirmed.
std::vector<Candidate> front_of(const std::vector<Candidate>& candidates, const SearchConfig& config);
/// What other programs read of a front: id, genome, hardware, clean and robust with intervals, edap, confirmed, rank.
Json front_json(const std::vector<Candidate>& front);
/// Of the estimate against the cycle model, of the chosen.
Table confirmation_table(const std::vector<Candidate>& candidates);
/// How well predictors ranked: Kendall's tau of predicted and found, for each objective that was predicted; of the estimate against the
/// cycle model. Empty where nothing can be said.
std::string prediction_text(const SearchConfig& config, const std::vector<Candidate>& candidates);
/// The chosen against the baseline: points of clean and robust accuracy on the test images, ratio of EDAP.
std::string baseline_text(const std::vector<Candidate>& candidates, const Candidate& baseline);
/// The volume that the first 1, 2, 4, ... candidates dominate.
Table hypervolume_table(const SearchConfig& config, const std::vector<Candidate>& candidates);

}  // namespace xloop
