#pragma once

#include "traces/text/text_input.hpp"
#include "traces/text/time_scale.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace xloop::trace {

struct VcdScope {
    static constexpr std::uint32_t none = ~std::uint32_t{0};
    std::string type, name;
    std::uint32_t parent = none;
};

/// A name of a value. Several may share one.
struct VcdVariable {
    std::string type, name;  ///< "wire"; without its range
    std::uint32_t scope = VcdScope::none;
    std::uint32_t code = 0;   ///< index of its value in VcdHeader::values
    bool ranged = false;      ///< has a range or a bit select; then:
    int left = 0, right = 0;  ///< [left:right], equal for a bit select
    std::uint64_t line = 0;

    /// Whether it is a net or a register: no event, parameter, number of a program or text.
    bool is_net() const;
    /// Whether it never changes.
    bool is_constant() const { return type == "parameter" || type == "real_parameter"; }
    /// The number of the bit that is `position` bits above the lowest one.
    int bit(std::uint32_t position) const {
        const int distance = static_cast<int>(position);
        return left >= right ? right + distance : right - distance;
    }
};

struct VcdValue {
    /// none: a variable that is declared in a way that leaves it no value; what is said of it is skipped.
    enum class Kind : std::uint8_t { bits, real, text, none };
    Kind kind = Kind::bits;
    std::uint32_t width = 1;  ///< bits

    std::size_t words() const { return (std::size_t{width} + 63) / 64; }
};

struct VcdHeader {
    TimeScale timescale;  ///< of the times that the reader gives
    bool has_timescale = false;
    std::string date, version;
    std::vector<VcdScope> scopes;  ///< parents before those within
    std::vector<VcdVariable> variables;
    std::vector<VcdValue> values;

    /// For each value whether it is that of a parameter.
    std::vector<bool> constants() const;
    /// "chip.tile_0_1", as append_level() writes it; empty outside all scopes.
    std::string path_of(std::uint32_t scope) const;
    /// "chip.tile_0_1.data[7:0]"
    std::string full_name(const VcdVariable& variable) const;
};

/// A new value. The bits are in two planes of 64-bit words, least significant first: 0 is value 0 and unknown 0, 1 is 1 and 0,
/// z is 0 and 1, x is 1 and 1; bits above the width are 0 in both.
struct VcdChange {
    std::uint32_t code = 0;
    const std::uint64_t* value = nullptr;
    const std::uint64_t* unknown = nullptr;
    double real = 0;  ///< of a value of kind real, in place of bits
};

/// Reads a value change dump (IEEE 1364-2005, clause 18; without its extended form) event by event. Where the file is no such
/// dump, or is cut off in its header, there is an InputError with line and column. What else is odd costs no more than itself:
/// it is a TextInput::problem. Names are without the backslash of escaped identifiers.
class VcdReader {
public:
    enum class Event : std::uint8_t { time, change, dump_vars, dump_all, dump_off, dump_on, dump_end, end };
    struct Limits {
        std::uint32_t width = 1u << 20;  ///< bits of one value
        std::uint64_t bits = 1u << 26;   ///< of all values
        std::size_t depth = 256;         ///< scopes in scopes
        std::size_t names = 1u << 24;    ///< scopes and variables
    };

    /// Reads the header.
    explicit VcdReader(TextInput& in) : VcdReader(in, Limits()) {}
    VcdReader(TextInput& in, const Limits& limits);

    const VcdHeader& header() const { return header_; }
    /// The next event; after the end always `end`.
    Event next();
    /// Of the last event, in units of the time scale; 0 before the first time.
    std::uint64_t time() const { return time_; }
    /// Valid until the next event.
    const VcdChange& change() const { return change_; }

private:
    void read_header();
    bool read_section(std::string_view word);
    void read_time_scale();
    void open_scope();
    void close_scope();
    void read_variable();
    std::string variable_name(std::vector<std::string>& words);
    VcdValue read_value(const VcdVariable& variable, std::string_view size);
    std::uint32_t declare(std::string_view code, const VcdValue& value);
    void count_name();

    std::string_view next_word();
    std::string_view section_word(const char* section);
    std::string text_to_end(const char* section);
    void skip_section();

    Event keyword(std::string_view word);
    bool read_time(std::string_view digits);
    bool read_scalar(std::string_view word);
    bool read_vector(std::string_view digits);
    bool parse_digits(std::string_view digits);
    bool read_real(std::string_view number);
    bool skip_text();
    bool find(std::string_view code, VcdValue::Kind kind, const char* what);
    std::uint32_t number_of(std::string_view code);
    void fit(std::size_t digits, std::uint8_t first);
    void index_codes();

    TextInput& in_;
    Limits limits_;
    VcdHeader header_;
    std::vector<std::uint32_t> open_;  ///< scopes
    std::string pending_, held_;       ///< a word that was read ahead; the one that was taken last
    std::uint64_t factor_ = 1;         ///< of the times in the file
    std::unordered_map<std::string, std::uint32_t> codes_;
    std::uint64_t bits_ = 0;
    /// Short codes of printable characters as numbers of base 95.
    std::vector<std::uint32_t> short_codes_;
    std::size_t longest_short_code_ = 0;

    std::uint64_t time_ = 0;
    bool has_time_ = false;
    const char* dump_ = nullptr;  ///< "$dumpvars" while inside of it
    VcdChange change_;
    std::vector<std::uint64_t> value_, unknown_;  ///< planes of change_
    std::vector<bool> overlong_;                  ///< codes of which a value was too long
    std::string scratch_;
};

}  // namespace xloop::trace
