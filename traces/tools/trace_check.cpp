#include "traces/tools/trace_check.hpp"

#include "traces/saif/saif_reader.hpp"
#include "traces/vcd/vcd_reader.hpp"

#include <fmt/format.h>
#include <unordered_map>

namespace xloop::trace {
namespace {

class Findings {
public:
    Findings(TraceCheck& check, std::size_t most, const TextInput& in) : check_(check), most_(most), in_(in) {}

    void add(std::string message) {
        if (check_.found++ < most_)
            check_.problems.push_back(std::move(message));
    }
    void at(std::uint64_t line, const std::string& what) { add(fmt::format("{}:{}: {}", in_.name(), line, what)); }
    void in_file(const std::string& what) { add(in_.name() + ": " + what); }
    const TextInput& in() const { return in_; }

private:
    TraceCheck& check_;
    std::size_t most_;
    const TextInput& in_;
};

/// Names seen so far with their lines.
class Names {
public:
    explicit Names(Findings& findings) : findings_(findings) {}
    void add(const std::string& name, std::uint64_t line, const char* what) {
        const auto [entry, fresh] = lines_.emplace(name, line);
        if (!fresh)
            findings_.at(line, fmt::format("{} `{}` comes again, first in line {}; expected each name once", what, name,
                                           entry->second));
    }

private:
    Findings& findings_;
    std::unordered_map<std::string, std::uint64_t> lines_;
};

void check_declarations(const VcdHeader& header, Findings& findings) {
    if (!header.has_timescale)
        findings.in_file("the header has no $timescale");
    if (header.variables.empty())
        findings.in_file("no variable is declared");
    Names names(findings);
    for (const VcdVariable& variable : header.variables) {
        names.add(header.full_name(variable), variable.line, "variable");
        const std::size_t bracket = variable.name.rfind('[');
        if (!variable.ranged && bracket != std::string::npos && variable.name.find(':', bracket) != std::string::npos &&
            variable.name.front() != '\\')
            findings.at(variable.line, fmt::format("the range of `{}` does not fit its width of {} bits", variable.name,
                                                   header.values[variable.code].width));
    }
}

/// Kinds that need no value at the first time: they happen, or never change.
bool needs_initial_value(const VcdVariable& variable, const VcdHeader& header) {
    return variable.type != "event" && variable.type != "parameter" &&
           header.values[variable.code].kind != VcdValue::Kind::text;
}

void check_initial_values(const VcdHeader& header, const std::vector<bool>& has_value, Findings& findings) {
    for (const VcdVariable& variable : header.variables)
        if (!has_value[variable.code] && needs_initial_value(variable, header))
            findings.at(variable.line,
                        fmt::format("variable `{}` has no value at the first time, expected one in $dumpvars",
                                    header.full_name(variable)));
}

void check_vcd(TextInput& in, TraceCheck& check, Findings& findings) {
    VcdReader reader(in);
    const VcdHeader& header = reader.header();
    check.nets = header.variables.size();
    check_declarations(header, findings);
    reader.on_problem([&](const std::string& message) { findings.add(message); });
    std::vector<bool> has_value(header.values.size(), false);
    std::uint64_t times = 0;
    bool started = false, initial = true;
    for (VcdReader::Event event = reader.next(); event != VcdReader::Event::end; event = reader.next()) {
        if (event == VcdReader::Event::change && initial) {
            started = true;
            has_value[reader.change().code] = true;
        } else if (event == VcdReader::Event::time) {
            ++times;
            if (initial && started && reader.time() > 0) {
                initial = false;
                check_initial_values(header, has_value, findings);
            }
        }
    }
    if (initial)
        check_initial_values(header, has_value, findings);
    if (times == 0)
        findings.in_file("there is no time (#) in the file");
    if (!in.at_line_start())
        findings.at(in.line(), "the last line has no end; is the file cut off?");
}

void check_net(const SaifNet& net, const std::string& path, const SaifHeader& header, Findings& findings) {
    const SaifCounts& counts = net.counts;
    const auto name = [&] { return path + "." + net.full_name(); };
    std::uint64_t sum = net.tb;
    bool above = false;
    for (std::uint64_t time : {counts.t0, counts.t1, counts.tx, counts.tz})
        above = __builtin_add_overflow(sum, time, &sum) || above;
    if (above || sum != header.duration)
        findings.at(net.line, fmt::format("net `{}`: T0 {} + T1 {} + TX {} + TZ {}{} is {} than the DURATION {}",
                                          name(), counts.t0, counts.t1, counts.tx, counts.tz,
                                          net.tb > 0 ? fmt::format(" + TB {}", net.tb) : "",
                                          !above && sum < header.duration ? "less" : "more", header.duration));
    if (counts.tc > 0 && (counts.t0 == 0 || counts.t1 == 0))
        findings.at(
            net.line,
            fmt::format("net `{}`: TC {}, but it was never at {}; expected time at 0 and at 1 of a net that toggles",
                        name(), counts.tc, counts.t0 == 0 ? 0 : 1));
}

void check_instance(const SaifInstance& instance, std::string& path, const SaifHeader& header, Findings& findings) {
    const std::size_t above = path.size();
    (path += path.empty() ? "" : ".") += instance.name;
    Names nets(findings), children(findings);
    for (const SaifNet& net : instance.nets) {
        nets.add(net.full_name(), net.line, "net");
        check_net(net, path, header, findings);
    }
    for (const SaifInstance& child : instance.children) {
        children.add(child.name, child.line, "instance");
        check_instance(child, path, header, findings);
    }
    path.resize(above);
}

void check_saif(TextInput& in, TraceCheck& check, Findings& findings) {
    const SaifFile file = read_saif(in);
    for (const char* field : {"SAIFVERSION", "DIRECTION", "TIMESCALE", "DURATION"})
        if (!file.has(field))
            findings.in_file(fmt::format("the header has no {}", field));
    file.for_each_net([&](const std::string&, const SaifNet&) { ++check.nets; });
    if (check.nets == 0)
        findings.in_file("there is no net in the file");
    std::string path;
    Names tops(findings);
    for (const SaifInstance& instance : file.instances) {
        tops.add(instance.name, instance.line, "instance");
        check_instance(instance, path, file.header, findings);
    }
}

}  // namespace

TraceCheck check_trace(TextInput& in, std::size_t most) {
    TraceCheck check;
    check.kind = kind_of(in);
    Findings findings(check, most, in);
    if (check.kind != TraceKind::vcd && check.kind != TraceKind::saif)
        throw UnreadableInput(in.name() + ": cannot check this file, expected VCD or SAIF");
    try {
        (check.kind == TraceKind::vcd ? check_vcd : check_saif)(in, check, findings);
    } catch (const UnreadableInput&) {
        throw;
    } catch (const InputError& e) {
        findings.add(e.what());
    }
    return check;
}

}  // namespace xloop::trace
