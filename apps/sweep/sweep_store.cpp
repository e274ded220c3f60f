#include "apps/sweep/sweep_files.hpp"
#include "core/sqlite.hpp"

#include <fmt/format.h>

namespace xloop {
namespace {

/// A name in the quotes of SQL.
std::string quoted(const std::string& name) {
    std::string text = "\"";
    for (const char c : name)
        text += c == '"' ? "\"\"" : std::string(1, c);
    return text + "\"";
}

std::string columns(const SweepResult& result) {
    std::string text = "id INTEGER PRIMARY KEY, front INTEGER, failure TEXT";
    // Without a type a parameter's value stays what it is, number or text.
    for (const SweepParameter& parameter : result.parameters)
        text += ", " + quoted(parameter.name) + " NUMERIC";
    for (const SweepMetric& metric : result.metrics)
        text += ", " + quoted(metric.name) + " REAL";
    return text;
}

}  // namespace

void write_sweep_store(const SweepResult& result, const std::string& file) {
    sqlite::Database database(file);
    sqlite::Transaction all(database);
    database.execute(
        "DROP TABLE IF EXISTS points; DROP TABLE IF EXISTS sweep; CREATE TABLE sweep (key TEXT PRIMARY KEY, value "
        "TEXT)");
    database.execute(fmt::format("CREATE TABLE points ({})", columns(result)));
    sqlite::Statement fact = database.prepare("INSERT INTO sweep VALUES (?, ?)");
    for (const auto& [key, value] : {std::pair<const char*, std::string>{"name", result.name},
                                     {"experiment", result.experiment},
                                     {"do", result.task},
                                     {"design", name_of(result.design)},
                                     {"seed", std::to_string(result.seed)},
                                     {"version", result.version},
                                     {"objectives", Json(result.objectives).dump()},
                                     {"configuration", result.configuration.dump()}}) {
        fact.bind_all(key, value);
        fact.step();
        fact.reset();
    }
    std::string marks = "?, ?, ?";
    for (std::size_t i = 0; i < result.parameters.size() + result.metrics.size(); ++i)
        marks += ", ?";
    sqlite::Statement row = database.prepare("INSERT INTO points VALUES (" + marks + ")");
    for (std::size_t i = 0; i < result.points.size(); ++i) {
        const SweepPoint& point = result.points[i];
        int place = 0;
        row.bind(++place, i + 1);
        row.bind(++place, point.on_front ? 1 : 0);
        if (point.failure.empty())
            row.bind(++place, nullptr);
        else
            row.bind(++place, point.failure);
        for (std::size_t p = 0; p < result.parameters.size(); ++p)
            row.bind(++place, result.label(point, p));
        for (const SweepMetric& metric : result.metrics)
            if (const auto value = result.figure(point, metric.name))
                row.bind(++place, *value);
            else
                row.bind(++place, nullptr);
        row.step();
        row.reset();
    }
    all.commit();
}

}  // namespace xloop
