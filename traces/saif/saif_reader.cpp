#include "traces/saif/saif_reader.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <tuple>
#include <utility>

namespace xloop::trace {
namespace {

constexpr int deepest = 256;
constexpr std::size_t longest_token = 65536;
/// Memory that nets and instances may take.
constexpr std::size_t most_bytes = std::size_t{1} << 32;

struct Token {
    enum class Kind : std::uint8_t { open, close, text, quoted, end };
    Kind kind = Kind::end;
    std::string text;
    std::vector<std::size_t> dividers;  ///< where in a text the file's divider stands without a backslash
};

std::string capitals(std::string text) {
    for (char& c : text)
        c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    return text;
}

class Parser {
public:
    explicit Parser(TextInput& in) : in_(in) { advance(); }

    SaifFile parse() {
        expect(Token::Kind::open, "(SAIFILE; is this a SAIF file?");
        if (token_.kind != Token::Kind::text || capitals(token_.text) != "SAIFILE")
            fail("expected SAIFILE behind the first parenthesis; is this a SAIF file?");
        advance();
        while (token_.kind != Token::Kind::close && !ends_without_parenthesis()) {
            expect(Token::Kind::open, "a group in parentheses");
            const std::string key = keyword();
            if (key == "INSTANCE")
                instance(file_.instances, 1);
            else
                header_field(key);
        }
        advance();
        if (token_.kind != Token::Kind::end)
            in_.problem(fmt::format("{} behind the end of SAIFILE, expected nothing", shown()));
        finish();
        return std::move(file_);
    }

private:
    [[noreturn]] void fail(const std::string& what) const { in_.fail(what); }

    /// Only the last parenthesis may be missing: then all nets are there.
    bool ends_without_parenthesis() const {
        const bool ends = token_.kind == Token::Kind::end && !file_.instances.empty();
        if (ends)
            in_.problem("the file ends before the last `)`; is it cut off?");
        return ends;
    }

    /// Times in units that all tools know, names that come once.
    void finish() {
        if (factor_ != 1) {
            multiply(file_.header.duration);
            for (SaifInstance& instance : file_.instances)
                multiply(instance);
        }
        file_.merge_repeats(in_);
    }

    void multiply(std::uint64_t& time) const {
        if (__builtin_mul_overflow(time, factor_, &time))
            throw InputError(fmt::format("{}: times of 2^64 {} and more", in_.name(), file_.timescale().text()));
    }

    void multiply(SaifInstance& instance) const {
        for (SaifNet& net : instance.nets)
            for (std::uint64_t* time : {&net.counts.t0, &net.counts.t1, &net.counts.tx, &net.counts.tz, &net.tb})
                multiply(*time);
        for (SaifInstance& child : instance.children)
            multiply(child);
    }

    /// Before memory for nets and instances is taken.
    void take_bytes(std::size_t bytes) {
        if ((bytes_ += bytes) > most_bytes)
            fail(fmt::format("nets and instances take more than {} bytes; take fewer signals into the file",
                             most_bytes));
    }

    std::string shown() const {
        switch (token_.kind) {
        case Token::Kind::open: return "`(`";
        case Token::Kind::close: return "`)`";
        case Token::Kind::end: return "the end of the file";
        default: return "`" + token_.text.substr(0, 40) + "`";
        }
    }

    void expect(Token::Kind kind, const char* expected) {
        if (token_.kind != kind)
            fail(fmt::format("{}, expected {}{}", shown(), expected,
                             token_.kind == Token::Kind::end ? "; is the file cut off?" : ""));
        advance();
    }

    std::string keyword() {
        if (token_.kind != Token::Kind::text)
            fail(shown() + ", expected a keyword behind `(`");
        std::string key = capitals(std::move(token_.text));
        advance();
        return key;
    }

    void close() { expect(Token::Kind::close, "`)`"); }

    void advance() {
        token_.text.clear();
        token_.dividers.clear();
        skip_blanks_and_comments();
        const int c = in_.get();
        if (c < 0)
            token_.kind = Token::Kind::end;
        else if (c == '(')
            token_.kind = Token::Kind::open;
        else if (c == ')')
            token_.kind = Token::Kind::close;
        else if (c == '"')
            read_quoted();
        else
            read_text(c);
    }

    void skip_blanks_and_comments() {
        for (int c = in_.peek(); c >= 0; c = in_.peek()) {
            if (c == 0)
                fail("a zero byte, expected text");
            if (c <= ' ')
                in_.get();
            else if (c != '/' || !at_comment())
                return;
            else if (in_.goes_on_with("//"))
                while (in_.peek() >= 0 && in_.get() != '\n') {
                }
            else
                skip_comment();
        }
    }

