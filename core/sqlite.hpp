#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>

struct sqlite3;
struct sqlite3_stmt;

/// A thin layer over libsqlite3 (https://sqlite.org/c3ref/intro.html). All of it throws InputError where the file is the
/// reason (no database, damaged, not to be written, a value of another type than expected), with the file's name and what
/// to do; Error where something else is: a full disk, a mistake in the SQL, another process that holds the database for
/// more than 10 s.
namespace xloop::sqlite {

/// One statement of SQL. May outlive its Database; one thread at a time.
class Statement {
public:
    /// Gives the parameter at `position`, from 1, a value, which is copied. Not while rows are being read.
    template <class Integer, class = std::enable_if_t<std::is_integral_v<Integer>>>
    Statement& bind(int position, Integer value) {
        return bind_integer(position, static_cast<std::int64_t>(value));
    }
    Statement& bind(int position, double value);  ///< a NaN becomes null: SQLite has none
    Statement& bind(int position, std::string_view value);
    Statement& bind(int position, std::nullptr_t);
    /// All parameters, in their order.
    template <class... Values>
    Statement& bind_all(const Values&... values) {
        int position = 0;
        (bind(++position, values), ...);
        return *this;
    }

    /// True at the next row; false at the end, where the statement is reset and keeps its parameters.
    bool step();
    /// To be asked where a statement is left before its last row: until then it keeps other processes from writing.
    void reset();

    /// A value of the row that step() came to, by column from 0. An integer is a real number too.
    std::int64_t integer(int column) const;
    double real(int column) const;
    std::string text(int column) const;
    bool is_null(int column) const;

private:
    friend class Database;
    struct Finalise {
        void operator()(sqlite3_stmt* statement) const;
    };
    explicit Statement(sqlite3_stmt* statement) : statement_(statement) {}
    Statement& bind_integer(int position, std::int64_t value);
    Statement& bound(int code);
    void demand(int column, int type, const char* expected) const;

    std::unique_ptr<sqlite3_stmt, Finalise> statement_;
};

enum class Access { read_write, read_only };

/// A database in one file, which is made where it is absent, unless it is only read. It has a rollback journal, which works
/// on network file systems too; what is committed is on the disk (synchronous = FULL).
class Database {
public:
    explicit Database(const std::string& path, Access access = Access::read_write);

    /// Statements without results, separated by semicolons.
    void execute(const std::string& sql);
    Statement prepare(std::string_view sql);

private:
    friend class Transaction;
    struct Close {
        void operator()(sqlite3* database) const;
    };
    std::unique_ptr<sqlite3, Close> database_;
};

/// All that is done until commit(), or nothing of it: without commit() it is taken back. Nobody else writes meanwhile.
class Transaction {
public:
    explicit Transaction(Database& database);
    ~Transaction();
    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;

    void commit();

private:
    Database& database_;
};

}  // namespace xloop::sqlite
