#include "traces/saif/saif_printer.hpp"

#include <fmt/format.h>
#include <algorithm>

namespace xloop::trace {
namespace {

/// Without what would end a quoted text.
std::string quotable(std::string text) {
    std::replace(text.begin(), text.end(), '"', '\'');
    std::replace(text.begin(), text.end(), '\\', '/');
    return text;
}

/// Brackets and whatever else is no letter, digit, `_` or `$` are escaped, as identifiers of SAIF are; bytes of UTF-8 are letters.
void append_escaped(std::string& out, std::string_view name) {
    for (char c : name) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
                           c == '$' || static_cast<unsigned char>(c) >= 0x80;
        if (!plain)
            out += '\\';
        out += c;
    }
}

void append_number(std::string& out, std::uint64_t value) {
    const fmt::format_int digits(value);
    out.append(digits.data(), digits.size());
}

}  // namespace

SaifPrinter::SaifPrinter(TextOutput& out, const SaifHeader& header, const NetNaming& naming)
    : out_(out), naming_(naming) {
    // The name stands for the first pair of braces, the bit's number for the second.
    const std::size_t name = naming.bus_bit.find("{}"), bit = naming.bus_bit.find("{}", name + 2);
    append_escaped(before_bit_, std::string_view(naming.bus_bit).substr(0, name));
    append_escaped(between_, std::string_view(naming.bus_bit).substr(name + 2, bit - name - 2));
    append_escaped(after_bit_, std::string_view(naming.bus_bit).substr(bit + 2));
    out_.write("(SAIFILE\n(SAIFVERSION \"2.0\")\n(DIRECTION \"backward\")\n");
    out_.write(fmt::format("(DESIGN \"{}\")\n", quotable(header.design)));
    if (!header.date.empty())
        out_.write(fmt::format("(DATE \"{}\")\n", quotable(header.date)));
    out_.write(fmt::format("(VENDOR \"{0}\")\n(PROGRAM_NAME \"{0}\")\n(VERSION \"{1}\")\n(DIVIDER {2} )\n",
                           header.program, header.version, naming.divider));
    out_.write(fmt::format("(TIMESCALE {} {})\n(DURATION {})\n", header.timescale_value, header.timescale_unit,
                           header.duration));
}

void SaifPrinter::indent() {
    for (std::size_t i = 0; i < open_.size(); ++i)
        out_.put(' ');
}

void SaifPrinter::close_nets() {
    if (nets_open_) {
        indent();
        out_.write(")\n");
    }
    nets_open_ = false;
}

void SaifPrinter::scope(const Levels& wanted) {
    close_nets();
    std::size_t common = 0;
    while (common < open_.size() && common < wanted.size() && open_[common] == wanted[common])
        ++common;
    while (open_.size() > common) {
        open_.pop_back();
        indent();
        out_.write(")\n");
    }
    for (; open_.size() < wanted.size(); open_.emplace_back(wanted[open_.size()])) {
        indent();
        std::string line = "(INSTANCE ";
        append_escaped(line, wanted[open_.size()]);
        out_.write(line += '\n');
    }
}

void SaifPrinter::net(std::string_view name, int bit, const SaifCounts& counts) {
    if (!nets_open_) {
        indent();
        out_.write("(NET\n");
    }
    nets_open_ = true;
    line_.assign(open_.size() + 1, ' ');
    line_ += '(';
    if (bit < 0) {
        append_escaped(line_, name);
    } else {
        line_ += before_bit_;
        append_escaped(line_, name);
        line_ += between_;
        append_number(line_, static_cast<std::uint64_t>(bit));
        line_ += after_bit_;
    }
    const auto field = [this](std::string_view key, std::uint64_t value) {
        line_ += key;
        append_number(line_, value);
        line_ += ')';
    };
    field(" (T0 ", counts.t0);
    field(" (T1 ", counts.t1);
    field(" (TX ", counts.tx);
    if (counts.tz > 0)
        field(" (TZ ", counts.tz);
    field(" (TC ", counts.tc);
    field(" (IG ", counts.ig);
    line_ += ")\n";
    out_.write(line_);
}

void SaifPrinter::finish() {
    close_nets();
    while (!open_.empty()) {
        open_.pop_back();
        indent();
        out_.write(")\n");
    }
    out_.write(")\n");
}

}  // namespace xloop::trace
