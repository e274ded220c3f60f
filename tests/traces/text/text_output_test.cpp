#include "traces/text/text_output.hpp"

#include "core/error.hpp"
#include "core/files.hpp"
#include "tests/traces/scratch_folder.hpp"
#include "traces/text/text_input.hpp"

#include <gmock/gmock.h>

namespace xloop::trace {
namespace {

using testing::HasSubstr;

class TextOutputTest : public test::ScratchFolder {
protected:
    std::ptrdiff_t file_count() const {
        return std::distance(std::filesystem::directory_iterator(path("")), std::filesystem::directory_iterator());
    }
};

/// Pieces of all sizes, from a character to more than the output holds.
std::string write_pieces(TextOutput& out) {
    std::string all;
    std::size_t size = 1;
    for (int i = 0; i < 45; ++i, size = size * 4 / 3 + 1) {
        const std::string piece(size, static_cast<char>('a' + i % 26));
        out.write(piece);
        all += piece;
        out.put('\n');
        char* place = out.reserve(3);
        std::copy_n("xyz", 3, place);
        out.commit(2);
        all += "\nxy";
        EXPECT_EQ(out.bytes(), all.size());
    }
    return all;
}

TEST_F(TextOutputTest, GivenPiecesOfAnySize_ThenTheFileHoldsThemAllAndTakesItsNameWhenClosed) {
    TextOutput out(path("a.txt"));
    const std::string all = write_pieces(out);
    EXPECT_FALSE(std::filesystem::exists(path("a.txt")));
    out.close();
    EXPECT_TRUE(read_file(path("a.txt")) == all);
    EXPECT_EQ(file_count(), 1);
}

TEST_F(TextOutputTest, GivenACompressedFile_ThenItReadsBack) {
    TextOutput out(path("a.txt.gz"));
    const std::string all = write_pieces(out);
    out.close();
    EXPECT_LT(std::filesystem::file_size(path("a.txt.gz")), all.size() / 10);
    TextInput in(path("a.txt.gz"));
    std::string text;
    text.reserve(all.size());
    for (int c = in.get(); c >= 0; c = in.get())
        text += static_cast<char>(c);
    EXPECT_TRUE(text == all);
}

TEST_F(TextOutputTest, GivenNoClose_ThenNothingStays) {
    for (const char* name : {"a.txt", "a.txt.gz"}) {
        TextOutput(path(name)).write(std::string(1 << 20, 'x'));
        EXPECT_EQ(file_count(), 0) << name;
    }
}

TEST_F(TextOutputTest, GivenAnAbsentFolder_ThenTheErrorSaysWhichFileAndWhy) {
    for (const char* name : {"absent/a.txt", "absent/a.txt.gz"})
        try {
            TextOutput out(path(name));
            FAIL();
        } catch (const Error& e) {
            EXPECT_THAT(e.what(), HasSubstr(path(name)));
            EXPECT_THAT(e.what(), HasSubstr("No such file"));
        }
}

}  // namespace
}  // namespace xloop::trace
