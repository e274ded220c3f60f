#include "apps/page/result_kinds.hpp"

#include "apps/page/charts.hpp"
#include "core/error.hpp"
#include "core/files.hpp"
#include "core/words.hpp"
#include "xloop_version.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <filesystem>
#include <map>

namespace xloop::page {
namespace {

namespace fs = std::filesystem;

/// A kind of result: the file that tells it in a folder, how its JSON is told from others, and what it becomes.
struct ResultKind {
    const char* name;
    const char* what;
    const char* file;  ///< in a folder; null: never in one
    bool (*recognises)(const Json& json);
    Section (*section)(const Result& result);
};

template <class... Keys>
bool has(const Json& json, const Keys&... keys) {
    return json.is_object() && (json.contains(keys) && ...);
}

bool is_method(const Json& json, const char* method) { return text(json, "method") == method; }
bool is_none(const Json&) { return false; }

/// The first that fits counts, so that those with more of a folder stand before those with less.
const ResultKind kinds[] = {
    {"sweep", "xloop sweep", "sweep.json", [](const Json& j) { return text(j, "kind") == "sweep"; }, sweep_section},
    {"search", "xloop run, xloop search", "search.sqlite", is_none, search_section},
    {"evaluation", "xloop eval of a trained network", "evaluation.json",
     [](const Json& j) { return has(j, "accuracy", "images") && j["accuracy"].is_array(); }, evaluation_section},
    {"attack", "xloop attack", "attack.json", [](const Json& j) { return has(j, "cells", "images"); }, attack_section},
    {"analysis", "xloop analyse", "analyse.json", [](const Json& j) { return has(j, "layers", "rule"); },
     sensitivity_section},
    {"training", "xloop train", "training.json", [](const Json& j) { return has(j, "epochs", "best_epoch"); },
     training_section},
    {"training under way", "xloop train, before its end or of a space", "metrics.jsonl", is_none, training_section},
    {"simulation", "xloop simulate --json; subnets/cID of a run", "simulation.json",
     [](const Json& j) { return is_method(j, "simulation"); }, hardware_section},
    {"estimate", "xloop estimate --json", nullptr, [](const Json& j) { return is_method(j, "estimate"); },
     hardware_section},
    {"validation", "xloop validate --json", nullptr, [](const Json& j) { return is_method(j, "validation"); },
     validation_section},
    {"subnet", "xloop eval of a subnet --json", nullptr,
     [](const Json& j) { return has(j, "path", "accuracy", "estimate"); }, subnet_section},
};

const ResultKind* kind_of_folder(const std::string& folder) {
    const auto found = std::find_if(std::begin(kinds), std::end(kinds), [&](const ResultKind& kind) {
        return kind.file && fs::exists(fs::path(folder) / kind.file);
    });
    return found == std::end(kinds) ? nullptr : found;
}

const ResultKind* kind_of_json(const Json& json) {
    const auto found =
        std::find_if(std::begin(kinds), std::end(kinds), [&](const ResultKind& kind) { return kind.recognises(json); });
    return found == std::end(kinds) ? nullptr : found;
}

const ResultKind& kind_of(const Result& result) {
    const ResultKind* kind = result.folder.empty() ? kind_of_json(result.json) : kind_of_folder(result.folder);
    if (kind)
        return *kind;
    const char* where = result.folder.empty() ? "is JSON of no kind that is known" : "holds no results that are known";
    throw InputError(fmt::format("{}: {}; expected what one of these writes: {}", result.path, where, kind_list()));
}

Json read_json(const std::string& file) {
    Json json = Json::parse(read_file(file), nullptr, false);
    if (json.is_discarded())
        throw InputError(
            file + ": is damaged, or no JSON; expected what a command of xloop wrote with --json, or a results folder");
    return json;
}

std::string name_of_path(const std::string& path) {
    const fs::path full = fs::absolute(path).lexically_normal();
    return full.has_filename() ? full.stem().string() : full.parent_path().filename().string();
}

}  // namespace

std::string kind_list() {
    std::string list;
    for (const ResultKind& kind : kinds)
        list += fmt::format("{}{}{}", list.empty() ? "" : "; ", kind.what,
                            kind.file ? fmt::format(" ({})", kind.file) : "");
    return list;
}

Result read_result(const std::string& path) {
    if (!fs::exists(path))
        throw InputError(path +
                         ": is not there; expected a results folder, or a JSON file that a command wrote with --json");
    Result result{path, fs::is_directory(path) ? path : "", path, name_of_path(path), {}};
    if (!result.folder.empty()) {
        result.file = (fs::path(path) / kind_of(result).file).string();
        const std::string ending = fs::path(result.file).extension().string();
        if (ending == ".json")
            result.json = read_json(result.file);
        else if (ending == ".jsonl")
            result.json = read_lines(result.file);
        return result;
    }
    if (fs::path(path).extension() == ".sqlite")
        throw InputError(path + ": name the folder that it is in");
    result.json = read_json(path);
    kind_of(result);
    return result;
}

std::vector<Result> read_results(const std::vector<std::string>& paths) {
    std::vector<Result> results;
    std::map<std::string, int> named;
    for (const std::string& path : paths) {
        results.push_back(read_result(path));
        ++named[results.back().name];
    }
    for (Result& result : results)
        if (named[result.name] > 1)
            result.name = result.path;
    return results;
}

Section section_of(const Result& result) {
    const ResultKind& kind = kind_of(result);
    try {
        return kind.section(result);
    } catch (const Json::exception& e) {
        throw InputError(
            fmt::format("{}: is not as {} writes it ({}); it is damaged or of another version: make it anew",
                        result.file, kind.what, e.what()));
    }
}

Page page_of(const std::vector<Result>& results) {
    Page page;
    for (const Result& result : results) {
        page.sections.push_back(section_of(result));
        Section& section = page.sections.back();
        page.words.push_back(results.size() > 1 ? section.title + ": " + section.words.front() : section.words.front());
        if (results.size() == 1)
            section.words.erase(section.words.begin());
    }
    page.title = results.size() == 1 ? "xloop: " + results.front().name
                                     : fmt::format("xloop: {}", counted(static_cast<int>(results.size()), "result"));
    if (Section comparison = comparison_section(results); !comparison.title.empty()) {
        page.words.push_back(comparison.title + ": " + comparison.words.front());
        page.sections.push_back(std::move(comparison));
    }
    page.foot = fmt::format("Written by xloop {} ({}). Energies in J, times in s, areas in mm2 unless said otherwise.",
                            version, commit);
    return page;
}

}  // namespace xloop::page
