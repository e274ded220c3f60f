#include "tests/fuzz/fuzz_target.hpp"
#include "traces/timeline/timeline_reader.hpp"

namespace xloop::fuzz {

void run_one(std::string_view text) {
    trace::TextInput in("fuzz.json", text);
    std::size_t events = 0;
    trace::read_timeline(in, [&](const trace::ReadTimelineEvent&) { ++events; });
    demand(events <= text.size(), "more events than characters");
}

}  // namespace xloop::fuzz
