#include "nas/query_table.hpp"

#include "core/error.hpp"
#include "core/files.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <unistd.h>
#include <filesystem>
#include <string>
#include <vector>

namespace xloop {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

QueryRow labelled(int index) {
    QueryRow row;
    row.index = index;
    row.cell = Cell::from_index(index);
    row.benchmark = benchmark_counts({}, row.cell);
    return row;
}

/// With figures; with figures and errors; with neither.
std::vector<QueryRow> three_rows() {
    QueryRow plain = labelled(7), measured = labelled(123), refused = labelled(9000);
    CellFigures figures;
    figures.macs = 15'647'360;
    figures.weights = 126'512;
    figures.arrays = 300;
    figures.tiles = 49;
    figures.energy_j = 4.6875e-4 / 3.0;
    figures.latency_s = 1.037828e-3;
    figures.interval_s = 8.192e-4;
    figures.area_mm2 = 12.742492199215883;
    figures.edap = figures.energy_j * figures.latency_s * figures.area_mm2;
    plain.figures = measured.figures = figures;
    measured.figures->contended = true;
    measured.errors = CellErrors{-0.01, 0.25, 1e-6 / 3.0};
    refused.problem = "buffer.bytes: too small, \"by far\"";
    return {plain, measured, refused};
}

class QueryFiles : public testing::Test {
protected:
    QueryFiles() : folder_(fs::temp_directory_path() / ("xloop_query_" + std::to_string(::getpid()))) {
        fs::remove_all(folder_);
        fs::create_directories(folder_);
    }
    ~QueryFiles() override { fs::remove_all(folder_); }

    std::string path(const std::string& name) const { return (folder_ / name).string(); }
    std::string csv(const std::string& text) const {
        write_file_atomically(path("table.csv"), text);
        return path("table.csv");
    }
    std::string sqlite(const std::vector<QueryRow>& rows) const {
        QueryStore(path("table.sqlite"), settings_).add(rows);
        return path("table.sqlite");
    }
    /// The CSV file of three rows with one text in place of another.
    std::string changed(const std::string& from, const std::string& to) const {
        std::string text = query_rows_table(three_rows()).csv();
        const std::size_t at = text.find(from);
        EXPECT_NE(at, text.npos) << from;
        return csv(text.replace(at, from.size(), to));
    }
    static void expect_refused(const std::string& file, const std::string& message) {
        try {
            QueryTable table(file);
            ADD_FAILURE() << "taken, although " << message;
        } catch (const InputError& error) {
            EXPECT_THAT(error.what(), HasSubstr(message));
        }
    }

    const fs::path folder_;
    const Json settings_ = {{"cells", 5}, {"adc.bits", 8}, {"name", "a"}};
};

TEST_F(QueryFiles, GivenRowsInEitherKindOfFile_ThenTheyComeBackAsTheyWere) {
    const std::string written = query_rows_table(three_rows()).csv();
    for (const std::string& file : {csv(written), sqlite(three_rows())}) {
        const QueryTable table(file);
        EXPECT_EQ(query_rows_table(table.rows()).csv(), written) << file;
    }
}

TEST_F(QueryFiles, GivenATable_ThenArchitecturesAreFoundByNumberAndByText) {
    const std::vector<QueryRow> rows = three_rows();
    for (const std::string& file : {csv(query_rows_table({rows[2], rows[0], rows[1]}).csv()), sqlite(rows)}) {
        const QueryTable table(file);
        const auto found = table.find(123);
        ASSERT_TRUE(found);
        EXPECT_EQ(found->figures->energy_j, rows[1].figures->energy_j);
        EXPECT_EQ(found->errors->non_ideality, -0.01);
        EXPECT_TRUE(found->figures->contended);
        EXPECT_EQ(table.find(Cell::from_index(7).text())->index, 7);
        EXPECT_EQ(table.find("9000")->problem, rows[2].problem);
        EXPECT_FALSE(table.find(8));
        EXPECT_THROW(table.find(Cell::count), InputError);
        EXPECT_THROW(table.find("|none~0|"), InputError);
    }
}

TEST_F(QueryFiles, GivenADamagedTable_ThenTheMessageSaysWhereAndWhat) {
    expect_refused(path("absent.csv"), "absent.csv");
    expect_refused(csv("a,b\n1,2\n"), "expected `arch_index,architecture,");
    expect_refused(changed("\n7,", "\n15625,"), "table.csv:2: arch_index is 15625");
    expect_refused(changed("\n7,", "\n8,"), "table.csv:2: architecture is ");
    expect_refused(changed("\n123,", "\n7,"), "table.csv:3: architecture is ");
    expect_refused(changed(",300,49,", ",300,x,"), "table.csv:2: tiles is `x`");
    expect_refused(changed(",300,49,", ",300,,"), "table.csv:2: tiles is missing");
    expect_refused(changed(",0.001037828,", ",-0.001037828,"), "table.csv:2: latency_s is -0.001037828");
    expect_refused(changed(",0.001037828,", ",0.002,"), "table.csv:2: edap is ");
    expect_refused(changed(",0.0008192,", ",0.0009,"), "table.csv:2: images_per_s is ");
    const std::vector<QueryRow> rows = three_rows();
    expect_refused(csv(query_rows_table({rows[0], rows[1], rows[0]}).csv()), "architecture 7 comes twice");
}

TEST_F(QueryFiles, GivenADatabaseOfSomethingElse_ThenItIsRefused) {
    sqlite::Database(path("other.sqlite")).execute("CREATE TABLE things (name TEXT)");
    expect_refused(path("other.sqlite"), "without a table `architectures`");
    EXPECT_THROW(QueryStore(path("other.sqlite"), settings_), InputError);
    sqlite(three_rows());
    sqlite::Database(path("table.sqlite")).execute("UPDATE architectures SET edap = 1 WHERE arch_index = 123");
    expect_refused(path("table.sqlite"), "row 2 of `architectures`: edap is 1");
}

TEST_F(QueryFiles, GivenOtherSettings_ThenTheStoreNamesThem) {
    sqlite(three_rows());
    EXPECT_EQ(QueryStore(path("table.sqlite"), settings_).rows().size(), 3u);
    Json other = settings_;
    other["adc.bits"] = 6;
    try {
        QueryStore store(path("table.sqlite"), other);
        ADD_FAILURE();
    } catch (const InputError& error) {
        EXPECT_THAT(error.what(), HasSubstr("adc.bits is 8 there, now 6"));
    }
}

}  // namespace
}  // namespace xloop
