#pragma once

#include "core/progress.hpp"
#include "dnn/supernet.hpp"
#include "training/training_task.hpp"

#include <cstdint>
#include <functional>
#include <string>

namespace xloop {

/// The subnet that a period of a training run trains. It may look at the shared weights as they are then, but must answer the same
/// when it is asked about the same period again, so that a run can continue.
using PathOfPeriod = std::function<SubnetPath(std::uint64_t period, Supernet& supernet)>;

/// Trains the shared weights of a network's subnets, one subnet a period (training/schedule.hpp). What a step minimises, who
/// changes its images, and how it sees the hardware are rows of three tables: training/losses, adversaries, techniques.
///
/// Every random choice is keyed by `seed`, epoch and step. The state is kept in `checkpoint_dir`/training.pt (nothing is kept
/// when the name is empty), every `checkpoint_minutes`, when the run is interrupted and at its end; a run that finds it
/// continues from there and ends with the same bits as one never stopped. A checkpoint of other inputs is ignored with a
/// warning. Metrics of each epoch go to `checkpoint_dir`/metrics.jsonl.
///
/// `watch` is called before each step and, of a run with steps left to do, at the end; the detail has epoch, loss and
/// accuracy on the images trained on, both as means over the epoch so far.
///
/// Throws InputError when images and network do not fit or the folder cannot be written, Interrupted when `watch` does,
/// Error when the loss is no longer finite.
Supernet train_supernet(const TrainingTask& task, const PathOfPeriod& path_of_period,
                        const std::string& checkpoint_dir = {}, const Watch& watch = {});

/// What a finished run of the same task left in `dir`; nothing is written. The task is the same when whatever decides the
/// weights is: hardware that training does not see may differ. Throws InputError when `dir` holds no such supernet.
Supernet load_supernet(const TrainingTask& task, const std::string& dir);

}  // namespace xloop
