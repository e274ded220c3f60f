#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

// docs/architecture.md, "Rooms and levels", as a check on every source file.
namespace xloop {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

struct Room {
    const char* path;
    int level;
};

/// A room may include itself and any room of a lower level. dnn/data and dnn/import are rooms of their own, inside dnn.
constexpr std::array<Room, 23> rooms = {{
    {"core", 0},
    {"systemc_model/device", 1},
    {"systemc_model/cost", 1},
    {"systemc_model/noc", 1},
    {"traces", 1},
    {"dnn/data", 1},
    {"dnn/import", 1},
    {"systemc_model/crossbar", 2},
    {"systemc_model/mapping", 2},
    {"systemc_model/chip", 3},
    {"systemc_model/estimate", 4},
    {"systemc_model/sim", 4},
    {"dnn", 4},
    {"analysis", 5},
    {"attacks", 5},
    {"jobs", 5},
    {"training", 6},
    {"nas", 7},
    {"facade", 8},
    {"apps", 8},
    {"examples", 8},
    {"tests", 8},
    {"bench", 8},
}};

/// What may be included besides, although it is of the same level: (who, what).
constexpr std::array<std::pair<const char*, const char*>, 3> same_level = {
    {{"tests", "apps"}, {"bench", "tests"}, {"bench", "apps"}}};

constexpr std::array<const char*, 3> systemc_rooms = {"systemc_model/sim", "examples", "tests/systemc_model/sim"};
constexpr std::array<const char*, 11> torch_rooms = {"bench",
                                                     "dnn",
                                                     "attacks",
                                                     "training",
                                                     "nas",
                                                     "apps/operators",
                                                     "tests/dnn",
                                                     "tests/attacks",
                                                     "tests/training",
                                                     "tests/nas",
                                                     "tests/apps/operators"};

/// Made by CMake; lies in no room.
constexpr const char* generated_header = "xloop_version.hpp";

/// Text of every source file by its path from the repository's root.
using Sources = std::map<std::string, std::string>;

struct Include {
    int line = 0;
    std::string path;
    bool quoted = false;
};

std::vector<Include> includes_of(const std::string& text) {
    std::vector<Include> found;
    std::istringstream in(text);
    int number = 0;
    for (std::string line; std::getline(in, line);) {
        ++number;
        const auto skip_blanks = [&line](std::size_t from) {
            return std::min(line.find_first_not_of(" \t", from), line.size());
        };
        std::size_t at = skip_blanks(0);
        if (line.compare(at, 1, "#") != 0)
            continue;
        at = skip_blanks(at + 1);
        if (line.compare(at, 7, "include") != 0)
            continue;
        at = skip_blanks(at + 7);
        const bool quoted = line.compare(at, 1, "\"") == 0;
        if (!quoted && line.compare(at, 1, "<") != 0)
            continue;
        const std::size_t end = line.find(quoted ? '"' : '>', at + 1);
        if (end != std::string::npos)
            found.push_back({number, line.substr(at + 1, end - at - 1), quoted});
    }
    return found;
}

bool is_under(const std::string& path, const std::string& folder) { return path.rfind(folder + "/", 0) == 0; }

template <class Folders>
bool is_under_one_of(const std::string& path, const Folders& folders) {
    return std::any_of(folders.begin(), folders.end(), [&](const char* folder) { return is_under(path, folder); });
}

/// The room that a path lies in, the innermost one; null outside of all.
const Room* room_of(const std::string& path) {
    const Room* found = nullptr;
    for (const Room& room : rooms)
        if (is_under(path, room.path) && (!found || is_under(room.path, found->path)))
            found = &room;
    return found;
}

/// Whether a path begins with a folder of ours, in a room or not.
bool is_ours(const std::string& path) {
    const std::string folder = path.substr(0, path.find('/')) + "/";
    return std::any_of(rooms.begin(), rooms.end(),
                       [&](const Room& room) { return (room.path + std::string("/")).rfind(folder, 0) == 0; });
}

bool may_include(const Room& who, const Room& what) {
    const auto listed = [&](const auto& pair) {
        return std::string(pair.first) == who.path && std::string(pair.second) == what.path;
    };
    return &who == &what || what.level < who.level || std::any_of(same_level.begin(), same_level.end(), listed);
}

bool is_systemc(const std::string& header) {
    return header == "systemc" || header == "systemc.h" || is_under(header, "sysc") || header.rfind("tlm", 0) == 0;
}
bool is_torch(const std::string& header) {
    return is_under(header, "torch") || is_under(header, "ATen") || is_under(header, "c10");
}

std::string check_include(const std::string& file, const Include& include) {
    if (is_systemc(include.path))
        return is_under_one_of(file, systemc_rooms) ? "" : "only systemc_model/sim and examples may include SystemC";
    if (is_torch(include.path))
        return is_under_one_of(file, torch_rooms) && !is_under(file, "dnn/data") && !is_under(file, "dnn/import")
                   ? ""
                   : "only dnn (without dnn/data and dnn/import), attacks, training, nas, apps/operators and their "
                     "tests may include LibTorch";
    if (!include.quoted && !is_ours(include.path))
        return "";
    if (include.path == generated_header)
        return "";
    const Room* who = room_of(file);
    const Room* what = room_of(include.path);
    if (!who)
        return "the file lies in no room";
    if (!what)
        return "expected a path from the repository's root into a room";
    if (!may_include(*who, *what))
        return std::string(who->path) + " (level " + std::to_string(who->level) + ") may not include " + what->path +
               " (level " + std::to_string(what->level) + ")";
    return "";
}

/// Every header that a file includes, directly or through headers of ours.
void collect(const Sources& sources, const std::string& file, std::set<std::string>& reached) {
    const auto source = sources.find(file);
    if (source == sources.end())
        return;
    for (const Include& include : includes_of(source->second))
        if (reached.insert(include.path).second)
            collect(sources, include.path, reached);
}

/// All breaches of the include order, "file:line: #include path: why", in order.
std::vector<std::string> violations(const Sources& sources) {
    std::vector<std::string> found;
    for (const auto& [file, text] : sources) {
        for (const Include& include : includes_of(text)) {
            const std::string why = check_include(file, include);
            if (!why.empty())
                found.push_back(file + ":" + std::to_string(include.line) + ": #include " + include.path + ": " + why);
        }
        std::set<std::string> reached;
        collect(sources, file, reached);
        const auto reaches = [&](bool (*library)(const std::string&)) {
            return std::any_of(reached.begin(), reached.end(), library);
        };
        if (reaches(is_systemc) && reaches(is_torch))
            found.push_back(file + ": includes both SystemC and LibTorch, directly or through other headers");
    }
    return found;
}

/// A header and the source file of the same name are one unit.
std::string unit_of(const std::string& path) { return path.substr(0, path.rfind('.')); }

/// Groups of units that reach each other through includes (Tarjan's strongly connected components), "a, b, c". A header
/// with its own private parts, whose source files need the header, may be a group: those of two units are left out.
class Knots {
public:
    explicit Knots(const Sources& sources) {
        for (const auto& [file, text] : sources)
            for (const Include& include : includes_of(text))
                if (sources.count(include.path) > 0 && unit_of(include.path) != unit_of(file))
                    arrows_[unit_of(file)].insert(unit_of(include.path));
        for (const auto& [unit, ignored] : arrows_)
            if (number_.count(unit) == 0)
                visit(unit);
    }

