#include "core/csv_rows.hpp"
#include "core/error.hpp"
#include "core/words.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sstream>

namespace xloop {
namespace {

CsvRows rows_of(const std::string& text) {
    const auto lines = std::make_shared<std::istringstream>(text);
    return {"t.csv", [lines](std::string& line) { return static_cast<bool>(std::getline(*lines, line)); }};
}

template <class Call>
std::string message_of(Call call) {
    try {
        call();
    } catch (const InputError& e) {
        return e.what();
    }
    return "accepted";
}

TEST(CsvRows, GivenBlanksCommentsAndEmptyLines_ThenCellsAreBare) {
    CsvRows rows = rows_of("# first\n\n name , amount\r\n a b ,\t2 \r\n\n#x\nc,-3\n");
    EXPECT_EQ(rows.header(), (std::vector<std::string>{"name", "amount"}));
    ASSERT_TRUE(rows.next());
    EXPECT_EQ(rows.cell(0), "a b");
    EXPECT_EQ(rows.integer(1), 2);
    ASSERT_TRUE(rows.next());
    EXPECT_EQ(rows.number(1), -3.0);
    EXPECT_FALSE(rows.next());
}

TEST(CsvRows, GivenBadCells_ThenPlaceColumnAndExpectationAreNamed) {
    const auto message = [](const std::string& row, auto read) {
        CsvRows rows = rows_of("name,amount\n" + row + "\n");
        return message_of([&] {
            rows.next();
            read(rows);
        });
    };
    const auto nothing = [](CsvRows&) {};
    EXPECT_EQ(message("a", nothing), "t.csv:2: 1 cells; expected 2: name,amount");
    EXPECT_EQ(message("a,1,2", nothing), "t.csv:2: 3 cells; expected 2: name,amount");
    const auto number = [](CsvRows& rows) { rows.number(1, 0.0); };
    for (const char* bad : {"x", "", "1x", "nan", "inf", "-1"})
        EXPECT_EQ(message(std::string("a,") + bad, number),
                  std::string("t.csv:2: amount is `") + bad + "`; expected a number of at least 0");
    EXPECT_EQ(message("a,x", [](CsvRows& rows) { rows.number(1); }), "t.csv:2: amount is `x`; expected a number");
    EXPECT_EQ(message("a,8", [](CsvRows& rows) { rows.integer(1, 0, 7); }),
              "t.csv:2: amount is `8`; expected a whole number from 0 to 7");
}

TEST(CsvRows, GivenTablesOfSpreadsheets_ThenTheyReadAsPlainOnes) {
    for (const char* text :
         {"name,amount\na b,1.5\n", "\xef\xbb\xbfname,amount\r\na b,1.5\r\n", "Name;AMOUNT\na b;1,5\n",
          "name\tamount\na b\t1.5\n", "\"name\",\"amount\"\n\"a b\",\"1.5\"\n", "name,amount,\na b,1.5,\n",
          "name,amount,,\n a b , 1.5\n", "name;amount;\n\"a b\" ;1.5;;\n"}) {
        CsvRows rows = rows_of(text);
        EXPECT_EQ(rows.header(), (std::vector<std::string>{"name", "amount"})) << text;
        ASSERT_TRUE(rows.next()) << text;
        EXPECT_EQ(rows.cell(0), "a b") << text;
        EXPECT_EQ(rows.number(1), 1.5) << text;
        EXPECT_FALSE(rows.next()) << text;
    }
}

TEST(CsvRows, GivenQuotedCells_ThenSeparatorsAndQuotesAreTheirs) {
    CsvRows rows = rows_of("name,amount\n\"a, \"\"b\"\" \",2\n \"\" ,3\n5\" pipe,4\n\"no end,5\n");
    const auto name = [&] { return std::string(rows.next() ? rows.cell(0) : "none"); };
    EXPECT_EQ(name(), "a, \"b\" ");
    EXPECT_EQ(name(), "");
    EXPECT_EQ(name(), "5\" pipe");
    EXPECT_EQ(message_of([&] { rows.next(); }), "t.csv:5: a quote without its end; a cell must end in its line");
    EXPECT_THAT(message_of([] { rows_of("\xff\xfen\n"); }), testing::HasSubstr("UTF-16"));
}

TEST(CsvRows, GivenNoLines_ThenTheHeaderIsEmpty) {
    CsvRows rows = rows_of("\n# nothing\n");
    EXPECT_TRUE(rows.header().empty());
    EXPECT_FALSE(rows.next());
}

TEST(Words, GivenCountsAndShares_ThenTheyReadAsInASentence) {
    EXPECT_EQ(counted(1, "image"), "1 image");
    EXPECT_EQ(counted(0, "image"), "0 images");
    EXPECT_EQ(percent(0.1256, 1), "12.6 %");
    EXPECT_EQ(split(" a;;b ", ';'), (std::vector<std::string_view>{"a", "", "b"}));
}

}  // namespace
}  // namespace xloop
