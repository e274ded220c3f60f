#include "tests/fuzz/fuzz_target.hpp"
#include "traces/saif/vcd_to_saif.hpp"
#include "traces/vcd/vcd_activity.hpp"

namespace xloop::fuzz {
namespace {

/// Small limits: a declaration of a few bytes may ask for many bits.
constexpr trace::VcdReader::Limits limits{1u << 12, 1u << 14, 32};

}  // namespace

void run_one(std::string_view text) {
    trace::TextInput in("fuzz.vcd", text);
    in.set_listener([](const std::string&) {});
    trace::VcdReader reader(in, limits);
    const trace::VcdHeader& header = reader.header();
    for (const trace::VcdVariable& variable : header.variables)
        demand(!header.full_name(variable).empty(), "a nameless variable");
    trace::VcdActivity activity(header);
    activity.open(0, ~std::uint64_t{0});
    std::uint64_t last = 0;
    for (auto event = reader.next(); event != trace::VcdReader::Event::end; event = reader.next()) {
        demand(reader.time() >= last, "times go back");
        last = reader.time();
        activity.move_to(reader.time());
        if (event == trace::VcdReader::Event::dump_off)
            activity.dump_off();
        if (event == trace::VcdReader::Event::dump_on)
            activity.dump_on();
        if (event != trace::VcdReader::Event::change)
            continue;
        const trace::VcdChange& change = reader.change();
        demand(change.code < header.values.size(), "no such code");
        const trace::VcdValue& value = header.values[change.code];
        if (value.kind == trace::VcdValue::Kind::bits && value.width % 64 != 0) {
            const std::uint64_t above = ~std::uint64_t{0} << value.width % 64;
            demand(((change.value[value.words() - 1] | change.unknown[value.words() - 1]) & above) == 0,
                   "bits above the width");
        }
        activity.change(change);
    }
    activity.finish(last);
    for (std::uint32_t code = 0; code < header.values.size(); ++code)
        if (header.values[code].kind == trace::VcdValue::Kind::bits)
            demand(activity.counts(code, 0).time() == activity.duration(), "times do not add up to the duration");
    trace::saif_of_activity(header, activity, in).for_each_net([&](const std::string&, const trace::SaifNet& net) {
        demand(net.counts.time() == activity.duration(), "times of a net do not add up to the duration");
    });
}

}  // namespace xloop::fuzz
