#include "traces/text/text_input.hpp"

#include "tests/traces/scratch_folder.hpp"
#include "traces/text/text_output.hpp"

#include <gmock/gmock.h>

namespace xloop::trace {
namespace {

using testing::HasSubstr;
using TextInputFile = test::ScratchFolder;

std::string message_of(const std::function<void()>& action) {
    try {
        action();
    } catch (const InputError& e) {
        return e.what();
    }
    return "no error";
}

TEST(TextInput, GivenBlanksOfAllKinds_ThenWordsAndPlacesAreRight) {
    TextInput in("t", " one\ttwo\r\n\n  three");
    EXPECT_EQ(in.word(), "one");
    EXPECT_EQ(in.place(), "t:1:2");
    EXPECT_EQ(in.word(), "two");
    EXPECT_EQ(in.place(), "t:1:6");
    EXPECT_EQ(in.word(), "three");
    EXPECT_EQ(in.place(), "t:3:3");
    EXPECT_EQ(in.word(), "");
    EXPECT_EQ(in.word(), "");
}

TEST(TextInput, GivenWordsAcrossBuffers_ThenNothingIsLostAndPlacesStayRight) {
    // The buffer is no larger than 1 MB: words of growing length straddle its end.
    std::string text;
    std::vector<std::string> words;
    for (std::size_t i = 0; i < 2000; ++i) {
        words.emplace_back(1 + i * 7 % 3000, static_cast<char>('a' + i % 26));
        text += words.back() + (i % 5 == 0 ? "\n" : " ");
    }
    TextInput in("t", text);
    std::uint64_t line = 1;
    for (std::size_t i = 0; i < words.size(); ++i) {
        ASSERT_EQ(in.word(), words[i]) << i;
        ASSERT_EQ(in.line(), line);
        line += i % 5 == 0;
    }
    EXPECT_EQ(in.word(), "");
    EXPECT_EQ(in.offset(), text.size());
}

TEST(TextInput, GivenAWordLongerThanTheBuffer_ThenItIsWholeUpToALimit) {
    const std::string fits(3u << 20, 'a'), too_long(5u << 20, 'b');
    const std::string text = fits + " " + too_long;
    TextInput in("t", text);
    EXPECT_EQ(in.word(), fits);
    EXPECT_THAT(message_of([&] { in.word(); }), HasSubstr("without a blank"));
}

TEST(TextInput, GivenAZeroByte_ThenItsPlaceIsNamed) {
    TextInput in("t", std::string_view("ab\ncd\0ef", 8));
    EXPECT_EQ(in.word(), "ab");
    EXPECT_EQ(in.word(), "cd");
    EXPECT_THAT(message_of([&] { in.word(); }), HasSubstr("t:2:3: a zero byte"));
}

TEST(TextInput, GivenLines_ThenTheirEndsAreTakenOff) {
    TextInput in("t", "a,b\r\n\nlast");
    std::string line;
    EXPECT_TRUE(in.line(line));
    EXPECT_EQ(line, "a,b");
    EXPECT_TRUE(in.line(line));
    EXPECT_EQ(line, "");
    EXPECT_TRUE(in.line(line));
    EXPECT_EQ(line, "last");
    EXPECT_FALSE(in.line(line));
}

TEST_F(TextInputFile, GivenAGzipFile_ThenItReadsAsThePlainOne) {
    std::string text;
    for (std::uint64_t i = 0; i < 300'000; ++i)
        text += std::to_string(i * 7919 % 100'003) + "\n";
    TextOutput out(path("t.gz"));
    out.write(text);
    out.close();
    TextInput packed(path("t.gz")), plain("t", text);
    ASSERT_LT(packed.stored_bytes(), text.size());
    for (std::string_view word = plain.word(); !word.empty(); word = plain.word())
        ASSERT_EQ(packed.word(), word);
    EXPECT_EQ(packed.word(), "");
}

TEST_F(TextInputFile, GivenABrokenGzipFile_ThenItIsUnreadable) {
    std::string text;
    for (std::uint64_t i = 0; i < 100'000; ++i)
        text += std::to_string(i * 7919 % 100'003) + "\n";
    TextOutput out(path("t.gz"));
    out.write(text);
    out.close();
    const std::string whole = read_file(path("t.gz"));
    const auto read_all = [](const std::string& name) {
        return message_of([&] {
            TextInput in(name);
            while (!in.word().empty()) {
            }
        });
    };
    EXPECT_THAT(read_all(write("cut.gz", whole.substr(0, whole.size() / 2))), HasSubstr("cut off"));
    EXPECT_THAT(read_all(write("no_trailer.gz", whole.substr(0, whole.size() - 3))), HasSubstr("cut off"));
    std::string flipped = whole;
    flipped[whole.size() - 6] = static_cast<char>(flipped[whole.size() - 6] ^ 1);
    EXPECT_THAT(read_all(write("crc.gz", flipped)), HasSubstr("error while reading"));
    EXPECT_EQ(read_all(path("t.gz")), "no error");
}

TEST_F(TextInputFile, GivenNoFile_ThenTheReasonIsNamed) {
    EXPECT_THAT(message_of([&] { TextInput in(path("none")); }), HasSubstr("No such file"));
    EXPECT_THAT(message_of([&] { TextInput in(folder_.string()); }), HasSubstr("folder"));
}

TEST(TextInput, GivenAByteOrderMark_ThenItIsSkippedOrNamed) {
    TextInput in("t", "\xef\xbb\xbfword next");
    EXPECT_EQ(in.word(), "word");
    EXPECT_EQ(in.place(), "t:1:1");
    EXPECT_EQ(in.word(), "next");
    TextInput only("t", "\xef\xbb\xbf");
    EXPECT_EQ(only.peek(), -1);
    EXPECT_EQ(only.word(), "");
    for (const std::string_view text : {std::string_view("\xff\xfe$\0", 4), std::string_view("\xfe\xff\0$", 4)}) {
        TextInput wide("t", text);
        try {
            wide.word();
            ADD_FAILURE() << "accepted";
        } catch (const UnreadableInput& e) {
            EXPECT_THAT(e.what(), testing::HasSubstr("UTF-16"));
        }
    }
}

TEST(TextInput, GivenADevice_ThenItIsRefusedBeforeAnythingIsRead) {
    for (const char* path : {"/dev/zero", "/dev/null", "/dev/urandom"})
        EXPECT_THROW(TextInput{std::string(path)}, UnreadableInput) << path;
}

TEST(TextInput, GivenAProblem_ThenAListenerIsToldAndWithoutOneItIsAnError) {
    TextInput in("t", "a b");
    in.word();
    EXPECT_THROW(in.problem("odd"), InputError);
    in.remark(7, "odd");
    std::vector<std::string> told;
    in.set_listener([&](const std::string& what) { told.push_back(what); });
    in.problem("odd");
    in.remark(7, "odd");
    in.remark(0, "odd");
    EXPECT_EQ(told, (std::vector<std::string>{"t:1:1: odd", "t:7: odd", "t: odd"}));
}

TEST(TextInput, GivenTextAtTheEndOfABuffer_ThenItIsSeenAhead) {
    std::string text((std::size_t{1} << 20) - 1, ' ');
    text += "/* x";
    TextInput in("t", text);
    while (in.peek() == ' ')
        in.get();
    EXPECT_TRUE(in.goes_on_with("/*"));
    EXPECT_FALSE(in.goes_on_with("//"));
    EXPECT_FALSE(in.goes_on_with("/* x and more"));
    EXPECT_EQ(in.word(), "/*");
}

}  // namespace
}  // namespace xloop::trace
