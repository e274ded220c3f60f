#include "traces/vcd/vcd_reader.hpp"

#include "traces/bus/hierarchy.hpp"

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

/// Escaped as in Verilog. An extended identifier of VHDL, \\name\\, is a name as it stands.
bool is_escaped(std::string_view name) {
    return name.size() > 1 && name.front() == '\\' && (name.size() == 2 || name.back() != '\\');
}

std::int64_t span_of(const VcdVariable& variable) { return std::abs(std::int64_t{variable.left} - variable.right) + 1; }

/// Takes the range from the words behind the name, or from the name's own end ("data[7:0]"); what is no range of that width
/// stays in the name: "memory[3]" of 8 bits is word 3. A name that begins with a backslash is escaped: brackets at its end
/// are part of it, the backslash is not.
void take_name(VcdVariable& variable, std::vector<std::string>& words, std::uint32_t width) {
    const auto fits = [&](std::string_view text) {
        variable.ranged = parse_range(text, variable.left, variable.right) && span_of(variable) == width;
        return variable.ranged;
    };
    if (words.size() > 1 && fits(words.back()))
        words.pop_back();
    for (const std::string& word : words)
        (variable.name += variable.name.empty() || word.front() == '[' ? "" : " ") += word;
    const bool escaped = is_escaped(variable.name);
    const std::size_t bracket = variable.name.rfind('[');
    if (!variable.ranged && bracket != std::string::npos && bracket > 0 && !escaped &&
        fits(std::string_view(variable.name).substr(bracket)))
        variable.name.resize(bracket);
    if (escaped)
        variable.name.erase(0, 1);
    if (!variable.ranged) {
        variable.left = static_cast<int>(width) - 1;
        variable.right = 0;
    }
}

/// "<12": codes of the extended form.
bool is_port_code(std::string_view code) {
    return code.size() > 1 && code.front() == '<' && code.find_first_not_of("0123456789", 1) == std::string_view::npos;
}

/// Sections whose names end a section before them that lacks its $end.
bool begins_section(std::string_view word) {
    constexpr std::array<std::string_view, 7> known = {"$var",  "$scope",   "$upscope",       "$timescale",
                                                       "$date", "$version", "$enddefinitions"};
    return std::find(known.begin(), known.end(), word) != known.end();
}

}  // namespace

bool VcdVariable::is_net() const {
    constexpr std::array<std::string_view, 12> others = {"event",    "parameter", "integer",        "int",
                                                         "shortint", "longint",   "time",           "real",
                                                         "realtime", "shortreal", "real_parameter", "string"};
    return std::find(others.begin(), others.end(), type) == others.end();
}

std::vector<bool> VcdHeader::constants() const {
    std::vector<bool> constant(values.size(), false);
    for (const VcdVariable& variable : variables)
        if (variable.is_constant())
            constant[variable.code] = true;
    return constant;
}

std::string VcdHeader::path_of(std::uint32_t scope) const {
    Levels levels;
    for (; scope != VcdScope::none; scope = scopes[scope].parent)
        levels.emplace_back(scopes[scope].name);
    std::reverse(levels.begin(), levels.end());
    return joined(levels);
}

std::string VcdHeader::full_name(const VcdVariable& variable) const {
    std::string name = path_of(variable.scope);
    append_level(name, variable.name);
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
    for (;;) {
        const std::string_view word = next_word();
        if (word.empty())
            in_.fail("the file ends in its header, expected $enddefinitions; is it cut off?");
        if (word == "$enddefinitions")
            break;
        if (!read_section(word))
            in_.problem(
                shown(word) +
                " in the header, expected a section such as $var, $scope or $enddefinitions; is this a VCD file?");
    }
    if (!open_.empty())
        in_.problem(
            fmt::format("{} scopes are still open, expected $upscope for each before $enddefinitions", open_.size()));
    if (const std::string_view word = in_.word(); word != "$end") {
        in_.problem("$enddefinitions without $end");
        pending_ = word;
    }
    if (!header_.has_timescale)
        in_.remark(0, "the header has no $timescale, expected one; 1 ps is taken");
}

/// False: the word begins no section.
bool VcdReader::read_section(std::string_view word) {
    if (word == "$var")
        read_variable();
    else if (word == "$scope")
        open_scope();
    else if (word == "$upscope")
        close_scope();
    else if (word == "$timescale")
        read_time_scale();
    else if (word == "$date")
        header_.date = text_to_end("$date");
    else if (word == "$version")
        header_.version = text_to_end("$version");
    else if (word.front() == '$' && word != "$end")
        skip_section();
    else
        return false;
    return true;
}

