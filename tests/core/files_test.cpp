#include "core/files.hpp"

#include "core/error.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace xloop {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class Files : public testing::Test {
protected:
    Files()
        : folder_(fs::temp_directory_path() /
                  (std::string("xloop_files_") + testing::UnitTest::GetInstance()->current_test_info()->name() + "_" +
                   std::to_string(::getpid()))) {
        fs::remove_all(folder_);
        fs::create_directories(folder_);
    }
    ~Files() override { fs::remove_all(folder_); }

    std::string path(const std::string& name) const { return (folder_ / name).string(); }
    std::vector<std::string> names() const {
        std::vector<std::string> found;
        for (const auto& entry : fs::directory_iterator(folder_))
            found.push_back(entry.path().filename().string());
        std::sort(found.begin(), found.end());
        return found;
    }
    template <class Action>
    static std::string refusal(Action action) {
        try {
            action();
        } catch (const InputError& e) {
            return e.what();
        }
        ADD_FAILURE() << "expected an InputError";
        return {};
    }

    fs::path folder_;
};

TEST_F(Files, GivenAnUnfinishedFile_ThenTheOldOneStaysAndNothingElse) {
    write_file_atomically(path("a"), "old");
    {
        NewFile file(path("a"));
        file.write("new");
        EXPECT_EQ(names().size(), 2u);
        for (const std::string& name : names())
            EXPECT_EQ(is_temporary(name), name != "a") << name;
    }
    EXPECT_EQ(names(), std::vector<std::string>{"a"});
    EXPECT_EQ(read_file(path("a")), "old");
}

TEST_F(Files, GivenTwoWritersOfOneFile_ThenEachHasATemporaryOfItsOwn) {
    NewFile one(path("a")), two(path("a"));
    one.write("one");
    two.write("two");
    two.commit();
    one.commit();
    EXPECT_EQ(read_file(path("a")), "one");
    EXPECT_EQ(names(), std::vector<std::string>{"a"});
}

TEST_F(Files, GivenTheLongestName_ThenItIsWritten) {
    const std::string longest(255, 'x');
    write_file_atomically(path(longest), "1");
    EXPECT_EQ(names(), std::vector<std::string>{longest});
    EXPECT_THAT(refusal([&] { write_file_atomically(path(longest + "x"), "1"); }), HasSubstr("too long"));
    EXPECT_THAT(refusal([&] { demand_writable(path(longest + "x")); }), HasSubstr("too long"));
}

TEST_F(Files, GivenANameThatTheSystemCuts_ThenItIsRefused) {
    const std::string cut = path("a") + std::string(1, '\0') + "b";
    EXPECT_THAT(refusal([&] { write_file_atomically(cut, "1"); }), HasSubstr("NUL"));
    EXPECT_THAT(refusal([&] { demand_writable(cut); }), HasSubstr("NUL"));
    EXPECT_THAT(refusal([&] { read_file(cut); }), HasSubstr("NUL"));
    EXPECT_THAT(refusal([&] { read_file(""); }), HasSubstr("empty"));
    EXPECT_TRUE(names().empty());
}

TEST_F(Files, GivenALimit_ThenALargerFileIsNotRead) {
    write_file_atomically(path("a"), "12345");
    EXPECT_EQ(read_file(path("a"), 5), "12345");
    EXPECT_THAT(refusal([&] { read_file(path("a"), 4); }), HasSubstr("5 bytes; at most 4"));
    std::ofstream(path("huge")).seekp(std::streamoff{1} << 40).put('x');
    EXPECT_THAT(refusal([&] { read_file(path("huge")); }), HasSubstr("at most"));
    EXPECT_THAT(refusal([] { read_file("/dev/zero"); }), HasSubstr("device"));
    EXPECT_THAT(refusal([&] { read_file(folder_.string()); }), HasSubstr("folder"));
}

TEST_F(Files, GivenAChangedFile_ThenItsChecksumTells) {
    const std::string file = path("a");
    for (const char* content : {"one", "two", "two", ""}) {
        write_checked(file, content);
        EXPECT_EQ(read_checked(file, "advice"), content);
    }
    write_checked(path("b"), "other");
    std::ofstream(file) << "edited";
    const std::string message = refusal([&] { read_checked(file, "do this"); });
    EXPECT_THAT(message, HasSubstr(file));
    EXPECT_THAT(message, HasSubstr("do this"));
    EXPECT_EQ(read_checked(path("b"), ""), "other");
    std::ofstream(path("c")) << "nobody's";
    EXPECT_EQ(read_checked(path("c"), ""), "nobody's");
}

TEST_F(Files, GivenAProcessEndedBetweenChecksumAndFile_ThenOldAndNewContentAreRight) {
    write_checked(path("a"), "old");
    const std::string before = read_file(path("checksums.txt"));
    write_checked(path("a"), "new");
    const std::string after = read_file(path("checksums.txt"));
    std::ofstream(path("checksums.txt")) << before << after;  // as it is while `a` is replaced
    EXPECT_EQ(read_checked(path("a"), ""), "new");
    std::ofstream(path("a")) << "old";
    EXPECT_EQ(read_checked(path("a"), ""), "old");
    write_checked(path("a"), "newest");
    EXPECT_EQ(read_checked(path("a"), ""), "newest");
    std::ofstream(path("a")) << "old";
    EXPECT_THROW(read_checked(path("a"), ""), InputError);
}

TEST_F(Files, GivenTemporariesOfDeadProcesses_ThenTheyAreRemovedBelowAFolder) {
    fs::create_directories(folder_ / "inner");
    for (const char* name : {"a.tmp12.0", "inner/b.json.tmp7", "c.tmp", "d.tmpx", "tmp12"})
        std::ofstream(path(name)) << "x";
    remove_temporaries_below(folder_.string());
    EXPECT_EQ(names(), (std::vector<std::string>{"c.tmp", "d.tmpx", "inner", "tmp12"}));
    EXPECT_TRUE(fs::is_empty(folder_ / "inner"));
}

TEST_F(Files, GivenALockedFolder_ThenTheSecondIsToldWhoHasIt) {
    {
        const FolderLock first(folder_.string());
        EXPECT_THAT(refusal([&] { FolderLock second(folder_.string()); }),
                    HasSubstr("process " + std::to_string(::getpid())));
    }
    FolderLock third(folder_.string());
}

}  // namespace
}  // namespace xloop