    const std::vector<std::string>& found() const { return found_; }

private:
    /// Returns the lowest number that `unit` reaches among units whose group is still open.
    int visit(const std::string& unit) {
        const int own = static_cast<int>(number_.size());
        int lowest = number_[unit] = own;
        open_.push_back(unit);
        for (const std::string& next : arrows_[unit])
            if (number_.count(next) == 0)
                lowest = std::min(lowest, visit(next));
            else if (std::find(open_.begin(), open_.end(), next) != open_.end())
                lowest = std::min(lowest, number_[next]);
        if (lowest == own)
            close(std::find(open_.begin(), open_.end(), unit));
        return lowest;
    }

    void close(std::vector<std::string>::iterator first) {
        std::sort(first, open_.end());
        std::string knot;
        for (auto at = first; at != open_.end(); ++at)
            knot += (knot.empty() ? "" : ", ") + *at;
        if (open_.end() - first > 2)
            found_.push_back(knot);
        open_.erase(first, open_.end());
    }

    std::map<std::string, std::set<std::string>> arrows_;
    std::map<std::string, int> number_;
    std::vector<std::string> open_, found_;
};

Sources read_sources(const fs::path& root) {
    Sources sources;
    std::set<std::string> folders;
    for (const Room& room : rooms)
        folders.insert(std::string(room.path).substr(0, std::string(room.path).find('/')));
    for (const std::string& folder : folders) {
        if (!fs::exists(root / folder))
            continue;
        for (const auto& entry : fs::recursive_directory_iterator(root / folder)) {
            const std::string extension = entry.path().extension().string();
            if (!entry.is_regular_file() || (extension != ".hpp" && extension != ".cpp"))
                continue;
            std::ifstream in(entry.path(), std::ios::binary);
            sources[fs::relative(entry.path(), root).generic_string()] = {std::istreambuf_iterator<char>(in), {}};
        }
    }
    return sources;
}

std::string include(const std::string& path) { return "#include \"" + path + "\"\n"; }

TEST(IncludeOrder, GivenTheRepository_ThenNoFileIncludesWhatItsRoomMayNot) {
    const Sources sources = read_sources(XLOOP_SOURCE_DIR);
    for (const char* known : {"core/random.cpp", "systemc_model/sim/kernel/agent.hpp", "dnn/supernet.cpp",
                              "tests/architecture/include_order_test.cpp"})
        EXPECT_EQ(sources.count(known), 1u) << known << " was not read";
    EXPECT_THAT(violations(sources), IsEmpty());
}

TEST(Rooms, GivenEach_ThenAReadmeSaysWhatBelongsThere) {
    for (const Room& room : rooms) {
        std::ifstream in(fs::path(XLOOP_SOURCE_DIR) / room.path / "README.md");
        const std::string text{std::istreambuf_iterator<char>(in), {}};
        EXPECT_EQ(text.rfind(std::string("# ") + room.path + "\n", 0), 0u) << room.path;
    }
}

TEST(TestFolders, GivenEachRoomWithTests_ThenExactlyOneIsThereToBeCopied) {
    std::map<std::string, int> copy_me;
    for (const auto& [file, text] : read_sources(XLOOP_SOURCE_DIR)) {
        if (!is_under(file, "tests") || file.rfind("_test.cpp") == std::string::npos)
            continue;
        const Room* tested = room_of(file.substr(std::string("tests/").size()));
        int& marks = copy_me[tested ? tested->path : fs::path(file).parent_path().generic_string()];
        for (std::size_t at = text.find("\n// Copy me: "); at != std::string::npos;
             at = text.find("\n// Copy me: ", at + 1))
            ++marks;
    }
    EXPECT_GT(copy_me.size(), 10u);
    for (const auto& [room, marks] : copy_me)
        EXPECT_EQ(marks, 1) << room;
}

TEST(IncludeOrder, GivenAllowedIncludes_ThenNothingIsReported) {
    EXPECT_THAT(violations({
                    {"core/a.cpp", include("core/config/schema.hpp") + "#include <vector>\n"},
                    {"systemc_model/mapping/a.cpp", include("core/a.hpp")},
                    {"systemc_model/chip/a.cpp", include("systemc_model/crossbar/a.hpp")},
                    {"systemc_model/sim/a.cpp", include("systemc_model/chip/a.hpp") + "#include <systemc>\n"},
                    {"dnn/a.cpp", include("dnn/data/a.hpp") + "#include <torch/torch.h>\n"},
                    {"dnn/data/a.cpp", include("core/a.hpp")},
                    {"nas/a.cpp", include("systemc_model/estimate/a.hpp")},
                    {"apps/a.cpp", include("nas/a.hpp") + include("systemc_model/sim/a.hpp")},
                    {"apps/b.cpp", include("xloop_version.hpp")},
                    {"tests/dnn/a.cpp", include("tests/support.hpp") + "#include <torch/torch.h>\n"},
                    {"tests/apps/a.cpp", include("apps/a.hpp")},
                }),
                IsEmpty());
}

// Copy me: a planted breach, and the message it gives.
TEST(IncludeOrder, GivenAnUpwardInclude_ThenFileLineAndRoomsAreNamed) {
    EXPECT_THAT(violations({{"core/a.cpp", "// a\n#include <vector>\n" + include("systemc_model/chip/chip.hpp")}}),
                ElementsAre("core/a.cpp:3: #include systemc_model/chip/chip.hpp: core (level 0) may not include "
                            "systemc_model/chip (level 3)"));
}

struct Breach {
    const char* file;
    const char* line;
    const char* message;
};

class IncludeOrderBreach : public testing::TestWithParam<Breach> {};

TEST_P(IncludeOrderBreach, GivenOne_ThenItIsReported) {
    const auto found = violations({{GetParam().file, GetParam().line}});
    ASSERT_THAT(found, SizeIs(1));
    EXPECT_THAT(found.front(), HasSubstr(GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(
    Planted, IncludeOrderBreach,
    testing::Values(
        Breach{"systemc_model/crossbar/a.hpp", "#include \"systemc_model/mapping/m.hpp\"", "may not include"},
        Breach{"systemc_model/estimate/a.hpp", "#include \"systemc_model/sim/s.hpp\"", "may not include"},
        Breach{"systemc_model/estimate/a.hpp", "#include \"dnn/d.hpp\"", "may not include"},
        Breach{"systemc_model/sim/a.hpp", "#include \"systemc_model/estimate/e.hpp\"", "may not include"},
        Breach{"systemc_model/sim/a.hpp", "#include \"dnn/d.hpp\"", "may not include"},
        Breach{"dnn/a.hpp", "#include \"systemc_model/estimate/e.hpp\"", "may not include"},
        Breach{"dnn/data/a.hpp", "#include \"dnn/tensors.hpp\"", "dnn/data (level 1) may not include dnn (level 4)"},
        Breach{"attacks/a.hpp", "#include \"training/t.hpp\"", "may not include"},
        Breach{"training/a.hpp", "#include \"nas/n.hpp\"", "may not include"},
        Breach{"apps/a.cpp", "#include \"tests/support.hpp\"", "may not include"},
        Breach{"core/a.hpp", " #  include <traces/bus/trace_bus.hpp>", "may not include"},
        Breach{"core/a.hpp", "#include \"error.hpp\"", "expected a path from the repository's root"},
        Breach{"core/a.hpp", "#include \"systemc_model/all.hpp\"", "expected a path from the repository's root"},
        Breach{"systemc_model/a.hpp", "#include \"core/error.hpp\"", "lies in no room"},
        Breach{"systemc_model/chip/a.hpp", "#include <systemc>", "only systemc_model/sim"},
        Breach{"tests/systemc_model/a.cpp", "#include <systemc.h>", "only systemc_model/sim"},
        Breach{"dnn/data/a.hpp", "#include <torch/types.h>", "may include LibTorch"},
        Breach{"apps/a.cpp", "#include <torch/torch.h>", "may include LibTorch"},
        Breach{"tests/core/a.cpp", "#include <c10/util/Exception.h>", "may include LibTorch"}));

TEST(IncludeOrder, GivenSystemCAndTorchThroughHeaders_ThenTheFileThatJoinsThemIsReported) {
    EXPECT_THAT(violations({
                    {"systemc_model/sim/agent.hpp", "#include <systemc>\n"},
                    {"dnn/net.hpp", "#include <torch/types.h>\n"},
                    {"apps/a.cpp", include("systemc_model/sim/agent.hpp") + include("dnn/net.hpp")},
                }),
                ElementsAre(HasSubstr("apps/a.cpp: includes both")));
}

TEST(IncludeOrder, GivenTextThatOnlyLooksLikeAnInclude_ThenItIsIgnored) {
    const std::string text = "// #include <systemc>\nconst char* s = \"#include <systemc>\";\n#if include\n";
    EXPECT_THAT(violations({{"core/a.cpp", text}}), IsEmpty());
}

TEST(IncludeOrder, GivenTheRepository_ThenNoUnitsIncludeEachOtherInACircle) {
    EXPECT_THAT(Knots(read_sources(XLOOP_SOURCE_DIR)).found(), IsEmpty());
}

TEST(IncludeOrder, GivenACircleThroughASourceFile_ThenItIsNamed) {
    EXPECT_THAT(Knots({{"core/a.hpp", ""},
                       {"core/a.cpp", include("core/b.hpp")},
                       {"core/b.hpp", include("core/c.hpp")},
                       {"core/c.hpp", include("core/a.hpp")},
                       {"core/d.hpp", include("core/a.hpp")}})
                    .found(),
                ElementsAre("core/a, core/b, core/c"));
}

TEST(IncludeOrder, GivenHeadersThatIncludeEachOther_ThenTheSearchEnds) {
    EXPECT_THAT(violations({{"core/a.hpp", include("core/b.hpp")}, {"core/b.hpp", include("core/a.hpp")}}), IsEmpty());
}

}  // namespace
}  // namespace xloop
