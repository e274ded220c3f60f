#pragma once

#include "dnn/supernet.hpp"

#include <torch/optim/adam.h>

#include <string>

namespace xloop {

/// The state of a training run after its last whole epoch, in the file supernet.pt of a folder.
class Checkpoint {
public:
    /// `dir` is made when absent; empty: nothing is kept. Throws InputError when it cannot be made.
    Checkpoint(const std::string& dir, std::string fingerprint);

    /// Empty when nothing is kept.
    const std::string& file() const { return file_; }
    /// Sets weights and optimiser to the state kept and returns the number of epochs it has gone through; 0 where there
    /// is none, or only one of another fingerprint, which a warning tells. Throws InputError when the file is damaged.
    int load(Supernet& supernet, torch::optim::Adam& optimiser) const;
    /// Replaces the file: a reader, or a run killed half-way, sees either the old state or all of the new one. The
    /// same state is the same bytes. Throws Error when it cannot be written.
    void save(const Supernet& supernet, const torch::optim::Adam& optimiser, int epochs) const;

private:
    std::string file_;
    const std::string fingerprint_;
};

}  // namespace xloop
