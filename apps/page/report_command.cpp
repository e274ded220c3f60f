#include "apps/command.hpp"
#include "apps/page/result_kinds.hpp"
#include "core/error.hpp"
#include "core/files.hpp"

#include <fmt/format.h>
#include <cstdio>
#include <filesystem>

namespace xloop {
namespace {

namespace fs = std::filesystem;

constexpr const char* examples = R"(
A page that needs no other file and no network: a summary in words, tables that a click on a heading sorts, charts,
floor plan, Gantt chart, Pareto front, learning curves, and where it all comes from (docs/report.md). Its results:
folders of run, search, train, eval, attack, analyse, sweep; JSON of estimate, simulate, validate, eval.

Examples:
  xloop report results/quickstart                                results/quickstart/report.html
  xloop simulate FILE --json > s.json && xloop report s.json     report.html beside s.json
  xloop report a.json b.json results/quickstart -o all.html      several, and a comparison of their hardware runs)";

struct ReportOptions {
    std::vector<std::string> paths;
    std::string out;
};

void run_report(const ReportOptions& options) {
    const std::vector<page::Result> results = page::read_results(options.paths);
    const page::Result& first = results.front();
    const fs::path beside = first.folder.empty() ? fs::path(first.file).parent_path() : fs::path(first.folder);
    const std::string out = options.out.empty() ? (beside / "report.html").string() : options.out;
    const std::string html = page::html(page::page_of(results));
    write_file_atomically(out, html);
    fmt::print("{}: {} KB\n", out, (html.size() + 500) / 1000);
}

}  // namespace

void add_report_command(CommandLine& line) {
    CommandLine command =
        line.command("report", "one page of HTML for results, with charts, to look at and to pass on");
    ReportOptions& o = command.runs(run_report);
    command.footer(examples);
    command.option("RESULTS", &o.paths, "results folders, and JSON files that commands wrote with --json").required();
    command.output("-o,--out", &o.out,
                   "HTML file that is written; default: report.html in the first folder, or beside the first file");
}

}  // namespace xloop
