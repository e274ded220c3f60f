#pragma once

#include "training/training_state.hpp"

#include <optional>
#include <string>

namespace xloop {

/// The state of a training run, in the file training.pt of a folder.
class Checkpoint {
public:
    /// `dir` is made when absent; empty: nothing is kept. Throws InputError when it cannot be made.
    Checkpoint(const std::string& dir, std::string fingerprint);

    static constexpr const char* file_name = "training.pt";
    /// Empty when nothing is kept.
    const std::string& file() const { return file_; }
    /// The state kept; none where there is none, or only one of another fingerprint, which a warning tells. Throws InputError
    /// when the file is damaged.
    std::optional<TrainingState> load() const;
    /// Replaces the file: a reader, or a run killed half-way, sees either the old state or all of the new one. The
    /// same state is the same bytes. Throws Error when it cannot be written.
    void save(const TrainingState& state) const;

private:
    std::string file_;
    const std::string fingerprint_;
};

}  // namespace xloop
