#include "training/checkpoint.hpp"

#include "core/error.hpp"

#include <spdlog/spdlog.h>

#include <filesystem>

namespace xloop {

Checkpoint::Checkpoint(const std::string& dir, std::string fingerprint) : fingerprint_(std::move(fingerprint)) {
    if (dir.empty())
        return;
    std::error_code failed;
    std::filesystem::create_directories(dir, failed);
    if (failed)
        throw InputError(dir + ": cannot make the folder for checkpoints: " + failed.message());
    file_ = dir + "/supernet.pt";
}

int Checkpoint::load(Supernet& supernet, torch::optim::Optimizer& optimiser) const {
    if (file_.empty() || !std::filesystem::exists(file_))
        return 0;
    try {
        torch::serialize::InputArchive archive;
        archive.load_from(file_);
        c10::IValue fingerprint, epoch;
        archive.read("fingerprint", fingerprint);
        archive.read("epoch", epoch);
        if (fingerprint.toStringRef() != fingerprint_) {
            spdlog::warn("{}: made with another network, data or settings; ignored, training starts anew", file_);
            return 0;
        }
        torch::serialize::InputArchive model_state, optimiser_state;
        archive.read("model", model_state);
        archive.read("optimiser", optimiser_state);
        supernet->load(model_state);
        optimiser.load(optimiser_state);
        return static_cast<int>(epoch.toInt());
    } catch (const c10::Error& problem) {
        // Reading may have stopped half-way, with some weights replaced.
        throw InputError(file_ + ": unreadable checkpoint; delete it to train anew (" +
                         problem.what_without_backtrace() + ")");
    }
}

void Checkpoint::save(const Supernet& supernet, const torch::optim::Optimizer& optimiser, int epochs) const {
    if (file_.empty())
        return;
    torch::serialize::OutputArchive archive;
    archive.write("fingerprint", c10::IValue(fingerprint_));
    archive.write("epoch", c10::IValue(static_cast<std::int64_t>(epochs)));
    torch::serialize::OutputArchive model_state(archive.compilation_unit()),
        optimiser_state(archive.compilation_unit());
    supernet->save(model_state);
    optimiser.save(optimiser_state);
    archive.write("model", model_state);
    archive.write("optimiser", optimiser_state);
    const std::string temporary = file_ + ".tmp";
    try {
        archive.save_to(temporary);
        std::filesystem::rename(temporary, file_);
    } catch (const std::exception& problem) {
        throw InputError(file_ + ": cannot be written: " + problem.what());
    }
}

}  // namespace xloop
