#include "training/checkpoint.hpp"

#include "core/error.hpp"
#include "core/files.hpp"

#include <spdlog/spdlog.h>
#include <torch/serialize.h>

#include <filesystem>
#include <sstream>
#include <type_traits>
#include <utility>

namespace xloop {
namespace {

constexpr const char* advice = "delete it to train anew";
constexpr std::uint64_t most_checkpoint_bytes = std::uint64_t{1} << 36;

/// What an optimiser finds a parameter's state by: its address, which LibTorch 1 has as text.
using StateKey = std::decay_t<decltype(std::declval<torch::optim::Adam&>().state().begin()->first)>;

template <class Key>
Key key_of(const torch::Tensor& parameter) {
    if constexpr (std::is_same_v<Key, std::string>) {
        std::ostringstream text;
        text << parameter.unsafeGetTensorImpl();
        return text.str();
    } else {
        return parameter.unsafeGetTensorImpl();
    }
}

/// A parameter's state is kept by its number; LibTorch's own form has addresses in it, which differ from run to run.
template <class Module, class Visit>
void for_each_parameter(const Module& supernet, Visit visit) {
    std::size_t number = 0;
    for (const torch::Tensor& parameter : supernet.parameters())
        visit(std::to_string(number++) + ".", key_of<StateKey>(parameter));
}

/// A parameter that no sampled subnet had yet has no state.
template <class Module>
void save_optimiser(torch::serialize::OutputArchive& archive, const Module& supernet,
                    const torch::optim::Adam& optimiser) {
    for_each_parameter(supernet, [&](const std::string& prefix, const StateKey& key) {
        const auto found = optimiser.state().find(key);
        if (found == optimiser.state().end())
            return;
        const auto& state = static_cast<const torch::optim::AdamParamState&>(*found->second);
        archive.write(prefix + "step", c10::IValue(state.step()));
        archive.write(prefix + "exp_avg", state.exp_avg());
        archive.write(prefix + "exp_avg_sq", state.exp_avg_sq());
    });
}

template <class Module>
void load_optimiser(torch::serialize::InputArchive& archive, const Module& supernet, torch::optim::Adam& optimiser) {
    for_each_parameter(supernet, [&](const std::string& prefix, const StateKey& key) {
        c10::IValue step;
        if (!archive.try_read(prefix + "step", step))
            return;
        auto state = std::make_unique<torch::optim::AdamParamState>();
        torch::Tensor mean, square;
        archive.read(prefix + "exp_avg", mean);
        archive.read(prefix + "exp_avg_sq", square);
        state->step(step.toInt());
        state->exp_avg(mean);
        state->exp_avg_sq(square);
        optimiser.state()[key] = std::move(state);
    });
}

}  // namespace

Checkpoint::Checkpoint(const std::string& dir, std::string fingerprint) : fingerprint_(std::move(fingerprint)) {
    if (dir.empty())
        return;
    make_folder(dir);
    file_ = dir + "/supernet.pt";
}

int Checkpoint::load(Supernet& supernet, torch::optim::Adam& optimiser) const {
    if (file_.empty() || !std::filesystem::exists(file_))
        return 0;
    const std::string bytes = read_checked(file_, advice, most_checkpoint_bytes);
    try {
        torch::serialize::InputArchive archive;
        archive.load_from(bytes.data(), bytes.size());
        c10::IValue fingerprint, epoch;
        archive.read("fingerprint", fingerprint);
        archive.read("epoch", epoch);
        if (fingerprint.toStringRef() != fingerprint_) {
            spdlog::warn("{}: made with another network, data, settings or version; not taken", file_);
            return 0;
        }
        torch::serialize::InputArchive model_state, optimiser_state;
        archive.read("model", model_state);
        archive.read("optimiser", optimiser_state);
        supernet->load(model_state);
        load_optimiser(optimiser_state, *supernet, optimiser);
        return static_cast<int>(epoch.toInt());
    } catch (const c10::Error& problem) {
        // Reading may have stopped half-way, with some weights replaced.
        const std::string what = problem.what_without_backtrace();
        throw InputError(file_ + ": unreadable checkpoint (" + what.substr(0, what.find('\n')) + "); " + advice);
    }
}

void Checkpoint::save(const Supernet& supernet, const torch::optim::Adam& optimiser, int epochs) const {
    if (file_.empty())
        return;
    torch::serialize::OutputArchive archive;
    archive.write("fingerprint", c10::IValue(fingerprint_));
    archive.write("epoch", c10::IValue(static_cast<std::int64_t>(epochs)));
    torch::serialize::OutputArchive model_state(archive.compilation_unit()),
        optimiser_state(archive.compilation_unit());
    supernet->save(model_state);
    save_optimiser(optimiser_state, *supernet, optimiser);
    archive.write("model", model_state);
    archive.write("optimiser", optimiser_state);
    // The archive's own writer to files ends the process when the disk is full.
    std::string bytes;
    archive.save_to([&](const void* data, std::size_t size) {
        bytes.append(static_cast<const char*>(data), size);
        return size;
    });
    write_checked(file_, bytes);
}

}  // namespace xloop