/// The word that was read ahead, or the next one; empty at the end of the file.
std::string_view VcdReader::next_word() {
    if (pending_.empty())
        return in_.word();
    held_.swap(pending_);
    pending_.clear();
    return held_;
}

/// The next word of a section of the header; empty: the section has ended.
std::string_view VcdReader::section_word(const char* section) {
    for (;;) {
        const std::string_view word = in_.word();
        if (word.empty())
            in_.fail(fmt::format("the file ends in {}, expected $end; is it cut off?", section));
        if (word == "$end")
            return {};
        if (begins_section(word)) {
            in_.problem(fmt::format("{} without $end before {}", section, word));
            pending_ = word;
            return {};
        }
        if (word != "$comment")
            return word;
        skip_section();
    }
}

void VcdReader::skip_section() {
    for (std::string_view word = in_.word(); word != "$end"; word = in_.word())
        if (word.empty())
            return in_.problem("the file ends in a section, expected $end; is it cut off?");
}

std::string VcdReader::text_to_end(const char* section) {
    constexpr std::size_t longest = 65536;
    std::string text;
    for (std::string_view word = section_word(section); !word.empty(); word = section_word(section))
        if (text.size() + word.size() < longest)
            (text += text.empty() ? "" : " ") += word;
    return text;
}

void VcdReader::read_time_scale() {
    const std::string text = text_to_end("$timescale");
    const std::optional<FileUnit> unit = parse_time_scale(text);
    if (!unit)
        in_.fail("time scale " + shown(text) + ", expected 1, 10 or 100 and a unit from s to fs, e.g. `1ps`");
    if (header_.has_timescale)
        return in_.problem("a second $timescale, expected one; the first counts");
    header_.timescale = unit->scale;
    header_.has_timescale = true;
    factor_ = unit->factor;
    if (!unit->usual)
        in_.problem(fmt::format("time scale {}, expected 1, 10 or 100 and a unit from s to fs; times are taken in {}",
                                shown(text), unit->scale.text()));
}

/// Against headers without end.
void VcdReader::count_name() {
    if (header_.scopes.size() + header_.variables.size() >= limits_.names)
        in_.fail(fmt::format("more than {} scopes and variables; take fewer signals into the file", limits_.names));
}

void VcdReader::open_scope() {
    if (open_.size() >= limits_.depth)
        in_.fail(fmt::format("more than {} scopes in each other", limits_.depth));
    count_name();
    VcdScope scope;
    scope.type = section_word("$scope");
    if (!scope.type.empty())
        scope.name = text_to_end("$scope");
    if (scope.name.empty()) {
        in_.problem("$scope without a name, expected `$scope module NAME $end`; it is called `unnamed`");
        scope.name = "unnamed";
    }
    if (is_escaped(scope.name))
        scope.name.erase(0, 1);
    scope.parent = open_.empty() ? VcdScope::none : open_.back();
    open_.push_back(static_cast<std::uint32_t>(header_.scopes.size()));
    header_.scopes.push_back(std::move(scope));
}

void VcdReader::close_scope() {
    if (open_.empty())
        in_.problem("$upscope outside all scopes");
    else
        open_.pop_back();
    text_to_end("$upscope");
}

void VcdReader::read_variable() {
    count_name();
    VcdVariable variable;
    variable.scope = open_.empty() ? VcdScope::none : open_.back();
    variable.line = in_.line();
    std::vector<std::string> words;
    std::size_t length = 0;
    for (std::string_view word = section_word("$var"); !word.empty(); word = section_word("$var")) {
        length += word.size();
        if (words.size() > 64 || length > 65536)
            in_.fail("a name of more than 65536 characters or 64 words; does $var lack its $end?");
        // A range may be in pieces: "[7 : 0]".
        const bool in_brackets = words.size() > 3 && words.back().find('[') != std::string::npos &&
                                 words.back().find(']') == std::string::npos;
        if (in_brackets)
            words.back() += word;
        else
            words.emplace_back(word);
    }
    if (words.size() >= 3 && words[0] == "port" && is_port_code(words[2]))
        in_.fail("a variable of type port: the extended form of VCD ($dumpports) is not read; dump with $dumpvars");
    if (words.size() < 4)
        in_.problem("$var without a name, expected `$var TYPE WIDTH CODE NAME [RANGE] $end`");
    if (words.size() < 3)
        return;
    variable.type = words[0];
    const VcdValue value = read_value(variable, words[1]);
    variable.code = declare(words[2], value);
    if (words.size() < 4 || variable.code == no_code)
        return;
    words.erase(words.begin(), words.begin() + 3);
    take_name(variable, words, value.width);
    header_.variables.push_back(std::move(variable));
}

