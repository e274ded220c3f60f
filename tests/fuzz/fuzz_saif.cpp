#include "tests/fuzz/fuzz_target.hpp"
#include "traces/saif/saif_reader.hpp"

#include <set>
#include <string>

namespace xloop::fuzz {

void run_one(std::string_view text) {
    trace::TextInput in("fuzz.saif", text);
    in.set_listener([](const std::string&) {});
    const trace::SaifFile file = trace::read_saif(in);
    std::size_t nets = 0;
    std::set<std::string> names;
    file.for_each_net([&](const std::string& path, const trace::SaifNet& net) {
        ++nets;
        demand(!path.empty() && !net.name.empty(), "a nameless net");
        demand(names.insert(path + "." + net.full_name()).second, "two nets of one name");
    });
    demand(nets <= text.size(), "more nets than characters");
}

}  // namespace xloop::fuzz
