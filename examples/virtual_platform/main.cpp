// A virtual platform with the chip in it: a processor model writes images over a TLM-2.0 socket, waits for the chip's
// event, reads the logits and holds them against the untimed chip. Usage: virtual_platform [images]
#include "core/workload/network_spec.hpp"
#include "core/workload/workload_graph.hpp"
#include "systemc_model/mapping/map_network.hpp"
#include "systemc_model/sim/accelerator.hpp"

#include <tlm_utils/simple_initiator_socket.h>
#include <cstdio>
#include <cstdlib>

namespace {

constexpr const char* network = R"(
name: platform
input: {channels: 1, height: 12, width: 12}
layers:
  - {name: conv1, type: conv, out_channels: 8, kernel: 3, activation: relu}
  - {name: pool, type: max_pool, kernel: 2, stride: 2}
  - {name: conv2, type: conv, out_channels: 16, kernel: 3, activation: relu}
  - {name: logits, type: linear, out_channels: 10}
)";

/// Stands for the software on a processor: plain blocking transfers.
class Processor : public sc_core::sc_module {
public:
    Processor(const sc_core::sc_module_name& name, const xloop::Accelerator& device,
              const std::vector<std::uint8_t>& pixels, int images, std::size_t logits)
        : sc_module(name), device_(device), pixels_(pixels), images_(images),
          logits_(images, std::vector<std::int32_t>(logits)) {
        SC_HAS_PROCESS(Processor);
        SC_THREAD(run);
    }

    tlm_utils::simple_initiator_socket<Processor> bus{"bus"};
    const std::vector<std::vector<std::int32_t>>& logits() const { return logits_; }

private:
    void transfer(tlm::tlm_command command, std::uint64_t address, void* data, std::size_t bytes) {
        tlm::tlm_generic_payload payload;
        payload.set_command(command);
        payload.set_address(address);
        payload.set_data_ptr(static_cast<unsigned char*>(data));
        payload.set_data_length(static_cast<unsigned>(bytes));
        payload.set_streaming_width(static_cast<unsigned>(bytes));
        payload.set_byte_enable_ptr(nullptr);
        sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
        bus->b_transport(payload, delay);
        if (payload.is_response_error())
            SC_REPORT_FATAL(name(), payload.get_response_string().c_str());
        wait(delay);
    }
    void write(std::uint64_t address, std::uint32_t value) {
        transfer(tlm::TLM_WRITE_COMMAND, address, &value, sizeof value);
    }
    std::uint32_t read(std::uint64_t address) {
        std::uint32_t value = 0;
        transfer(tlm::TLM_READ_COMMAND, address, &value, sizeof value);
        return value;
    }

    void run() {
        const std::size_t image_bytes = pixels_.size() / static_cast<std::size_t>(images_);
        for (int i = 0; i < images_; ++i) {
            std::vector<std::uint8_t> image(pixels_.begin() + static_cast<std::ptrdiff_t>(i * image_bytes),
                                            pixels_.begin() + static_cast<std::ptrdiff_t>((i + 1) * image_bytes));
            transfer(tlm::TLM_WRITE_COMMAND, xloop::Accelerator::image_window, image.data(), image.size());
            write(xloop::Accelerator::doorbell, 1);
        }
        for (std::uint32_t i = 0; i < static_cast<std::uint32_t>(images_); ++i) {
            while (read(xloop::Accelerator::completed) <= i)
                wait(device_.done);
            write(xloop::Accelerator::result, i);
            transfer(tlm::TLM_READ_COMMAND, device_.logit_window(), logits_[i].data(),
                     logits_[i].size() * sizeof(std::int32_t));
            std::printf("image %u: logits read at %s\n", i, sc_core::sc_time_stamp().to_string().c_str());
        }
    }

    const xloop::Accelerator& device_;
    const std::vector<std::uint8_t>& pixels_;
    int images_;
    std::vector<std::vector<std::int32_t>> logits_;
};

}  // namespace

int main(int argc, char** argv) {
    const int images = argc > 1 ? std::atoi(argv[1]) : 3;
    if (images < 1) {
        std::fprintf(stderr, "usage: virtual_platform [images], images at least 1\n");
        return 2;
    }
    sc_core::sc_set_time_resolution(1, sc_core::SC_FS);
    xloop::WorkloadGraph graph = xloop::build_graph(xloop::parse_network(network, "network"));
    xloop::randomise_weights(graph, 1);
    xloop::HardwareConfig hardware;
    hardware.mapping.schedule = xloop::Schedule::pipelined;
    const xloop::Chip chip(xloop::map_network(graph, hardware));
    std::vector<std::uint8_t> pixels(static_cast<std::size_t>(images * graph.input.size()));
    for (std::size_t i = 0; i < pixels.size(); ++i)
        pixels[i] = static_cast<std::uint8_t>(i * 37 % 251);

    xloop::Accelerator accelerator("accelerator", chip);
    Processor processor("processor", accelerator, pixels, images, static_cast<std::size_t>(graph.logit_count()));
    processor.bus.bind(accelerator.host);
    sc_core::sc_start();

    const xloop::SimulationResult result = accelerator.finish();
    const bool equal = processor.logits() == xloop::run_images(graph, chip, pixels.data(), 0, images);
    std::printf("%llu cycles, first image %llu cycles; logits %s those of the untimed chip\n",
                static_cast<unsigned long long>(result.cycles),
                static_cast<unsigned long long>(result.latency_cycles(0)), equal ? "equal" : "DIFFER FROM");
    return equal ? 0 : 1;
}