/// The value of a variable whose width is given as `size`.
VcdValue VcdReader::read_value(const VcdVariable& variable, std::string_view size) {
    VcdValue value;
    if (variable.type == "real" || variable.type == "realtime" || variable.type == "real_parameter" ||
        variable.type == "shortreal")
        value.kind = VcdValue::Kind::real;
    else if (variable.type == "string")
        value.kind = VcdValue::Kind::text;
    if (value.kind != VcdValue::Kind::bits) {
        value.width = 64;
        return value;
    }
    const auto [end, trouble] = std::from_chars(size.data(), size.data() + size.size(), value.width);
    const bool whole = trouble == std::errc() && end == size.data() + size.size();
    if (whole && value.width >= 1 && value.width <= limits_.width)
        return value;
    in_.problem(fmt::format("width {} of a {}, expected 1 to {} bits; its values are skipped", shown(size),
                            shown(variable.type), limits_.width));
    value.kind = VcdValue::Kind::none;
    value.width = 0;
    return value;
}

/// The number of a value; no_code: the code is that of another one.
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
    if (known.kind == value.kind && known.width == value.width)
        return entry->second;
    in_.problem(known.kind != value.kind
                    ? fmt::format("identifier code {} is declared again with another type", shown(code))
                    : fmt::format("identifier code {} is declared again with {} bits, first with {}", shown(code),
                                  value.width, known.width));
    return no_code;
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

/// no_code: there is none.
std::uint32_t VcdReader::number_of(std::string_view code) {
    if (code.size() <= longest_short_code_) {
        std::size_t number = 0;
        bool printable = true;
        for (char c : code) {
            printable = printable && c > ' ' && c <= '~';
            number = number * 95 + static_cast<unsigned char>(c) - ' ';
        }
        if (printable && short_codes_[number] != no_code)
            return short_codes_[number];
    }
    if (codes_.empty())
        return no_code;
    scratch_.assign(code);
    const auto entry = codes_.find(scratch_);
    return entry == codes_.end() ? no_code : entry->second;
}

/// The value that a change is of. False: there is none, or it is of another kind, which `what` says.
bool VcdReader::find(std::string_view code, VcdValue::Kind kind, const char* what) {
    change_.code = number_of(code);
    if (change_.code == no_code) {
        in_.problem(code.empty() ? "a value without identifier code, expected one right behind it"
                                 : "identifier code " + shown(code) + " is not declared by any $var");
        return false;
    }
    const VcdValue::Kind declared = header_.values[change_.code].kind;
    if (declared == kind)
        return true;
    if (declared != VcdValue::Kind::none)
        in_.problem(fmt::format("{} for a variable that is a {}", what,
                                declared == VcdValue::Kind::real   ? "real, expected `r`"
                                : declared == VcdValue::Kind::text ? "string, expected `s`"
                                                                   : "number of bits, expected `b`"));
    return false;
}

