#include "apps/page/page.hpp"

#include <fmt/format.h>
#include <cctype>
#include <set>

namespace xloop::page {
namespace {

constexpr std::size_t most_rows = 30;  ///< of a table; longer ones scroll in their place

/// Writes the parts of a page in their order and collects what the script draws.
class Writer {
public:
    std::string write(const Page& page);

private:
    void heading(int level, const std::string& title, bool linked);
    void section(const Section& section, int level);
    void figure(const Figure& figure);
    /// A name for an anchor, unlike all others.
    std::string anchor(const std::string& title);

    std::string body_, contents_;
    Json drawings_ = Json::array();
    std::set<std::string> anchors_ = {"drawings", "contents"};
};

std::string Writer::anchor(const std::string& title) {
    std::string name;
    for (const char c : title)
        if (std::isalnum(static_cast<unsigned char>(c)))
            name += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        else if (!name.empty() && name.back() != '-')
            name += '-';
    if (name.empty())
        name = "part";
    std::string unique = name;
    for (int i = 2; !anchors_.insert(unique).second; ++i)
        unique = fmt::format("{}-{}", name, i);
    return unique;
}

void Writer::heading(int level, const std::string& title, bool linked) {
    const std::string name = anchor(title);
    body_ += fmt::format(
        "<h{0} id=\"{1}\">{2} <a class=\"anchor\" href=\"#{1}\" aria-label=\"link to this part\">#</a></h{0}>\n", level,
        name, escaped(title));
    if (linked)
        contents_ += fmt::format("<li class=\"level{}\"><a href=\"#{}\">{}</a></li>\n", level, name, escaped(title));
}

void Writer::figure(const Figure& figure) {
    const std::string title = escaped(figure.title), words = escaped(figure.words);
    const std::string caption =
        fmt::format("<figcaption><strong>{}</strong>{}</figcaption>", title, words.empty() ? "" : " " + words);
    if (figure.kind == "picture") {
        body_ += fmt::format("<figure class=\"picture\">{}<img alt=\"{}\" src=\"data:image/png;base64,{}\"></figure>\n",
                             caption, title, figure.data.at("png").get<std::string>());
        return;
    }
    body_ += fmt::format(
        "<figure class=\"{}\" data-drawing=\"{}\">{}<div class=\"plot\" role=\"group\" aria-label=\"{}; the numbers "
        "are in "
        "a table of this part\"></div></figure>\n",
        figure.kind, drawings_.size(), caption, title);
    drawings_.push_back({{"kind", figure.kind}, {"title", figure.title}, {"data", figure.data}});
}

void Writer::section(const Section& section, int level) {
    if (section.folded)
        body_ += fmt::format("<details><summary>{}</summary>\n", escaped(section.title));
    else
        heading(level, section.title, level < 4);
    for (const std::string& words : section.words)
        body_ += fmt::format("<p>{}</p>\n", escaped(words));
    if (!section.notes.empty()) {
        body_ += "<ul>\n";
        for (const std::string& note : section.notes)
            body_ += fmt::format("<li>{}</li>\n", escaped(note));
        body_ += "</ul>\n";
    }
    for (const Figure& one : section.figures)
        figure(one);
    for (const Table& table : section.tables)
        if (!table.rows.empty())
            body_ += fmt::format("<div class=\"wide{}\" tabindex=\"0\" role=\"region\" aria-label=\"{}\">{}</div>\n",
                                 table.rows.size() > most_rows ? " long" : "", escaped(table.name), table.html());
    for (const Section& part : section.parts)
        this->section(part, level + 1);
    if (section.folded)
        body_ += "</details>\n";
}

std::string Writer::write(const Page& page) {
    for (const Section& one : page.sections)
        section(one, 2);
    std::string summary;
    for (const std::string& words : page.words)
        summary += fmt::format("<p>{}</p>\n", escaped(words));
    const char* no_charts =
        chart_library.empty()
            ? "<p class=\"lack\">This build of xloop has no library of charts: install the Debian package "
              "libjs-chart.js and build again. Tables, floor plans and Gantt charts are here.</p>\n"
            : "";
    std::string text =
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
        // Nothing is fetched, whatever a result holds.
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; "
        "style-src 'unsafe-inline'; script-src 'unsafe-inline'\">\n";
    text += fmt::format("<title>{}</title>\n<style>\n{}</style>\n</head>\n<body>\n<header>\n<h1>{}</h1>\n{}",
                        escaped(page.title), page_style, escaped(page.title), summary);
    text +=
        "<noscript><p class=\"lack\">Charts, floor plans and sorting need JavaScript, which is off here. All numbers "
        "are in the "
        "tables.</p></noscript>\n";
    text += fmt::format(
        "{}</header>\n<nav id=\"contents\" aria-label=\"contents\"><ul>\n{}</ul></nav>\n<main>\n{}</main>\n", no_charts,
        contents_, body_);
    text += fmt::format("<footer><p>{}</p></footer>\n", escaped(page.foot));
    text += "<script type=\"application/json\" id=\"drawings\">" + script_json(drawings_) + "</script>\n";
    if (!chart_library.empty())
        text += fmt::format("<script>\n{}\n</script>\n", chart_library);
    return text + fmt::format("<script>\n{}</script>\n</body>\n</html>\n", page_script);
}

}  // namespace

std::string html(const Page& page) { return Writer().write(page); }

std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : text)
        switch (c) {
        case '&': out += "&amp;"; break;
        case '<': out += "&lt;"; break;
        case '>': out += "&gt;"; break;
        case '"': out += "&quot;"; break;
        default: out += c;
        }
    return out;
}

std::string script_json(const Json& json) {
    // In JSON `<` stands in texts alone, so that its escape means the same.
    std::string out;
    for (const char c : json.dump(-1, ' ', false, Json::error_handler_t::replace))
        out += c == '<' ? std::string("\\u003c") : std::string(1, c);
    return out;
}

std::string base64(std::string_view bytes) {
    constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        unsigned value = 0;
        for (std::size_t j = i; j < i + 3; ++j)
            value = value << 8 | (j < bytes.size() ? static_cast<unsigned char>(bytes[j]) : 0u);
        for (int digit = 0; digit < 4; ++digit)
            out += i + digit > bytes.size() ? '=' : digits[value >> (18 - 6 * digit) & 63];
    }
    return out;
}

}  // namespace xloop::page
