#include "tests/fuzz/fuzz_target.hpp"
#include "traces/tools/csv_info.hpp"

namespace xloop::fuzz {

void run_one(std::string_view text) {
    trace::TextInput in("fuzz.csv", text);
    trace::TraceInfo info;
    trace::inspect_csv(in, info);
    demand(!info.csv().empty() && !info.text(5).empty(), "nothing to tell of a good file");
}

}  // namespace xloop::fuzz
