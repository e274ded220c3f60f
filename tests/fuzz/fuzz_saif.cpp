#include "tests/fuzz/fuzz_target.hpp"
#include "traces/saif/saif_reader.hpp"

namespace xloop::fuzz {

void run_one(std::string_view text) {
    trace::TextInput in("fuzz.saif", text);
    const trace::SaifFile file = trace::read_saif(in);
    std::size_t nets = 0;
    file.for_each_net([&](const std::string& path, const trace::SaifNet& net) {
        ++nets;
        demand(!path.empty() && !net.name.empty(), "a nameless net");
    });
    demand(nets <= text.size(), "more nets than characters");
}

}  // namespace xloop::fuzz
