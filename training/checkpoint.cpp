#include "training/checkpoint.hpp"

#include "core/error.hpp"
#include "core/files.hpp"

#include <spdlog/spdlog.h>
#include <torch/serialize.h>

#include <filesystem>
#include <utility>

namespace xloop {
namespace {

constexpr const char* advice = "delete it to train anew";
constexpr std::uint64_t most_checkpoint_bytes = std::uint64_t{1} << 36;

}  // namespace

Checkpoint::Checkpoint(const std::string& dir, std::string fingerprint) : fingerprint_(std::move(fingerprint)) {
    if (dir.empty())
        return;
    make_folder(dir);
    file_ = dir + "/" + file_name;
}

std::optional<TrainingState> Checkpoint::load() const {
    if (file_.empty() || !std::filesystem::exists(file_))
        return std::nullopt;
    const std::string bytes = read_checked(file_, advice, most_checkpoint_bytes);
    try {
        torch::serialize::InputArchive archive;
        archive.load_from(bytes.data(), bytes.size());
        c10::IValue fingerprint, figures;
        archive.read("fingerprint", fingerprint);
        archive.read("figures", figures);
        if (fingerprint.toStringRef() != fingerprint_) {
            spdlog::warn("{}: made with another network, data, settings or version; not taken", file_);
            return std::nullopt;
        }
        TrainingState state;
        state.figures = Json::parse(figures.toStringRef());
        for (const std::string& name : archive.keys())
            if (name != "fingerprint" && name != "figures")
                archive.read(name, state.tensors[name]);
        return state;
    } catch (const c10::Error& problem) {
        const std::string what = problem.what_without_backtrace();
        throw InputError(file_ + ": unreadable checkpoint (" + what.substr(0, what.find('\n')) + "); " + advice);
    } catch (const Json::exception& problem) {
        throw InputError(file_ + ": unreadable checkpoint (" + problem.what() + "); " + advice);
    }
}

void Checkpoint::save(const TrainingState& state) const {
    if (file_.empty())
        return;
    torch::serialize::OutputArchive archive;
    archive.write("fingerprint", c10::IValue(fingerprint_));
    archive.write("figures", c10::IValue(state.figures.dump()));
    for (const auto& [name, tensor] : state.tensors)
        archive.write(name, tensor.detach().cpu());
    // The archive's own writer to files ends the process when the disk is full.
    std::string bytes;
    archive.save_to([&](const void* data, std::size_t size) {
        bytes.append(static_cast<const char*>(data), size);
        return size;
    });
    write_checked(file_, bytes);
}

}  // namespace xloop
