#include "core/table.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <limits>

namespace xloop {
namespace {

constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

Table prices() {
    Table table{"a <b>",
                {Column("name", "what", -6, 2), Column("code", ""), Column("price_j", "price nJ", 10, 0, "{:.1f}", 1e9),
                 Column("", "note", -1, 1)}};
    table.columns[1].csv_format = "{:.2f}";
    table.add("plain", 1.0, 2.5e-9, "");
    table.add("a,\"b\"|c\n<d>&", 0.125, 12e-9, "end");
    table.add("none", Json(), unknown, Json::array({"x", "y"}));
    return table;
}

TEST(Table, GivenText_ThenCellsAreScaledAlignedAndWithoutBlanksAtTheEnd) {
    Table table = prices();
    table.rows[1][0] = "longer than its column";
    EXPECT_EQ(table.text(), "  what                    price nJ note\n"
                            "  plain                        2.5\n"
                            "  longer than its column      12.0 end\n"
                            "  none                           - x, y\n");
    EXPECT_EQ(table.text_head() + table.text_line(0), "  what    price nJ note\n"
                                                      "  plain        2.5\n");
}

TEST(Table, GivenCsv_ThenValuesAreUnscaledAndQuotedWhereTheyMust) {
    EXPECT_EQ(prices().csv(),
              "name,code,price_j\n"
              "plain,1.00,2.5e-09\n"
              "\"a,\"\"b\"\"|c\n<d>&\",0.12,1.2e-08\n"
              "none,,\n");
    Table quoted{"", for_programs("a,b,c:.1e")};
    quoted.columns[0].quoted = true;
    quoted.add("x", std::numeric_limits<double>::infinity(), Json::array({"1", "2"}));
    quoted.add("", true, 7.0);
    EXPECT_EQ(quoted.csv(), "a,b,c\n\"x\",inf,1;2\n\"\",1,7.0e+00\n");
}

TEST(Table, GivenJson_ThenEachRowIsAnObjectAndWhatIsNotFiniteIsNull) {
    const Json json = prices().json();
    ASSERT_EQ(json.size(), 3u);
    EXPECT_EQ(json[0], (Json{{"name", "plain"}, {"code", 1.0}, {"price_j", 2.5e-9}}));
    EXPECT_EQ(json[1]["name"], "a,\"b\"|c\n<d>&");
    EXPECT_TRUE(json[2]["price_j"].is_null());
    EXPECT_TRUE(json[2]["code"].is_null());
}

TEST(Table, GivenMarkdown_ThenBarsAndLineEndsAreEscaped) {
    EXPECT_EQ(prices().markdown(),
              "| what | price nJ | note |\n|---|---|---|\n"
              "| plain | 2.5 | |\n"
              "| a,\"b\"\\|c<br><d>& | 12.0 | end |\n"
              "| none | - | x, y |\n");
}

TEST(Table, GivenHtml_ThenEverythingIsEscaped) {
    const std::string html = prices().html();
    EXPECT_THAT(html, testing::HasSubstr("<caption>a &lt;b&gt;</caption>"));
    EXPECT_THAT(html, testing::HasSubstr("<th>what</th><th style=\"text-align:right\">price nJ</th>"));
    EXPECT_THAT(html, testing::HasSubstr("<td>a,&quot;b&quot;|c<br>&lt;d&gt;&amp;</td>"));
}

TEST(Table, GivenNoRows_ThenOnlyTheHeadIsWritten) {
    const Table table{"empty", {Column("a", "A", 3)}};
    EXPECT_EQ(table.text(), "  A\n");
    EXPECT_EQ(table.csv(), "a\n");
    EXPECT_EQ(table.json(), Json::array());
    EXPECT_EQ(table.markdown(), "| A |\n|---|\n");
    EXPECT_EQ(table.html(),
              "<table>\n<caption>empty</caption>\n<tr><th style=\"text-align:right\">A</th></tr>\n</table>\n");
}

TEST(Table, GivenYesAndNo_ThenPeopleReadWordsAndProgramsValues) {
    Table table{"", {Column("stable", "stable", 6)}};
    table.add(true);
    table.add(false);
    EXPECT_EQ(table.text(), "stable\n   yes\n    no\n");
    EXPECT_EQ(table.csv(), "stable\n1\n0\n");
    EXPECT_EQ(table.json()[0]["stable"], true);
}

TEST(TableText, GivenCellsThatAreLongerThanTheirColumn_ThenAllRowsStayInLine) {
    Table table{"t", {{"name", "name", -4}, {"n", "n", 2, 1}}};
    table.add("a", 1);
    table.add("a long one \u00b5", 12345);
    EXPECT_EQ(table.text(), "name             n\n"
                            "a                1\n"
                            "a long one \u00b5 12345\n");
}

}  // namespace
}  // namespace xloop
