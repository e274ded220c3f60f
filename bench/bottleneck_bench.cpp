// What the bottleneck report predicts against what the cycle model finds: runs each case with sizes only, applies every
// change that the report lists, and every key that it says may shrink, runs again, and prints a table in Markdown.
// Usage: bottleneck_bench CASES
// A line of CASES is an experiment file and settings, separated by blanks; # begins a comment.
#include "analysis/bottleneck.hpp"
#include "analysis/study.hpp"
#include "apps/experiment.hpp"
#include "apps/text/bottleneck_text.hpp"
#include "core/error.hpp"
#include "core/table.hpp"
#include "core/words.hpp"
#include "systemc_model/sim/simulate.hpp"

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <functional>

namespace {

using namespace xloop;

struct Case {
    std::string name, experiment;
    std::vector<std::string> settings;
};

std::vector<Case> read_cases(const std::string& file) {
    std::ifstream in(file);
    if (!in)
        throw InputError(file + ": cannot be read");
    std::vector<Case> cases;
    for (std::string line; std::getline(in, line);) {
        line.resize(std::min(line.find('#'), line.size()));
        std::vector<std::string> words;
        for (const std::string_view word : split(line, ' '))
            if (!word.empty())
                words.emplace_back(word);
        if (!words.empty())
            cases.push_back({fmt::to_string(cases.size() + 1), words[0], {words.begin() + 1, words.end()}});
    }
    return cases;
}

/// A list of copies comes in place of a budget for them.
Study study_of(const Case& c, const std::vector<std::string>& more) {
    const auto begins = [](const std::string& setting, const char* key) { return setting.rfind(key, 0) == 0; };
    const bool listed =
        std::any_of(more.begin(), more.end(), [&](const std::string& s) { return begins(s, "mapping.replication="); });
    std::vector<std::string> settings;
    for (const std::string& setting : c.settings)
        if (!listed || (!begins(setting, "mapping.replication=") && !begins(setting, "mapping.array_budget=")))
            settings.push_back(setting);
    settings.emplace_back("simulation.values=counts");
    settings.insert(settings.end(), more.begin(), more.end());
    LoadedExperiment experiment = load_experiment(c.experiment, settings);
    return load_study(experiment.config, experiment.origins, StudyNeeds::shapes);
}

/// What `work` says in a process of its own: SystemC elaborates once.
Json in_child(const std::function<Json()>& work) {
    int ends[2];
    if (::pipe(ends) != 0)
        throw Error("no pipe");
    const pid_t child = ::fork();
    if (child == 0) {
        std::string text;
        try {
            text = work().dump();
        } catch (const std::exception& e) {
            text = Json{{"error", e.what()}}.dump();
        }
        std::FILE* out = ::fdopen(ends[1], "w");
        std::fputs(text.c_str(), out);
        std::fclose(out);
        ::_exit(0);
    }
    ::close(ends[1]);
    std::string text;
    std::FILE* in = ::fdopen(ends[0], "r");
    for (int c; (c = std::fgetc(in)) != EOF;)
        text += static_cast<char>(c);
    std::fclose(in);
    ::waitpid(child, nullptr, 0);
    Json said = Json::parse(text);
    if (said.contains("error"))
        throw Error(said["error"].get<std::string>());
    return said;
}

Json advice(const Case& c) {
    const Study study = study_of(c, {});
    const MappedNetwork network = study.map();
    return bottleneck_json(find_bottleneck(network, study.costs, simulate({network, study.config.simulation.images})));
}

double interval_with(const Case& c, const std::vector<std::string>& settings) {
    return in_child([&] {
        const Study study = study_of(c, settings);
        return Json(simulate({study.map(), study.config.simulation.images}).interval_cycles());
    });
}

struct Score {
    int all = 0, marked = 0, marked_within = 0, within_5 = 0, within_1 = 0;
    double worst = 0;

    void add(double error, bool uncertain) {
        ++all;
        marked += uncertain;
        marked_within += uncertain && error <= 5.0;
        if (uncertain)
            return;
        within_5 += error <= 5.0;
        within_1 += error <= 1.0;
        worst = std::max(worst, error);
    }
    std::string text(const char* what) const {
        return fmt::format(
            "{} {}: {} marked as uncertain ({} of them within 5 % all the same); of the other {}, {} within 1 %, {} "
            "within 5 %, worst {:.2f} %\n",
            all, what, marked, marked_within, all - marked, within_1, within_5, worst);
    }
};

class Report {
public:
    void run(const Case& c) {
        const Json found = in_child([&] { return advice(c); });
        std::fprintf(stderr, "%s: %s\n%s\n", c.name.c_str(), c.experiment.c_str(),
                     found["text"].get<std::string>().c_str());
        const std::string limit =
            fmt::format("{} {:.0f} %", found["limit"].get<std::string>(), 100 * found["busy"].get<double>());
        for (const Json& change : found["changes"])
            add(c, limit, found["interval_measured"], change, changes_);
        for (const Json& change : found["may_shrink"])
            add(c, limit, found["interval_measured"], change, smaller_);
    }

    void print() const {
        std::printf("%s\n%s%s", table_.markdown().c_str(), changes_.text("changes that shorten the interval").c_str(),
                    smaller_.text("keys that may shrink").c_str());
    }

private:
    void add(const Case& c, const std::string& limit, const Json& before, const Json& change, Score& score) {
        const double predicted = change["interval_after"];
        const double found = interval_with(c, change["settings"]);
        const double error = 100.0 * (predicted / found - 1.0);
        const bool uncertain = !change["uncertain"].is_null();
        score.add(std::abs(error), uncertain);
        std::fprintf(stderr, "  %s: predicted %.0f, found %.0f, %+.2f %%%s\n",
                     change["change"].get<std::string>().c_str(), predicted, found, error, uncertain ? ", marked" : "");
        table_.add(c.name, limit, before, change["change"], predicted, found, error,
                   uncertain ? change["uncertain"] : Json(""));
    }

    Table table_{"predictions",
                 {Column("case", "case"), Column("limit", "limit, busy"), Column("before", "interval", 0, 0, "{:.0f}"),
                  Column("change", "change"), Column("predicted", "predicted", 0, 0, "{:.0f}"),
                  Column("found", "found", 0, 0, "{:.0f}"), Column("error_percent", "error %", 0, 0, "{:+.2f}"),
                  Column("uncertain", "marked")}};
    Score changes_, smaller_;
};

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) {
        std::printf("usage: bottleneck_bench CASES\n");
        return 2;
    }
    try {
        Report report;
        for (const Case& c : read_cases(argv[1]))
            report.run(c);
        report.print();
    } catch (const Error& e) {
        std::fprintf(stderr, "bottleneck_bench: %s\n", e.what());
        return 1;
    }
    return 0;
}
