#include "core/sqlite.hpp"

#include "core/error.hpp"
#include "core/files.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>
#include <cmath>
#include <filesystem>

namespace xloop::sqlite {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;

class Sqlite : public testing::Test {
protected:
    Sqlite()
        : folder_(fs::temp_directory_path() /
                  (std::string("xloop_sqlite_") + testing::UnitTest::GetInstance()->current_test_info()->name() + "_" +
                   std::to_string(::getpid()))) {
        fs::remove_all(folder_);
        fs::create_directories(folder_);
    }
    ~Sqlite() override { fs::remove_all(folder_); }

    std::string path(const std::string& name = "a.db") const { return (folder_ / name).string(); }

    /// Rows in table t of the file.
    std::int64_t rows() const {
        Database database(path(), Access::read_only);
        Statement count = database.prepare("SELECT count(*) FROM t");
        EXPECT_TRUE(count.step());
        return count.integer(0);
    }

    template <class Action>
    static std::string refusal(Action action) {
        try {
            action();
        } catch (const InputError& e) {
            return e.what();
        } catch (const Error& e) {
            return std::string("Error: ") + e.what();
        }
        return "accepted";
    }

    fs::path folder_;
};

TEST_F(Sqlite, GivenValuesOfEachType_ThenTheyComeBackAsTheyWere) {
    const std::string odd("a\0'b", 4);
    {
        Database database(path());
        database.execute("CREATE TABLE t (i INTEGER, r REAL, s TEXT, n)");
        Statement insert = database.prepare("INSERT INTO t VALUES (?, ?, ?, ?)");
        EXPECT_FALSE(insert.bind_all(INT64_MIN, 0.1, std::string_view(odd), nullptr).step());
        EXPECT_FALSE(insert.bind_all(7u, std::nan(""), std::string_view(), "last").step());
    }
    Database database(path(), Access::read_only);
    Statement select = database.prepare("SELECT i, r, s, n FROM t ORDER BY rowid");
    for (int pass = 0; pass < 2; ++pass) {
        ASSERT_TRUE(select.step());
        EXPECT_EQ(select.integer(0), INT64_MIN);
        EXPECT_EQ(select.real(1), 0.1);
        EXPECT_EQ(select.text(2), odd);
        EXPECT_TRUE(select.is_null(3));
        ASSERT_TRUE(select.step());
        EXPECT_EQ(select.integer(0), 7);
        EXPECT_EQ(select.real(0), 7.0);
        EXPECT_TRUE(select.is_null(1));
        EXPECT_EQ(select.text(2), "");
        EXPECT_EQ(select.text(3), "last");
        EXPECT_FALSE(select.step());
    }
    ASSERT_TRUE(select.step());
    select.reset();
    ASSERT_TRUE(select.step());
    EXPECT_THAT(refusal([&] { select.integer(2); }),
                AllOf(HasSubstr(path() + ": column `s` holds a text; expected an integer"), HasSubstr("name another")));
}

TEST_F(Sqlite, GivenATransactionWithoutCommit_ThenNothingOfItStays) {
    Database database(path());
    database.execute("CREATE TABLE t (x)");
    {
        Transaction transaction(database);
        database.execute("INSERT INTO t VALUES (1); INSERT INTO t VALUES (2)");
        transaction.commit();
    }
    try {
        Transaction transaction(database);
        database.execute("INSERT INTO t VALUES (3)");
        database.execute("INSERT INTO no_table VALUES (3)");
        FAIL();
    } catch (const Error& e) {
        EXPECT_THAT(e.what(), HasSubstr("no such table: no_table"));
    }
    EXPECT_EQ(rows(), 2);
}

TEST_F(Sqlite, GivenAProcessKilledInATransaction_ThenNothingOfItStays) {
    Database(path()).execute("CREATE TABLE t (x)");
    EXPECT_EXIT(
        {
            Database database(path());
            Transaction transaction(database);
            // More than the cache holds, so that pages are in the file already.
            database.execute(
                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000) "
                "INSERT INTO t SELECT hex(zeroblob(100)) || i FROM n");
            ::raise(SIGKILL);
        },
        testing::KilledBySignal(SIGKILL), "");
    Database database(path());
    EXPECT_EQ(rows(), 0);
}

TEST_F(Sqlite, GivenAFileThatIsNoDatabase_ThenItIsNamedAndKept) {
    const std::string text(5000, 'x');
    write_file_atomically(path(), text);
    const auto says_so = AllOf(HasSubstr(path()), HasSubstr("no SQLite database"), HasSubstr("name another file"));
    EXPECT_THAT(refusal([&] { Database{path()}; }), says_so);
    EXPECT_THAT(refusal([&] { Database(path(), Access::read_only); }), says_so);
    EXPECT_EQ(read_file(path()), text);
}

TEST_F(Sqlite, GivenADamagedPage_ThenAnInputErrorSaysWhatToDo) {
    {
        Database database(path());
        database.execute("CREATE TABLE t (x); INSERT INTO t VALUES (1)");
    }
    std::string bytes = read_file(path());
    std::fill(bytes.begin() + 4096, bytes.end(), '\xff');
    write_file_atomically(path(), bytes);
    EXPECT_THAT(refusal([&] { rows(); }),
                AllOf(HasSubstr(path() + ": the database is damaged"), HasSubstr("move it away")));
}

TEST_F(Sqlite, GivenNamesThatCannotBe_ThenAnInputErrorNamesThem) {
    EXPECT_THAT(refusal([&] { Database(path("none.db"), Access::read_only); }), HasSubstr("none.db: cannot open"));
    EXPECT_FALSE(fs::exists(path("none.db")));
    EXPECT_THAT(refusal([&] { Database{path("no/folder.db")}; }), HasSubstr("No such file or directory"));
    EXPECT_THAT(refusal([&] { Database(folder_.string()); }), HasSubstr("cannot open"));
    EXPECT_THAT(refusal([&] { Database(""); }), HasSubstr("the name is empty"));
}

TEST_F(Sqlite, GivenADatabaseThatIsOnlyRead_ThenWritingIsRefused) {
    Database(path()).execute("CREATE TABLE t (x)");
    Database database(path(), Access::read_only);
    EXPECT_THAT(refusal([&] { database.execute("INSERT INTO t VALUES (1)"); }),
                HasSubstr("cannot write this database"));
    Transaction only_read(database);
    EXPECT_EQ(rows(), 0);
    only_read.commit();
}

TEST_F(Sqlite, GivenNoRoom_ThenItIsNotTheUsersMistake) {
    Database database(path());
    database.execute("CREATE TABLE t (x); PRAGMA max_page_count = 4");
    EXPECT_THAT(refusal([&] { database.execute("INSERT INTO t VALUES (zeroblob(100000))"); }),
                AllOf(HasSubstr("Error: " + path()), HasSubstr("full")));
    EXPECT_EQ(rows(), 0);
}

TEST_F(Sqlite, GivenMistakesInTheSql_ThenTheyAreNamed) {
    Database database(path());
    EXPECT_THAT(refusal([&] { database.prepare("SELEC 1"); }), HasSubstr("Error: " + path()));
    EXPECT_THAT(refusal([&] { database.prepare(" "); }), HasSubstr("no statement"));
    EXPECT_THAT(refusal([&] { database.prepare("SELECT ?").bind(2, 1); }), HasSubstr("out of range"));
}

}  // namespace
}  // namespace xloop::sqlite