    bool at_comment() { return in_.peek() == '/' && (in_.goes_on_with("//") || in_.goes_on_with("/*")); }

    void skip_comment() {
        in_.get();
        for (in_.get(); !in_.goes_on_with("*/"); in_.get())
            if (in_.peek() < 0)
                fail("the file ends in a comment, expected `*/`");
        in_.get();
        in_.get();
    }

    void read_quoted() {
        token_.kind = Token::Kind::quoted;
        for (int c = in_.get(); c != '"'; c = in_.get()) {
            if (c == '\\' && (in_.peek() == '"' || in_.peek() == '\\'))
                c = in_.get();
            if (c < 0)
                fail("the file ends in a quoted text, expected `\"`");
            append(c);
        }
    }

    /// A backslash makes any character part of the name: data\[3\] is bit 3 of data, as data[3] is.
    void read_text(int c) {
        token_.kind = Token::Kind::text;
        for (;; c = in_.get()) {
            if (c == '\\' && in_.peek() >= ' ')
                c = in_.get();
            else if (c == file_.divider)
                token_.dividers.push_back(token_.text.size());
            append(c);
            const int following = in_.peek();
            if (following <= ' ' || following == '(' || following == ')' || following == '"' || at_comment())
                return;
        }
    }

    void append(int c) {
        if (token_.text.size() >= longest_token)
            fail(fmt::format("a name or text of more than {} characters", longest_token));
        token_.text += static_cast<char>(c);
    }

    bool at_text() const { return token_.kind == Token::Kind::text || token_.kind == Token::Kind::quoted; }

    std::string name(const char* what) {
        if (!at_text() || token_.text.empty())
            fail(fmt::format("{}, expected {}", shown(), what));
        std::string text = std::move(token_.text);
        advance();
        return text;
    }

    /// The rest of a group whose parenthesis and keyword are read.
    void skip_group() {
        for (std::uint64_t depth = 1; depth > 0; advance()) {
            if (token_.kind == Token::Kind::end)
                fail("the file ends in a group, expected `)`; is it cut off?");
            if (token_.kind == Token::Kind::open)
                ++depth;
            if (token_.kind == Token::Kind::close)
                --depth;
        }
    }

    /// Some tools write fractions and exponents; the nearest whole number is taken.
    std::uint64_t number(const std::string& what) {
        if (!at_text())
            fail(fmt::format("{}, expected the number of {}", shown(), what));
        const std::string& text = token_.text;
        std::uint64_t value = 0;
        const char *const first = text.data() + (text.substr(0, 1) == "+"), *const last = text.data() + text.size();
        auto [end, problem] = std::from_chars(first, last, value);
        if (problem != std::errc() || end != last) {
            double decimal = -1;
            std::tie(end, problem) = number_of(first, last, decimal);
            const bool good = problem == std::errc() && end == last && decimal >= 0 && decimal < 0x1p64;
            if (!good)
                in_.problem(
                    fmt::format("{} {}, expected a number from 0 to less than 2^64; 0 is taken", what, shown()));
            value = good ? static_cast<std::uint64_t>(std::round(decimal)) : 0;
            file_.approximate = file_.approximate || text.find_first_of("eE") != std::string::npos ||
                                (good && decimal != std::floor(decimal));
        }
        advance();
        return value;
    }

    static std::pair<const char*, std::errc> number_of(const char* first, const char* last, double& value) {
        const auto [end, problem] = std::from_chars(first, last, value);
        return {end, problem};
    }

    /// The rest of a group of which all that matters is read.
    void close_field(const std::string& key) {
        if (token_.kind != Token::Kind::close)
            in_.problem(fmt::format("{}: {}, expected `)`; it is skipped", key, shown()));
        skip_group();
    }

    void header_field(const std::string& key) {
        if (file_.has(key)) {
            in_.problem(fmt::format("{} comes twice, expected it once; the first counts", key));
            skip_group();
            return;
        }
        remember(key);
        SaifHeader& header = file_.header;
        if (key == "DIRECTION") {
            if (capitals(name("\"backward\"")) != "BACKWARD")
                fail("only files of direction \"backward\" hold activity; expected (DIRECTION \"backward\")");
        } else if (key == "DESIGN" || key == "DATE" || key == "PROGRAM_NAME" || key == "VERSION") {
            std::string& field = key == "DESIGN"    ? header.design
                                 : key == "DATE"    ? header.date
                                 : key == "VERSION" ? header.version
                                                    : header.program;
            if (at_text())
                field = std::move(token_.text);
            skip_group();
            return;
        } else if (key == "DIVIDER") {
            const std::string divider = name("/ or .");
            if (divider.size() == 1)
                file_.divider = divider.front();
            else
                in_.problem("DIVIDER `" + divider.substr(0, 40) + "`, expected one character; / is taken");
        } else if (key == "DURATION") {
            header.duration = number(key);
        } else if (key == "TIMESCALE") {
            time_scale();
        } else {
            skip_group();
            return;
        }
        close_field(key);
    }