VcdReader::Event VcdReader::next() {
    for (;;) {
        const std::string_view word = next_word();
        if (word.empty()) {
            if (dump_ != nullptr)
                in_.problem(fmt::format("the file ends in {}, expected $end; is it cut off?", dump_));
            dump_ = nullptr;
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
        if (dump_ == nullptr) {
            in_.problem("$end outside a section");
            return Event::change;
        }
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
                in_.problem(fmt::format("{} inside {}, expected $end first", name, dump_));
            dump_ = name;
            return event;
        }
    if (word.substr(0, 10) == "$dumpports")
        in_.fail(shown(word) + ": the extended form of VCD is not read; dump with $dumpvars");
    if (begins_section(word))
        in_.problem(shown(word) + " behind $enddefinitions");
    skip_section();
    return Event::change;
}

bool VcdReader::read_time(std::string_view digits) {
    std::uint64_t time = 0;
    const auto [end, trouble] = std::from_chars(digits.data(), digits.data() + digits.size(), time);
    if (trouble == std::errc::result_out_of_range || __builtin_mul_overflow(time, factor_, &time) ||
        time == ~std::uint64_t{0}) {
        in_.problem("time " + shown(digits) + " is too large, expected less than 2^64 - 1");
        return false;
    }
    if (trouble != std::errc() || end != digits.data() + digits.size()) {
        in_.problem("time " + shown(digits) + ", expected a whole number of at least 0 right behind `#`");
        return false;
    }
    if (has_time_ && time < time_) {
        in_.problem(fmt::format("time goes back from {} to {}", time_, time));
        return false;
    }
    has_time_ = true;
    time_ = time;
    return true;
}

bool VcdReader::read_scalar(std::string_view word) {
    const std::uint8_t digit = digit_of(word.front());
    if (digit == no_digit) {
        in_.problem(shown(word) + ", expected a time (#), a value (0, 1, x, z, b, r) or a section ($)");
        return false;
    }
    if (!find(word.substr(1), VcdValue::Kind::bits, "a bit"))
        return false;
    value_[0] = digit & 1u;
    unknown_[0] = digit >> 1;
    fit(1, digit);
    return true;
}

bool VcdReader::read_vector(std::string_view digits) {
    const std::size_t count = digits.size(), room = 64 * value_.size();
    const std::uint8_t first = count > 0 ? digit_of(digits.front()) : no_digit;
    // Words are filled before the code is known: reading it may move the text.
    const bool whole = parse_digits(count > room ? digits.substr(count - room) : digits) && first != no_digit;
    std::string odd;
    if (!whole)
        odd = count == 0 ? "`b` without digits, expected a binary number"
                         : "value " + shown(digits) + ", expected digits 0, 1, x, z";
    if (!find(in_.word(), VcdValue::Kind::bits, "a binary value"))
        return false;
    if (!whole) {
        in_.problem(odd);
        return false;
    }
    const std::uint32_t width = header_.values[change_.code].width;
    if (count > width) {
        overlong_.resize(header_.values.size());
        if (!overlong_[change_.code])
            in_.problem(fmt::format("a value of {} bits for a variable of {}; its lower bits are taken, here and later",
                                    count, width));
        overlong_[change_.code] = true;
    }
    fit(count, first);
    return true;
}

/// Into the planes of the change, at most as many as they have room for. False: not all are digits.
bool VcdReader::parse_digits(std::string_view digits) {
    const char* end = digits.data() + digits.size();
    for (std::size_t w = 0; end > digits.data(); ++w) {
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
                return false;
            value = value << 1 | (digit & 1u);
            unknown = unknown << 1 | digit >> 1;
        }
        value_[w] = value;
        unknown_[w] = unknown;
        end = begin;
    }
    return true;
}

/// Makes `digits` bits, of which the highest is `first`, as wide as the variable. IEEE 1364-2005, 18.2.1: shorter values are
/// extended to the left, by 0 when they begin with 1.
void VcdReader::fit(std::size_t digits, std::uint8_t first) {
    const VcdValue& target = header_.values[change_.code];
    const std::uint64_t top = target.width % 64 == 0 ? ~std::uint64_t{0} : (std::uint64_t{1} << target.width % 64) - 1;
    for (std::size_t w = (digits + 63) / 64; w < target.words(); ++w)
        value_[w] = unknown_[w] = 0;
    if (digits > target.width) {
        value_[target.words() - 1] &= top;
        unknown_[target.words() - 1] &= top;
    }
    if (first < 2 || digits >= target.width)
        return;
    for (std::size_t w = digits / 64; w < target.words(); ++w) {
        std::uint64_t mask = w == target.words() - 1 ? top : ~std::uint64_t{0};
        if (w == digits / 64)
            mask &= ~std::uint64_t{0} << digits % 64;
        unknown_[w] |= mask;
        if (first == 3)
            value_[w] |= mask;
    }
}

bool VcdReader::read_real(std::string_view number) {
    if (!number.empty() && number.front() == '+')
        number.remove_prefix(1);
    const auto [end, trouble] = std::from_chars(number.data(), number.data() + number.size(), change_.real);
    std::string odd;
    if (trouble == std::errc::invalid_argument || end != number.data() + number.size())
        odd = "value " + shown(number) + ", expected a real number";
    if (trouble == std::errc::result_out_of_range) {
        scratch_.assign(number);
        change_.real = std::strtod(scratch_.c_str(), nullptr);
    }
    if (!find(in_.word(), VcdValue::Kind::real, "a real value"))
        return false;
    if (!odd.empty())
        in_.problem(odd);
    return odd.empty();
}

bool VcdReader::skip_text() { return find(in_.word(), VcdValue::Kind::text, "a text"); }

}  // namespace xloop::trace
