#include "nas/query_table.hpp"

#include "core/csv_rows.hpp"
#include "core/error.hpp"
#include "core/files.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <algorithm>
#include <cmath>
#include <fstream>
#include <functional>
#include <type_traits>

namespace xloop {
namespace {

enum class CellType { whole, real, text, truth };
constexpr auto sql_names_of(CellType) { return std::array{"INTEGER", "REAL", "TEXT", "INTEGER"}; }

/// A column of the files. A null cell is something that is not known.
struct QueryColumn {
    const char* name;
    CellType type;
    std::function<Json(const QueryRow&)> get;
    /// Takes a cell that is not null. Throws InputError where it contradicts the row's architecture.
    std::function<void(QueryRow&, const Json&)> set;
};

template <class T>
constexpr CellType type_for = std::is_same_v<T, bool>       ? CellType::truth
                              : std::is_floating_point_v<T> ? CellType::real
                                                            : CellType::whole;

template <class Part, class T>
QueryColumn column(const char* name, std::optional<Part> QueryRow::*part, T Part::*member) {
    return {name, type_for<T>, [=](const QueryRow& row) { return row.*part ? Json((*(row.*part)).*member) : Json(); },
            [=](QueryRow& row, const Json& cell) {
                if (!(row.*part))
                    (row.*part).emplace();
                (*(row.*part)).*member = cell.get<T>();
            }};
}

QueryColumn column(const char* name, std::int64_t BenchmarkCounts::*member) {
    return {name, CellType::whole, [=](const QueryRow& row) { return Json(row.benchmark.*member); },
            [=](QueryRow& row, const Json& cell) { row.benchmark.*member = cell.get<std::int64_t>(); }};
}

/// What the row says already; its value is only compared.
QueryColumn derived(const char* name, CellType type, std::function<Json(const QueryRow&)> get) {
    return {name, type, get, [name, get](QueryRow& row, const Json& cell) {
                const Json expected = get(row);
                const bool equal = expected.is_number_float() ? std::abs(cell.get<double>() - expected.get<double>()) <=
                                                                    1e-9 * std::abs(expected.get<double>())
                                                              : cell == expected;
                if (!equal)
                    throw InputError(fmt::format("{} is {}; expected {}, which follows from the rest of the row", name,
                                                 cell.dump(), expected.dump()));
            }};
}

const std::vector<QueryColumn>& columns() {
    using F = CellFigures;
    using E = CellErrors;
    constexpr auto figures = &QueryRow::figures;
    constexpr auto errors = &QueryRow::errors;
    static const std::vector<QueryColumn> all = {
        {"arch_index", CellType::whole, [](const QueryRow& row) { return Json(row.index); },
         [](QueryRow& row, const Json& cell) {
             const auto index = cell.get<std::int64_t>();
             if (index < 0 || index >= Cell::count)
                 throw InputError(fmt::format("arch_index is {}; expected 0 to {}", index, Cell::count - 1));
             row.index = static_cast<int>(index);
             row.cell = Cell::from_index(row.index);
         }},
        derived("architecture", CellType::text, [](const QueryRow& row) { return Json(row.cell.text()); }),
        derived("connected", CellType::truth, [](const QueryRow& row) { return Json(row.cell.connected()); }),
        {"problem", CellType::text,
         [](const QueryRow& row) { return row.problem.empty() ? Json() : Json(row.problem); },
         [](QueryRow& row, const Json& cell) { row.problem = cell.get<std::string>(); }},
        column("benchmark_parameters", &BenchmarkCounts::parameters),
        column("benchmark_flops", &BenchmarkCounts::flops),
        column("macs", figures, &F::macs),
        column("weights", figures, &F::weights),
        column("arrays", figures, &F::arrays),
        column("tiles", figures, &F::tiles),
        column("energy_j", figures, &F::energy_j),
        column("latency_s", figures, &F::latency_s),
        column("interval_s", figures, &F::interval_s),
        derived("images_per_s", CellType::real,
                [](const QueryRow& row) { return row.figures ? Json(1.0 / row.figures->interval_s) : Json(); }),
        column("area_mm2", figures, &F::area_mm2),
        column("edap", figures, &F::edap),
        column("contended", figures, &F::contended),
        column("non_ideality", errors, &E::non_ideality),
        column("sum_error", errors, &E::sum_error),
        column("clipped_share", errors, &E::clipped_share),
    };
    return all;
}

std::vector<std::string> names() {
    std::vector<std::string> all;
    for (const QueryColumn& column : columns())
        all.emplace_back(column.name);
    return all;
}

/// Of figures or errors all columns or none are known.
void check_complete(const std::vector<Json>& cells, const QueryRow& row) {
    for (std::size_t c = 0; c < cells.size(); ++c)
        if (const char* name = columns()[c].name; cells[c].is_null() != columns()[c].get(row).is_null())
            throw InputError(fmt::format("{} is missing", name));
}

void check_figures(const CellFigures& f) {
    for (const auto& [name, value] : {std::pair("energy_j", f.energy_j), std::pair("latency_s", f.latency_s),
                                      std::pair("interval_s", f.interval_s), std::pair("area_mm2", f.area_mm2)})
        if (!(value > 0.0) || !std::isfinite(value))
            throw InputError(fmt::format("{} is {}; expected a number above 0", name, value));
    const double edap = f.energy_j * f.latency_s * f.area_mm2;
    if (!(std::abs(f.edap - edap) <= 1e-9 * edap))
        throw InputError(fmt::format("edap is {}; energy_j x latency_s x area_mm2 is {}", f.edap, edap));
}

/// `cells`: one for each column.
QueryRow row_of(const std::vector<Json>& cells) {
    QueryRow row;
    for (std::size_t c = 0; c < cells.size(); ++c)
        if (!cells[c].is_null())
            columns()[c].set(row, cells[c]);
    check_complete(cells, row);
    if (row.figures)
        check_figures(*row.figures);
    return row;
}

std::vector<QueryRow> read_csv(const std::string& path) {
    CsvRows csv(path, names());
    std::vector<QueryRow> rows;
    while (csv.next()) {
        std::vector<Json> cells;
        for (std::size_t c = 0; c < columns().size(); ++c) {
            const bool known = !csv.cell(c).empty();
            switch (columns()[c].type) {
            case CellType::truth: cells.push_back(known ? Json(csv.integer(c, 0, 1) != 0) : Json()); break;
            case CellType::whole: cells.push_back(known ? Json(csv.integer(c)) : Json()); break;
            case CellType::real: cells.push_back(known ? Json(csv.number(c)) : Json()); break;
            case CellType::text: cells.push_back(known ? Json(std::string(csv.cell(c))) : Json()); break;
            }
        }
        try {
            rows.push_back(row_of(cells));
        } catch (const InputError& error) {
            csv.fail(error.what());
        }
    }
    return rows;
}

bool has_table(sqlite::Database& database, const std::string& name) {
    return database.prepare("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?").bind_all(name).step();
}

std::vector<QueryRow> read_rows(sqlite::Database& database, const std::string& path) {
    sqlite::Statement select =
        database.prepare(fmt::format("SELECT {} FROM architectures ORDER BY arch_index", fmt::join(names(), ", ")));
    std::vector<QueryRow> rows;
    while (select.step()) {
        std::vector<Json> cells;
        for (int c = 0; c < static_cast<int>(columns().size()); ++c) {
            const bool known = !select.is_null(c);
            switch (columns()[static_cast<std::size_t>(c)].type) {
            case CellType::truth: cells.push_back(known ? Json(select.integer(c) != 0) : Json()); break;
            case CellType::whole: cells.push_back(known ? Json(select.integer(c)) : Json()); break;
            case CellType::real: cells.push_back(known ? Json(select.real(c)) : Json()); break;
            case CellType::text: cells.push_back(known ? Json(select.text(c)) : Json()); break;
            }
        }
        try {
            rows.push_back(row_of(cells));
        } catch (const InputError& error) {
            throw InputError(fmt::format("{}: row {} of `architectures`: {}", path, rows.size() + 1, error.what()));
        }
    }
    return rows;
}

/// Every SQLite database begins so (https://sqlite.org/fileformat2.html).
bool is_sqlite(const std::string& path) {
    constexpr std::string_view magic("SQLite format 3\0", 16);
    std::ifstream file(path, std::ios::binary);
    std::string begin(magic.size(), '\0');
    return file.read(begin.data(), static_cast<std::streamsize>(begin.size())) && begin == magic;
}

}  // namespace

Table query_rows_table(const std::vector<QueryRow>& rows) {
    Table table{"architectures", for_programs(fmt::format("{}", fmt::join(names(), ",")))};
    for (const QueryRow& row : rows) {
        std::vector<Json>& cells = table.rows.emplace_back();
        for (const QueryColumn& column : columns())
            cells.push_back(column.get(row));
    }
    return table;
}

QueryStore::QueryStore(const std::string& path, const Json& settings) : path_(path), database_(path) {
    sqlite::Transaction transaction(database_);
    if (has_table(database_, "architectures") && has_table(database_, "settings")) {
        check_settings(settings);
        return;
    }
    if (database_.prepare("SELECT 1 FROM sqlite_master").step())
        throw InputError(path + ": a database of something else; name another file");
    std::vector<std::string> described;
    for (const QueryColumn& column : columns())
        described.push_back(
            fmt::format("{} {}", column.name, sql_names_of(column.type)[static_cast<std::size_t>(column.type)]));
    described.front() += " PRIMARY KEY";
    database_.execute("CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL)");
    database_.execute(fmt::format("CREATE TABLE architectures ({})", fmt::join(described, ", ")));
    sqlite::Statement insert = database_.prepare("INSERT INTO settings VALUES (?, ?)");
    for (const auto& [name, value] : settings.items())
        insert.bind_all(name, value.dump()).step();
    transaction.commit();
}

void QueryStore::check_settings(const Json& settings) {
    Json kept = Json::object();
    sqlite::Statement select = database_.prepare("SELECT name, value FROM settings");
    while (select.step())
        kept[select.text(0)] = select.text(1);
    for (const auto& [name, value] : settings.items())
        if (const std::string wanted = value.dump(), found = kept.value(name, "nothing"); found != wanted)
            throw InputError(
                fmt::format("{}: holds a table with other settings: {} is {} there, now {}; name another "
                            "file, or remove this one",
                            path_, name, found, wanted));
}

std::vector<QueryRow> QueryStore::rows() { return read_rows(database_, path_); }

void QueryStore::add(const std::vector<QueryRow>& rows) {
    sqlite::Transaction transaction(database_);
    std::vector<std::string> places(columns().size(), "?");
    sqlite::Statement insert =
        database_.prepare(fmt::format("INSERT OR REPLACE INTO architectures VALUES ({})", fmt::join(places, ", ")));
    for (const QueryRow& row : rows) {
        int position = 0;
        for (const QueryColumn& column : columns()) {
            const Json cell = column.get(row);
            ++position;
            if (cell.is_null())
                insert.bind(position, nullptr);
            else if (cell.is_number_float())
                insert.bind(position, cell.get<double>());
            else if (cell.is_string())
                insert.bind(position, cell.get<std::string>());
            else
                insert.bind(position, cell.is_boolean() ? std::int64_t{cell.get<bool>()} : cell.get<std::int64_t>());
        }
        insert.step();
    }
    transaction.commit();
}

QueryTable::QueryTable(const std::string& path) {
    if (is_sqlite(path)) {
        sqlite::Database database(path, sqlite::Access::read_only);
        if (!has_table(database, "architectures"))
            throw InputError(path +
                             ": a database without a table `architectures`; expected one that xloop search "
                             "table --sqlite wrote");
        rows_ = read_rows(database, path);
    } else {
        rows_ = read_csv(path);
    }
    const auto before = [](const QueryRow& a, const QueryRow& b) { return a.index < b.index; };
    std::sort(rows_.begin(), rows_.end(), before);
    const auto twice = std::adjacent_find(rows_.begin(), rows_.end(),
                                          [](const QueryRow& a, const QueryRow& b) { return a.index == b.index; });
    if (twice != rows_.end())
        throw InputError(fmt::format("{}: architecture {} comes twice", path, twice->index));
}

std::optional<QueryRow> QueryTable::find(int index) const {
    Cell::from_index(index);
    const auto found = std::lower_bound(rows_.begin(), rows_.end(), index,
                                        [](const QueryRow& row, int wanted) { return row.index < wanted; });
    return found == rows_.end() || found->index != index ? std::nullopt : std::optional(*found);
}

std::optional<QueryRow> QueryTable::find(const std::string& architecture) const {
    return find(Cell::named(architecture).index());
}

}  // namespace xloop