    void remember(const std::string& key) {
        if (file_.fields.size() >= 1000)
            fail("more than 1000 fields before the end of SAIFILE");
        file_.fields.push_back(key);
    }

    void time_scale() {
        std::string text = name("a time scale, e.g. 1 ps");
        if (at_text())
            text += name("a unit");
        const std::optional<FileUnit> unit = parse_time_scale(text);
        const std::string expected = "TIMESCALE `" + text.substr(0, 40) +
                                     "`, expected 1, 10 or 100 and a unit from s to fs, e.g. (TIMESCALE 1 ps)";
        if (!unit)
            fail(expected);
        file_.header.timescale_value = unit->scale.value;
        file_.header.timescale_unit = unit->scale.unit;
        factor_ = unit->factor;
        if (!unit->usual)
            in_.problem(expected + "; times are taken in " + unit->scale.text());
    }

    /// `INSTANCE` is read. A divider without backslash in its name stands between instances.
    void instance(std::vector<SaifInstance>& into, int depth) {
        if (depth > deepest)
            fail(fmt::format("more than {} instances in each other", deepest));
        const std::uint64_t line = in_.line();
        Token path = token_;
        name("the name of an instance");
        if (at_text()) {  // the first word was the type
            path = token_;
            name("the name of an instance");
        }
        std::vector<SaifInstance>* place = &into;
        SaifInstance* inner = nullptr;
        std::size_t begin = 0;
        path.dividers.push_back(path.text.size());
        for (std::size_t end : path.dividers) {
            const std::string level = path.text.substr(begin, end - begin);
            begin = end + 1;
            if (level.empty())
                continue;
            ++depth;
            take_bytes(sizeof(SaifInstance) + level.size());
            place->emplace_back();
            place->back().name = level;
            place->back().line = line;
            inner = &place->back();
            place = &inner->children;
        }
        if (inner == nullptr)
            fail("expected the name of an instance");
        body(*inner, depth);
    }

    void body(SaifInstance& result, int depth) {
        while (token_.kind != Token::Kind::close) {
            expect(Token::Kind::open, "`)` or a group such as (NET or (INSTANCE");
            const std::string key = keyword();
            if (key == "INSTANCE")
                instance(result.children, depth);
            else if (key == "NET" || key == "PORT")
                nets(result.nets);
            else
                skip_group();
        }
        close();
    }

    void nets(std::vector<SaifNet>& into) {
        while (token_.kind != Token::Kind::close) {
            expect(Token::Kind::open, "`)` or a net in parentheses");
            SaifNet net;
            net.line = in_.line();
            const std::string text = name("the name of a net");
            const auto [base, bit] = split_bit(text);
            net.name = base;
            net.bit = bit;
            while (token_.kind != Token::Kind::close) {
                expect(Token::Kind::open, "`)` or a count such as (T0 5)");
                count(net);
            }
            close();
            take_bytes(sizeof(SaifNet) + net.name.size());
            into.push_back(std::move(net));
        }
        close();
    }

    void count(SaifNet& net) {
        const std::string key = keyword();
        SaifCounts& counts = net.counts;
        std::uint64_t* const field = key == "T0"   ? &counts.t0
                                     : key == "T1" ? &counts.t1
                                     : key == "TX" ? &counts.tx
                                     : key == "TZ" ? &counts.tz
                                     : key == "TB" ? &net.tb
                                     : key == "TC" ? &counts.tc
                                     : key == "IG" ? &counts.ig
                                                   : nullptr;
        if (field == nullptr) {
            skip_group();
            return;
        }
        *field = number(key);
        close_field(key);
    }

    TextInput& in_;
    Token token_;
    SaifFile file_;
    std::uint64_t factor_ = 1;  ///< of the times in the file
    std::size_t bytes_ = 0;
};

}  // namespace

SaifFile read_saif(TextInput& in) { return Parser(in).parse(); }

}  // namespace xloop::trace
