#pragma once

#include "tests/apps/command_line.hpp"

#include <chrono>
#include <functional>
#include <thread>

namespace xloop::test {

/// A miniature of the main job.
class MainJob : public CommandLine {
protected:
    MainJob() {
        write("space.yaml", space_);
        write("costs.yaml", read_file(std::string(XLOOP_SOURCE_DIR) + "/configs/tech/isaac_32nm.yaml"));
        write("exp.yaml", R"(name: tiny
network: space.yaml
cost_table: costs.yaml
device: {programming_sigma: 0.05}
crossbar: {rows: 16, cols: 16}
adc: {columns_per_adc: 8, noise_sigma_lsb: 0.25}
data: {set: random, train_images: 64, validation_images: 16, test_images: 16}
training: {epochs: 1, batch_size: 16, attack_steps: 2}
trace: {formats: [vcd], windows: ["cycles:0-5000"]}
attack: {steps: 2}
search: {candidates: 3, chosen: 1, judged_images: 16, test_images: 16, calibration_images: 16, optimiser: {population: 3}}
simulation: {images: 1}
)");
    }

    std::vector<std::string> job(const std::string& out, const std::vector<std::string>& more = {}) const {
        std::vector<std::string> arguments = {"run", "exp.yaml", "--out", out};
        arguments.insert(arguments.end(), more.begin(), more.end());
        return arguments;
    }

    /// Until `condition` holds, at most 30 s.
    static bool wait_until(const std::function<bool()>& condition) {
        for (int tries = 0; tries < 6000; ++tries) {
            if (condition())
                return true;
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
        }
        return false;
    }

    const std::string space_ = R"(name: tiny_space
input: {channels: 1, height: 8, width: 8}
layers:
  - {name: one, type: conv, out_channels: [2, 4], kernel: [1, 3], stride: 2, batch_norm: true, activation: relu}
  - {name: two, type: conv, out_channels: [3, 6], kernel: [1, 3], stride: 2, batch_norm: true, activation: relu}
  - {name: pool, type: avg_pool, kernel: 0}
  - {name: classifier, type: linear, out_channels: 10}
)";
};

}  // namespace xloop::test
