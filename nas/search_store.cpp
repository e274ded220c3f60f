#include "nas/search_store.hpp"

#include "core/error.hpp"
#include "core/names.hpp"

#include <fmt/format.h>
#include <filesystem>

namespace xloop {
namespace {

const char* const schema = R"(
CREATE TABLE IF NOT EXISTS run(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS candidates(id INTEGER PRIMARY KEY, network TEXT NOT NULL, hardware TEXT NOT NULL,
    assignments TEXT NOT NULL, generation INTEGER NOT NULL, parent INTEGER, origin TEXT NOT NULL, refused TEXT NOT NULL,
    violation REAL NOT NULL, on_front INTEGER NOT NULL, chosen INTEGER NOT NULL, rank INTEGER, record TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS accuracies(candidate INTEGER NOT NULL, images TEXT NOT NULL, engine TEXT NOT NULL,
    chip_seed INTEGER NOT NULL, attack TEXT NOT NULL, epsilon REAL NOT NULL, correct INTEGER NOT NULL, total INTEGER NOT NULL,
    PRIMARY KEY(candidate, images, engine, chip_seed, attack, epsilon)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS figures(candidate INTEGER NOT NULL, method TEXT NOT NULL, cycles INTEGER NOT NULL,
    latency_s REAL NOT NULL, interval_s REAL, energy_j REAL NOT NULL, area_mm2 REAL NOT NULL, edap REAL NOT NULL,
    PRIMARY KEY(candidate, method)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS jobs(digest TEXT NOT NULL, kind TEXT NOT NULL, worker TEXT NOT NULL, started TEXT NOT NULL,
    seconds REAL NOT NULL, version TEXT NOT NULL);
)";

std::string joined(const std::vector<std::string>& texts) {
    std::string all;
    for (const std::string& text : texts)
        all += (all.empty() ? "" : " ") + text;
    return all;
}

void keep_cells(sqlite::Statement& insert, int id, const char* images, const AccuracyTable& table) {
    for (const AccuracyCell& cell : table.cells()) {
        insert.bind_all(id, images, name_of(cell.engine), cell.chip_seed, cell.attack, cell.epsilon, cell.correct,
                        cell.total);
        insert.step();
    }
}

void keep_figures(sqlite::Statement& insert, int id, const char* method, const HardwareFigures& h) {
    const FiguresOfMerit& f = h.figures;
    insert.bind_all(id, method, h.cycles, f.latency_s, f.interval_s, f.energy_alone_j(), f.area_mm2, f.edap_alone());
    insert.step();
}

}  // namespace

SearchStore::SearchStore(const std::string& path, sqlite::Access access) : path_(path), database_(path, access) {
    if (access == sqlite::Access::read_write)
        database_.execute(schema);
    auto known = database_.prepare("SELECT count(*) FROM sqlite_master WHERE name IN ('run', 'candidates', 'jobs')");
    known.step();
    constexpr int tables_asked_for = 3;
    if (known.integer(0) != tables_asked_for)
        throw InputError(path + ": is no store of a search");
}

void SearchStore::keep(const std::vector<Candidate>& candidates, std::size_t first) {
    sqlite::Transaction all(database_);
    database_.execute(
        fmt::format("DELETE FROM candidates WHERE id > {0}; DELETE FROM accuracies WHERE candidate > {0}; "
                    "DELETE FROM figures WHERE candidate > {0}",
                    first));
    auto row = database_.prepare("INSERT INTO candidates VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    auto cells = database_.prepare("INSERT INTO accuracies VALUES(?, ?, ?, ?, ?, ?, ?, ?)");
    auto figures = database_.prepare("INSERT INTO figures VALUES(?, ?, ?, ?, ?, ?, ?, ?)");
    for (std::size_t i = first; i < candidates.size(); ++i) {
        const Candidate& c = candidates[i];
        row.bind_all(c.id, c.network, c.hardware, joined(c.assignments), c.generation);
        int at = 5;
        c.parent > 0 ? row.bind(++at, c.parent) : row.bind(++at, nullptr);
        row.bind(++at, c.origin);
        row.bind(++at, c.refused);
        row.bind(++at, c.violation);
        row.bind(++at, c.on_front ? 1 : 0);
        row.bind(++at, c.chosen ? 1 : 0);
        c.rank > 0 ? row.bind(++at, c.rank) : row.bind(++at, nullptr);
        row.bind(++at, c.json().dump());
        row.step();
        keep_cells(cells, c.id, "validation", c.accuracy);
        keep_cells(cells, c.id, "test", c.test);
        if (c.refused.empty())
            keep_figures(figures, c.id, "estimate", c.estimate);
        if (c.confirmed)
            keep_figures(figures, c.id, "cycle model", c.confirmed->hardware);
    }
    all.commit();
}

std::vector<Candidate> SearchStore::candidates() const {
    std::vector<Candidate> all;
    auto rows = database_.prepare("SELECT record FROM candidates ORDER BY id");
    while (rows.step()) {
        try {
            all.push_back(Candidate::from_json(Json::parse(rows.text(0)), path_));
        } catch (const Json::exception& e) {
            throw InputError(
                fmt::format("{}: the record of candidate {} is damaged ({})", path_, all.size() + 1, e.what()));
        }
    }
    return all;
}

void SearchStore::set(const std::string& key, const std::string& value) {
    auto put = database_.prepare("INSERT OR REPLACE INTO run VALUES(?, ?)");
    put.bind_all(key, value);
    put.step();
}

std::string SearchStore::get(const std::string& key) const {
    auto row = database_.prepare("SELECT value FROM run WHERE key = ?");
    row.bind(1, key);
    return row.step() ? row.text(0) : std::string();
}

void SearchStore::keep_jobs(const std::vector<Json>& provenance) {
    sqlite::Transaction all(database_);
    database_.execute("DELETE FROM jobs");
    auto row = database_.prepare("INSERT INTO jobs VALUES(?, ?, ?, ?, ?, ?)");
    for (const Json& job : provenance) {
        row.bind_all(job.value("job", ""), job.value("kind", ""),
                     fmt::format("{}.{}", job.value("host", ""), job.value("pid", 0)), job.value("started", ""),
                     job.value("seconds", 0.0), job.value("version", ""));
        row.step();
    }
    all.commit();
}

std::vector<SearchStore::Share> SearchStore::workers() const {
    std::vector<Share> shares;
    auto rows = database_.prepare("SELECT worker, count(*), sum(seconds) FROM jobs GROUP BY worker ORDER BY worker");
    while (rows.step())
        shares.push_back({rows.text(0), static_cast<int>(rows.integer(1)), rows.real(2)});
    return shares;
}

}  // namespace xloop
