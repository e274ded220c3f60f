// From a program of your own: which size of arrays suits a network, what is on the chip, and the cycle model's word on it.
// Usage: from_cpp CONFIGS, the folder configs/ of the repository or of an installation (share/xloop/configs).
#include <xloop/xloop.hpp>

#include <cstdio>
#include <exception>
#include <string>

namespace {

namespace api = xloop::api;

void run(const std::string& configs) {
    const api::Costs costs = api::Costs::load(configs + "/tech/generic_32nm.yaml");
    const api::Network network = api::Network::load(configs + "/networks/lenet5.yaml").with_random_weights(1);
    std::printf("%s: %lld multiply-accumulates an image\n\n rows   cycles  energy uJ  area mm2   EDAP Jsmm2\n",
                network.name().c_str(), static_cast<long long>(network.macs()));

    std::string best;
    double lowest = 0;
    for (const char* rows : {"32", "64", "128", "256"}) {
        const std::string setting = std::string("crossbar.rows=") + rows;
        const api::Report report = api::estimate(network, api::Hardware::load("", {setting}), costs);
        std::printf("%5s %8llu %10.4f %9.4f %12.4g\n", rows, static_cast<unsigned long long>(report.latency_cycles()),
                    1e6 * report.energy_j(), report.area_mm2(), report.edap());
        if (best.empty() || report.edap() < lowest) {
            best = setting;
            lowest = report.edap();
        }
    }

    const api::Chip chip = api::Chip::program(network, api::Hardware::load("", {best}));
    api::Pixels image(static_cast<std::size_t>(network.input()[0] * network.input()[1] * network.input()[2]));
    for (std::size_t i = 0; i < image.size(); ++i)
        image[i] = static_cast<std::uint8_t>(i * 37 % 251);
    const api::Simulation simulation = chip.simulate(image, costs);
    std::printf("\n%s in the cycle model: %llu cycles, EDAP %.4g Jsmm2, logits %s those of the untimed chip\n",
                best.c_str(), static_cast<unsigned long long>(simulation.report.latency_cycles()),
                simulation.report.edap(), simulation.logits == chip.run(image) ? "equal" : "DIFFER FROM");
    for (const api::LedgerRow& row : simulation.report.ledger())
        std::printf("  %-20s %10.4f uJ %10.5f mm2\n", row.name.c_str(), 1e6 * (row.dynamic_j + row.static_j),
                    row.area_mm2);
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) {
        std::fprintf(stderr, "usage: from_cpp CONFIGS, the folder with hw, networks and tech\n");
        return 2;
    }
    try {
        run(argv[1]);
        return 0;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "from_cpp: %s\n", error.what());
        return 1;
    }
}
