#include "core/sqlite.hpp"

#include "core/error.hpp"

#include <fmt/format.h>
#include <sqlite3.h>
#include <cstring>
#include <filesystem>

namespace xloop::sqlite {
namespace {

constexpr int busy_ms = 10'000;

/// What is wrong with the file itself, and what to do; nullptr where it is something else.
const char* advice_for(int code) {
    switch (code & 0xff) {
    case SQLITE_NOTADB: return "it is no SQLite database, or damaged; name another file, or move it away";
    case SQLITE_CORRUPT: return "the database is damaged; put a copy of it in its place, or move it away";
    case SQLITE_CANTOPEN: return "cannot open this database; look at its name, its folder and their permissions";
    case SQLITE_PERM:
    case SQLITE_READONLY: return "cannot write this database; look at the permissions of the file and its folder";
    default: return nullptr;
    }
}

[[noreturn]] void fail(sqlite3* database, const std::string& path) {
    const int code = sqlite3_extended_errcode(database), system = sqlite3_system_errno(database);
    std::string reason = sqlite3_errmsg(database);
    if (const int kind = code & 0xff; system != 0 && (kind == SQLITE_IOERR || kind == SQLITE_CANTOPEN))
        reason += fmt::format(", {}", std::strerror(system));
    if (const char* advice = advice_for(code))
        throw InputError(fmt::format("{}: {} ({})", path, advice, reason));
    if ((code & 0xff) == SQLITE_BUSY)
        throw Error(fmt::format("{}: another process has held this database for {} s; try again when it has ended",
                                path, busy_ms / 1000));
    throw Error(fmt::format("{}: the database says: {}", path, reason));
}

std::string path_of(sqlite3* database) { return sqlite3_db_filename(database, "main"); }

[[noreturn]] void fail(sqlite3* database) { fail(database, path_of(database)); }

const char* type_name(int type) {
    switch (type) {
    case SQLITE_INTEGER: return "an integer";
    case SQLITE_FLOAT: return "a real number";
    case SQLITE_TEXT: return "a text";
    case SQLITE_BLOB: return "bytes";
    default: return "nothing";
    }
}

}  // namespace

void Statement::Finalise::operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }

Statement& Statement::bound(int code) {
    if (code != SQLITE_OK)
        fail(sqlite3_db_handle(statement_.get()));
    return *this;
}

Statement& Statement::bind_integer(int position, std::int64_t value) {
    return bound(sqlite3_bind_int64(statement_.get(), position, value));
}

Statement& Statement::bind(int position, double value) {
    return bound(sqlite3_bind_double(statement_.get(), position, value));
}

Statement& Statement::bind(int position, std::string_view value) {
    // A null pointer would bind null, and a view of nothing may have one.
    const char* data = value.data() ? value.data() : "";
    return bound(sqlite3_bind_text64(statement_.get(), position, data, value.size(), SQLITE_TRANSIENT, SQLITE_UTF8));
}

Statement& Statement::bind(int position, std::nullptr_t) {
    return bound(sqlite3_bind_null(statement_.get(), position));
}

bool Statement::step() {
    if (sqlite3_step(statement_.get()) == SQLITE_ROW)
        return true;
    // Says again how the step went.
    bound(sqlite3_reset(statement_.get()));
    return false;
}

void Statement::reset() { sqlite3_reset(statement_.get()); }

void Statement::demand(int column, int type, const char* expected) const {
    if (const int found = sqlite3_column_type(statement_.get(), column); found != type) {
        const char* name = sqlite3_column_name(statement_.get(), column);
        throw InputError(
            fmt::format("{}: column `{}` holds {}; expected {}; it is a database of something else, or "
                        "damaged; name another file, or move it away",
                        path_of(sqlite3_db_handle(statement_.get())), name ? name : "?", type_name(found), expected));
    }
}

std::int64_t Statement::integer(int column) const {
    demand(column, SQLITE_INTEGER, "an integer");
    return sqlite3_column_int64(statement_.get(), column);
}

double Statement::real(int column) const {
    if (sqlite3_column_type(statement_.get(), column) != SQLITE_INTEGER)
        demand(column, SQLITE_FLOAT, "a real number");
    return sqlite3_column_double(statement_.get(), column);
}

std::string Statement::text(int column) const {
    demand(column, SQLITE_TEXT, "a text");
    const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement_.get(), column));
    return {text, static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column))};
}

bool Statement::is_null(int column) const { return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL; }

void Database::Close::operator()(sqlite3* database) const { sqlite3_close_v2(database); }

Database::Database(const std::string& path, Access access) {
    if (path.empty() || path.find('\0') != path.npos)
        throw InputError(
            fmt::format("{}: cannot open this database: the name is empty or holds a NUL character", path.c_str()));
    const bool writes = access == Access::read_write;
    sqlite3* database = nullptr;
    // Absolute, because SQLite reads ":memory:" and "file:..." in ways of its own.
    const int opened =
        sqlite3_open_v2(std::filesystem::absolute(path).c_str(), &database,
                        writes ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY, nullptr);
    database_.reset(database);
    if (!database)
        throw Error(path + ": cannot open this database: no memory is left");
    if (opened != SQLITE_OK)
        fail(database, path);
    sqlite3_busy_timeout(database, busy_ms);
    // SQLite opens what may not be written for reading alone, and looks into the file only when it is asked something.
    if (writes && sqlite3_db_readonly(database, "main") != 0)
        throw InputError(fmt::format("{}: {}", path, advice_for(SQLITE_READONLY)));
    execute("PRAGMA synchronous = FULL; PRAGMA schema_version");
}

void Database::execute(const std::string& sql) {
    if (sqlite3_exec(database_.get(), sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK)
        fail(database_.get());
}

Statement Database::prepare(std::string_view sql) {
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v2(database_.get(), sql.data(), static_cast<int>(sql.size()), &statement, nullptr) != SQLITE_OK)
        fail(database_.get());
    if (!statement)
        throw Error(fmt::format("{}: no statement in this SQL: {}", path_of(database_.get()), sql));
    return Statement(statement);
}

Transaction::Transaction(Database& database) : database_(database) {
    // Asked for at once: a reader that wants to write later may find another such one, and then neither may go on.
    const bool writes = sqlite3_db_readonly(database_.database_.get(), "main") == 0;
    database_.execute(writes ? "BEGIN IMMEDIATE" : "BEGIN");
}

Transaction::~Transaction() {
    if (sqlite3_get_autocommit(database_.database_.get()) == 0)
        sqlite3_exec(database_.database_.get(), "ROLLBACK", nullptr, nullptr, nullptr);
}

void Transaction::commit() { database_.execute("COMMIT"); }

}  // namespace xloop::sqlite
