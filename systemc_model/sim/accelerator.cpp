#include "systemc_model/sim/accelerator.hpp"

#include "core/error.hpp"
#include "systemc_model/sim/chip_model.hpp"

#include <algorithm>
#include <cstring>

namespace xloop {
namespace {

std::uint64_t after_window(const Chip& chip) {
    constexpr std::uint64_t page = 0x1000;
    const auto bytes = static_cast<std::uint64_t>(chip.network().graph.input.size());
    return Accelerator::image_window + (bytes + page - 1) / page * page;
}

}  // namespace

Accelerator::Accelerator(const sc_core::sc_module_name& name, const Chip& chip, const SimulationOptions& options)
    : sc_module(name), chip_(chip), logit_window_(after_window(chip)),
      window_(static_cast<std::size_t>(chip.network().graph.input.size()), 0) {
    if (chip.network().mapping.rounds != 1)
        throw InputError(
            "a chip in a virtual platform holds its whole network; enlarge the mesh (noc.mesh_cols, noc.mesh_rows)");
    const SimulationTask task(chip, nullptr, 0, 0);
    model_ = std::make_unique<sim::ChipModel>("chip", task, options, [this](int count) {
        completed_ = static_cast<std::uint32_t>(count);
        done.notify(sc_core::SC_ZERO_TIME);
    });
    host.register_b_transport(this, &Accelerator::transport);
}

Accelerator::~Accelerator() = default;

void Accelerator::start_of_simulation() { model_->begin_round(0, 0); }

void Accelerator::transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
    constexpr std::size_t word = 4;
    const std::size_t length = payload.get_data_length();
    delay += static_cast<double>((length + word - 1) / word) *
             sc_core::sc_time(chip_.network().hardware.clock.period_ns(), sc_core::SC_NS);
    if (payload.get_byte_enable_ptr() != nullptr || payload.get_streaming_width() < length) {
        payload.set_response_status(payload.get_byte_enable_ptr() ? tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE
                                                                  : tlm::TLM_BURST_ERROR_RESPONSE);
        return;
    }
    payload.set_response_status(access(payload.get_command(), payload.get_address(), payload.get_data_ptr(), length)
                                    ? tlm::TLM_OK_RESPONSE
                                    : tlm::TLM_ADDRESS_ERROR_RESPONSE);
}

bool Accelerator::access(tlm::tlm_command command, std::uint64_t address, unsigned char* data, std::size_t length) {
    if (address < image_window)
        return length == 4 && access_register(command, address, data);
    if (address < logit_window_) {
        const std::uint64_t offset = address - image_window;
        if (command != tlm::TLM_WRITE_COMMAND || offset + length > window_.size())
            return false;
        std::memcpy(window_.data() + offset, data, length);
        return true;
    }
    if (command != tlm::TLM_READ_COMMAND || shown_ >= completed_)
        return false;
    const std::vector<std::int32_t>& logits = model_->io().logits(shown_);
    const std::uint64_t offset = address - logit_window_;
    if (offset + length > logits.size() * sizeof(std::int32_t))
        return false;
    std::memcpy(data, reinterpret_cast<const unsigned char*>(logits.data()) + offset, length);
    return true;
}

bool Accelerator::access_register(tlm::tlm_command command, std::uint64_t address, unsigned char* data) {
    std::uint32_t value = 0;
    if (command == tlm::TLM_WRITE_COMMAND) {
        std::memcpy(&value, data, sizeof value);
        if (address == result)
            shown_ = value;
        else if (address == doorbell) {
            images_.push_back(std::make_unique<std::vector<std::uint8_t>>(window_));
            model_->io().add_image(images_.back()->data(), model_->now() + 1);
        } else
            return false;
        return true;
    }
    if (address == status)
        value = static_cast<std::uint32_t>(images_.size());
    else if (address == completed)
        value = completed_;
    else if (address == result)
        value = shown_;
    else
        return false;
    std::memcpy(data, &value, sizeof value);
    return true;
}

SimulationResult Accelerator::finish() {
    model_->rethrow();
    const std::uint64_t cycle = model_->now();
    if (!model_->round_done())
        throw Error("the chip stopped with images unfinished; waiting:\n" + model_->state());
    model_->end_round(cycle);
    return model_->result(cycle);
}

}  // namespace xloop
