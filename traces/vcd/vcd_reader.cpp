#include "traces/vcd/vcd_reader.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <cstring>

namespace xloop::trace {
namespace {

constexpr std::uint32_t no_code = ~std::uint32_t{0};
constexpr std::uint8_t no_digit = 0xff;

/// Bit 0: value plane, bit 1: unknown plane. The states of std_logic that some tools write are mapped to the four of the format.
constexpr std::array<std::uint8_t, 256> make_digits() {
    std::array<std::uint8_t, 256> digits{};
    for (std::uint8_t& digit : digits)
        digit = no_digit;
    for (char c : {'0', 'l', 'L'})
        digits[static_cast<unsigned char>(c)] = 0;
    for (char c : {'1', 'h', 'H'})
        digits[static_cast<unsigned char>(c)] = 1;
    for (char c : {'z', 'Z'})
        digits[static_cast<unsigned char>(c)] = 2;
    for (char c : {'x', 'X', 'u', 'U', 'w', 'W', '-', '?'})
        digits[static_cast<unsigned char>(c)] = 3;
    return digits;
}
constexpr std::array<std::uint8_t, 256> digits_of = make_digits();

std::uint8_t digit_of(char c) { return digits_of[static_cast<unsigned char>(c)]; }

/// Excerpt of a word for a message.
std::string shown(std::string_view word) {
    std::string text;
    for (char c : word.substr(0, 40))
        text += c >= ' ' && c <= '~' ? c : '?';
    return "`" + text + (word.size() > 40 ? "...`" : "`");
}

bool parse_int(std::string_view text, int& number) {
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
    return problem == std::errc() && end == text.data() + text.size();
}

/// "[7:0]" or "[3]".
bool parse_range(std::string_view text, int& left, int& right) {
    if (text.size() < 3 || text.front() != '[' || text.back() != ']')
        return false;
    text = text.substr(1, text.size() - 2);
    const std::size_t colon = text.find(':');
    if (!parse_int(text.substr(0, colon), left))
        return false;
    right = left;
    return colon == std::string_view::npos || parse_int(text.substr(colon + 1), right);
}

std::int64_t span_of(const VcdVariable& variable) { return std::abs(std::int64_t{variable.left} - variable.right) + 1; }

/// Takes the range from the words behind the name, or from the name's own end ("data[7:0]"); what is no range of that width
/// stays in the name: "memory[3]" of 8 bits is word 3.
void take_range(VcdVariable& variable, std::vector<std::string>& words, std::uint32_t width) {
    const auto fits = [&](std::string_view text) {
        variable.ranged = parse_range(text, variable.left, variable.right) && span_of(variable) == width;
        return variable.ranged;
    };
    if (words.size() > 1 && fits(words.back()))
        words.pop_back();
    for (const std::string& word : words)
        variable.name += word;
    const std::size_t bracket = variable.name.rfind('[');
    if (!variable.ranged && bracket != std::string::npos && bracket > 0 && variable.name.front() != '\\' &&
        fits(std::string_view(variable.name).substr(bracket)))
        variable.name.resize(bracket);
    if (!variable.ranged) {
        variable.left = static_cast<int>(width) - 1;
        variable.right = 0;
    }
}

}  // namespace

std::string VcdHeader::path_of(std::uint32_t scope) const {
    std::string path;
    for (; scope != VcdScope::none; scope = scopes[scope].parent)
        path = path.empty() ? scopes[scope].name : scopes[scope].name + "." + path;
    return path;
}

std::string VcdHeader::full_name(const VcdVariable& variable) const {
    const std::string path = path_of(variable.scope), name = path.empty() ? variable.name : path + "." + variable.name;
    if (!variable.ranged)
        return name;
    return variable.left == variable.right ? fmt::format("{}[{}]", name, variable.left)
                                           : fmt::format("{}[{}:{}]", name, variable.left, variable.right);
}

VcdReader::VcdReader(TextInput& in, const Limits& limits) : in_(in), limits_(limits) {
    read_header();
    index_codes();
}

void VcdReader::read_header() {
    std::vector<std::uint32_t> open;
    for (;;) {
        const std::string_view word = in_.word();
        if (word.empty())
            in_.fail("the file ends in its header, expected $enddefinitions; is it cut off?");
        if (word == "$var") {
            read_variable(open.empty() ? VcdScope::none : open.back());
        } else if (word == "$scope") {
            open_scope(open, limits_.depth);
        } else if (word == "$upscope") {
            if (open.empty())
                in_.fail("$upscope outside all scopes");
            open.pop_back();
            skip_section();
        } else if (word == "$timescale") {
            read_time_scale();
        } else if (word == "$date") {
            header_.date = text_to_end("$date");
        } else if (word == "$version") {
            header_.version = text_to_end("$version");
        } else if (word == "$enddefinitions") {
            if (!open.empty())
                in_.fail(fmt::format("{} scopes are still open, expected $upscope for each before $enddefinitions",
                                     open.size()));
            skip_section();
            return;
        } else if (word.front() == '$' && word != "$end") {
            skip_section();
        } else {
            in_.fail(shown(word) +
                     " in the header, expected a section such as $var, $scope or $enddefinitions; is this a VCD file?");
        }
    }
}

std::string_view VcdReader::demand_word(const char* expected) {
    const std::string_view word = in_.word();
    if (word.empty())
        in_.fail(fmt::format("the file ends, expected {}; is it cut off?", expected));
    if (word == "$end")
        in_.fail(fmt::format("$end, expected {}", expected));
    return word;
}

void VcdReader::skip_section() {
    for (std::string_view word = in_.word(); word != "$end"; word = in_.word())
        if (word.empty())
            in_.fail("the file ends in a section, expected $end; is it cut off?");
}

std::string VcdReader::text_to_end(const char* section) {
    std::string text;
    for (std::string_view word = in_.word(); word != "$end"; word = in_.word()) {
        if (word.empty())
            in_.fail(fmt::format("the file ends in {}, expected $end; is it cut off?", section));
        (text += text.empty() ? "" : " ") += word;
    }
    return text;
}

void VcdReader::read_time_scale() {
    std::string text;
    for (std::string_view word = in_.word(); word != "$end"; word = in_.word()) {
        if (word.empty() || text.size() > 20)
            in_.fail(
                "$timescale without $end, expected 1, 10 or 100 and a unit from s to fs, e.g. `$timescale 1ps $end`");
        text += word;
    }
    const std::optional<TimeScale> scale = parse_time_scale(text);
    if (!scale)
        in_.fail("time scale " + shown(text) + ", expected 1, 10 or 100 and a unit from s to fs, e.g. `1ps`");
    if (header_.has_timescale)
        in_.fail("a second $timescale, expected one");
    header_.timescale = *scale;
    header_.has_timescale = true;
}

void VcdReader::open_scope(std::vector<std::uint32_t>& open, std::size_t depth) {
    if (open.size() >= depth)
        in_.fail(fmt::format("more than {} scopes in each other", depth));
    VcdScope scope;
    scope.type = demand_word("the kind of a scope, e.g. module");
    scope.name = demand_word("the name of a scope");
    scope.parent = open.empty() ? VcdScope::none : open.back();
    open.push_back(static_cast<std::uint32_t>(header_.scopes.size()));
    header_.scopes.push_back(std::move(scope));
    skip_section();
}

void VcdReader::read_variable(std::uint32_t scope) {
    VcdVariable variable;
    variable.scope = scope;
    variable.line = in_.line();
    variable.type = demand_word("the type of a variable, e.g. wire");
    VcdValue value;
    const std::string_view size = demand_word("a width in bits");
    const auto [end, trouble] = std::from_chars(size.data(), size.data() + size.size(), value.width);
    if (trouble == std::errc::invalid_argument || (trouble == std::errc() && end != size.data() + size.size()))
        in_.fail("width " + shown(size) + ", expected a number of bits");
    if (variable.type == "real" || variable.type == "realtime" || variable.type == "real_parameter")
        value.kind = VcdValue::Kind::real;
    else if (variable.type == "string")
        value.kind = VcdValue::Kind::text;
    if (value.kind != VcdValue::Kind::bits)
        value.width = 64;
    else if (trouble != std::errc() || value.width < 1 || value.width > limits_.width)
        in_.fail(fmt::format("width {}, expected 1 to {} bits", shown(size), limits_.width));
    const std::string code(demand_word("an identifier code"));
    variable.code = declare(code, value);
    std::vector<std::string> words = {std::string(demand_word("a name"))};
    std::size_t length = words.front().size();
    for (std::string_view word = in_.word(); word != "$end"; word = in_.word()) {
        if (word.empty() || words.size() > 16)
            in_.fail("$var without $end, expected `$var TYPE WIDTH CODE NAME [RANGE] $end`");
        length += word.size();
        words.emplace_back(word);
    }
    if (length > 65536)
        in_.fail("a name of more than 65536 characters");
    take_range(variable, words, value.width);
    header_.variables.push_back(std::move(variable));
}

std::uint32_t VcdReader::declare(std::string_view code, const VcdValue& value) {
    const auto [entry, fresh] = codes_.emplace(code, static_cast<std::uint32_t>(header_.values.size()));
    if (fresh) {
        bits_ += value.width;
        if (bits_ > limits_.bits)
            in_.fail(fmt::format("the variables have more than {} bits together; take fewer signals into the file",
                                 limits_.bits));
        header_.values.push_back(value);
        return entry->second;
    }
    const VcdValue& known = header_.values[entry->second];
    if (known.width != value.width || known.kind != value.kind)
        in_.fail(fmt::format(
            "identifier code {} is declared again with {}, expected the same as before ({} bits)", shown(code),
            known.kind != value.kind ? "another type" : fmt::format("{} bits", value.width), known.width));
    return entry->second;
}

void VcdReader::index_codes() {
    std::uint32_t widest = 1;
    for (const VcdValue& value : header_.values)
        widest = std::max(widest, value.width);
    value_.resize((std::size_t{widest} + 63) / 64);
    unknown_.resize(value_.size());
    change_.value = value_.data();
    change_.unknown = unknown_.data();

    // A table for up to three characters takes 3 MB at most; longer codes, rare, are looked up as text.
    for (const auto& [code, index] : codes_)
        longest_short_code_ = std::max(longest_short_code_, std::min<std::size_t>(code.size(), 3));
    std::size_t size = 1;
    for (std::size_t i = 0; i < longest_short_code_; ++i)
        size *= 95;
    short_codes_.assign(size, no_code);
    for (auto entry = codes_.begin(); entry != codes_.end();) {
        const std::string& code = entry->first;
        std::size_t number = 0;
        bool is_short = code.size() <= longest_short_code_;
        for (char c : code) {
            is_short = is_short && c > ' ' && c <= '~';
            number = number * 95 + static_cast<unsigned char>(c) - ' ';
        }
        if (is_short)
            short_codes_[number] = entry->second;
        entry = is_short ? codes_.erase(entry) : std::next(entry);
    }
}

void VcdReader::problem(const std::string& what) {
    if (!listener_)
        in_.fail(what);
    listener_(in_.place() + ": " + what);
}

bool VcdReader::find(std::string_view code) {
    if (code.size() <= longest_short_code_) {
        std::size_t number = 0;
        bool printable = true;
        for (char c : code) {
            printable = printable && c > ' ' && c <= '~';
            number = number * 95 + static_cast<unsigned char>(c) - ' ';
        }
        if (printable && (change_.code = short_codes_[number]) != no_code)
            return true;
    }
    if (!codes_.empty()) {
        scratch_.assign(code);
        const auto entry = codes_.find(scratch_);
        if (entry != codes_.end()) {
            change_.code = entry->second;
            return true;
        }
    }
    problem(code.empty() ? "a value without identifier code, expected one right behind it"
                         : "identifier code " + shown(code) + " is not declared by any $var");
    return false;
}

VcdReader::Event VcdReader::next() {
    for (;;) {
        const std::string_view word = in_.word();
        if (word.empty()) {
            if (dump_ != nullptr)
                in_.fail(fmt::format("the file ends in {}, expected $end; is it cut off?", dump_));
            at_end_ = true;
            return Event::end;
        }
        switch (word.front()) {
        case '#':
            if (read_time(word.substr(1)))
                return Event::time;
            break;
        case 'b':
        case 'B':
            if (read_vector(word.substr(1)))
                return Event::change;
            break;
        case 'r':
        case 'R':
            if (read_real(word.substr(1)))
                return Event::change;
            break;
        case 's':
        case 'S':
            if (skip_text())
                return Event::change;
            break;
        case '$': {
            const Event event = keyword(word);
            if (event != Event::change)
                return event;
            break;
        }
        default:
            if (read_scalar(word))
                return Event::change;
        }
    }
}

/// Event::change: nothing to report.
VcdReader::Event VcdReader::keyword(std::string_view word) {
    if (word == "$end") {
        if (dump_ == nullptr)
            in_.fail("$end outside a section");
        dump_ = nullptr;
        return Event::dump_end;
    }
    constexpr std::array<std::pair<const char*, Event>, 4> dumps = {{{"$dumpvars", Event::dump_vars},
                                                                     {"$dumpall", Event::dump_all},
                                                                     {"$dumpoff", Event::dump_off},
                                                                     {"$dumpon", Event::dump_on}}};
    for (const auto& [name, event] : dumps)
        if (word == name) {
            if (dump_ != nullptr)
                in_.fail(fmt::format("{} inside {}, expected $end first", name, dump_));
            dump_ = name;
            return event;
        }
    if (word.substr(0, 10) == "$dumpports")
        in_.fail(shown(word) + ": the extended form of VCD is not read; dump with $dumpvars");
    if (word == "$var" || word == "$scope" || word == "$upscope" || word == "$enddefinitions" || word == "$timescale")
        in_.fail(shown(word) + " behind $enddefinitions");
    skip_section();
    return Event::change;
}

bool VcdReader::read_time(std::string_view digits) {
    std::uint64_t time = 0;
    const auto [end, trouble] = std::from_chars(digits.data(), digits.data() + digits.size(), time);
    if (trouble == std::errc::result_out_of_range || time == ~std::uint64_t{0}) {
        problem("time " + shown(digits) + " is too large, expected less than 2^64 - 1");
        return false;
    }
    if (trouble != std::errc() || end != digits.data() + digits.size()) {
        problem("time " + shown(digits) + ", expected a whole number of at least 0 right behind `#`");
        return false;
    }
    if (has_time_ && time < time_) {
        problem(fmt::format("time goes back from {} to {}", time_, time));
        return false;
    }
    has_time_ = true;
    time_ = time;
    return true;
}

bool VcdReader::read_scalar(std::string_view word) {
    const std::uint8_t digit = digit_of(word.front());
    if (digit == no_digit)
        in_.fail(shown(word) + ", expected a time (#), a value (0, 1, x, z, b, r) or a section ($)");
    if (!find(word.substr(1)))
        return false;
    const VcdValue& value = header_.values[change_.code];
    if (value.kind != VcdValue::Kind::bits) {
        problem(shown(word) + " is a bit, but its variable is a " +
                (value.kind == VcdValue::Kind::real ? "real" : "string"));
        return false;
    }
    std::fill_n(value_.begin(), value.words(), 0);
    std::fill_n(unknown_.begin(), value.words(), 0);
    value_[0] = digit & 1u;
    unknown_[0] = digit >> 1;
    return true;
}

bool VcdReader::read_vector(std::string_view digits) {
    const std::size_t count = digits.size();
    if (count == 0)
        in_.fail("`b` without digits, expected a binary number");
    if (count > std::size_t{64} * value_.size()) {
        problem(fmt::format("a value of {} bits, more than any variable has", count));
        demand_word("an identifier code");
        return false;
    }
    // Words are filled before the code is known: reading it may move the text.
    const std::size_t words = (count + 63) / 64;
    const char* end = digits.data() + count;
    for (std::size_t w = 0; w < words; ++w) {
        const char* begin = end - digits.data() > 64 ? end - 64 : digits.data();
        std::uint64_t value = 0, unknown = 0;
        const char* c = begin;
        // Eight digits 0 or 1 at once: each of their low bits is moved to its place in the top byte.
        for (; end - c >= 8; c += 8) {
            std::uint64_t eight;
            std::memcpy(&eight, c, 8);
            if ((eight & 0xfefefefefefefefe) != 0x3030303030303030)
                break;
            value = value << 8 | ((eight & 0x0101010101010101) * 0x8040201008040201) >> 56;
        }
        for (; c < end; ++c) {
            const std::uint8_t digit = digit_of(*c);
            if (digit == no_digit)
                in_.fail("value " + shown(digits) + ", expected digits 0, 1, x, z");
            value = value << 1 | (digit & 1u);
            unknown = unknown << 1 | digit >> 1;
        }
        value_[w] = value;
        unknown_[w] = unknown;
        end = begin;
    }
    const std::uint8_t first = digit_of(digits.front());
    if (!find(demand_word("an identifier code")))
        return false;
    const VcdValue& target = header_.values[change_.code];
    if (target.kind != VcdValue::Kind::bits) {
        problem(fmt::format("a binary value for a {}",
                            target.kind == VcdValue::Kind::real ? "real, expected `r`" : "string"));
        return false;
    }
    if (count > target.width) {
        problem(fmt::format("a value of {} bits for a variable of {}", count, target.width));
        return false;
    }
    // IEEE 1364-2005, 18.2.1: shorter values are extended to the left, by 0 when they begin with 1.
    std::fill(value_.begin() + static_cast<std::ptrdiff_t>(words),
              value_.begin() + static_cast<std::ptrdiff_t>(target.words()), 0);
    std::fill(unknown_.begin() + static_cast<std::ptrdiff_t>(words),
              unknown_.begin() + static_cast<std::ptrdiff_t>(target.words()), 0);
    if (first < 2 || count == target.width)
        return true;
    for (std::size_t w = count / 64; w < target.words(); ++w) {
        std::uint64_t mask = ~std::uint64_t{0};
        if (w == count / 64)
            mask <<= count % 64;
        if (w == target.words() - 1 && target.width % 64 != 0)
            mask &= (std::uint64_t{1} << target.width % 64) - 1;
        unknown_[w] |= mask;
        if (first == 3)
            value_[w] |= mask;
    }
    return true;
}

bool VcdReader::read_real(std::string_view number) {
    if (!number.empty() && number.front() == '+')
        number.remove_prefix(1);
    const auto [end, trouble] = std::from_chars(number.data(), number.data() + number.size(), change_.real);
    if (trouble == std::errc::invalid_argument || end != number.data() + number.size())
        in_.fail("value " + shown(number) + ", expected a real number");
    if (trouble == std::errc::result_out_of_range) {
        scratch_.assign(number);
        change_.real = std::strtod(scratch_.c_str(), nullptr);
    }
    if (!find(demand_word("an identifier code")))
        return false;
    if (header_.values[change_.code].kind != VcdValue::Kind::real) {
        problem("a real value for a variable that is none, expected `b`");
        return false;
    }
    return true;
}

bool VcdReader::skip_text() {
    if (!find(demand_word("an identifier code")))
        return false;
    if (header_.values[change_.code].kind == VcdValue::Kind::text)
        return true;
    problem("a text for a variable that is no string");
    return false;
}

}  // namespace xloop::trace
