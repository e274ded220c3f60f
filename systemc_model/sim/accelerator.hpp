#pragma once

#include "systemc_model/sim/simulate.hpp"

#include <tlm_utils/simple_target_socket.h>
#include <cstdint>
#include <memory>
#include <systemc>
#include <tlm>
#include <vector>

namespace xloop {

namespace sim {
class ChipModel;
}

/// The chip as a peripheral of a virtual platform: bind `host` to an initiator or a bus, write an image, ring the doorbell,
/// wait for `done`, read the logits. Values are those of `chip`; times are those of the cycle model. Several images may be
/// under way (schedule pipelined); results are kept in order until they are read.
///
/// Addresses, little-endian, 32-bit registers:
/// - doorbell (write): the image in the window goes to the chip; status (read): images started; completed (read): images done
/// - result (write): number of the image whose logits the logit window shows
/// - image_window: input.size() bytes, writable; logit_window: int32 logits, readable
/// A transfer takes one cycle of the digital clock for each 32-bit word (annotated delay).
class Accelerator : public sc_core::sc_module {
public:
    enum Address : std::uint64_t { doorbell = 0x0, status = 0x4, completed = 0x8, result = 0xc, image_window = 0x1000 };

    /// The mapping must have one round; `chip` must live as long as the module. The time resolution must be set to one
    /// femtosecond before the first time object is made.
    Accelerator(const sc_core::sc_module_name& name, const Chip& chip, const SimulationOptions& options = {});
    ~Accelerator() override;

    tlm_utils::simple_target_socket<Accelerator> host{"host"};
    /// Notified with each image done.
    sc_core::sc_event done;

    std::uint64_t logit_window() const { return logit_window_; }
    /// Figures of everything so far. Only when nothing is under way; the module takes no more images then.
    SimulationResult finish();

private:
    void transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
    bool access(tlm::tlm_command command, std::uint64_t address, unsigned char* data, std::size_t length);
    bool access_register(tlm::tlm_command command, std::uint64_t address, unsigned char* data);
    void start_of_simulation() override;

    const Chip& chip_;
    std::uint64_t logit_window_;
    std::unique_ptr<sim::ChipModel> model_;
    std::vector<std::uint8_t> window_;
    std::vector<std::unique_ptr<std::vector<std::uint8_t>>> images_;  ///< live until the run ends
    std::uint32_t completed_ = 0, shown_ = 0;
};

}  // namespace xloop
