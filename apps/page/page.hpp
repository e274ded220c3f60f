#pragma once

#include "core/json.hpp"
#include "core/table.hpp"

#include <string>
#include <string_view>
#include <vector>

/// A page of results as values, and the one place that turns it into HTML.
namespace xloop::page {

/// Something to look at. All kinds but `picture` are drawn in the browser, by the function of that name in assets/page.js.
struct Figure {
    std::string kind;  ///< "chart", "points", "floor_plan", "matrix", "gantt", "picture"
    std::string title;
    std::string words = {};  ///< how to read it
    Json data = {};          ///< what the drawing takes; of a picture: {"png": its bytes in base64}
};

/// Words, then figures, then tables with the same figures as numbers, then parts below a heading of their own.
struct Section {
    std::string title;
    std::vector<std::string> words = {};  ///< paragraphs
    std::vector<std::string> notes = {};  ///< a list
    std::vector<Figure> figures = {};
    std::vector<Table> tables = {};  ///< a table's name is its caption
    std::vector<Section> parts = {};
    bool folded = false;  ///< opened by a click
};

struct Page {
    std::string title;
    std::vector<std::string> words = {};  ///< the summary
    std::vector<Section> sections;
    std::string foot;
};

/// One file that needs no other: style, script and the library of charts are in it. The same page gives the same bytes.
std::string html(const Page& page);

/// Text as part of HTML.
std::string escaped(std::string_view text);
/// JSON as the content of a script element, which no text in it can end.
std::string script_json(const Json& json);
std::string base64(std::string_view bytes);

// What the build has put into the program (embed.cmake).
extern const std::string_view page_style, page_script;
extern const std::string_view chart_library;  ///< Chart.js; empty where the build found none

}  // namespace xloop::page
