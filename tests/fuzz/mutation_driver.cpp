// Runs a target on the files of a folder and on inputs made from them, where the compiler has no libFuzzer of its own.

#include "core/error.hpp"
#include "core/files.hpp"
#include "tests/fuzz/fuzz_target.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <random>
#include <string>
#include <vector>

namespace {

using Random = std::mt19937;

std::size_t below(Random& random, std::size_t n) { return n == 0 ? 0 : random() % n; }

std::string mutated(std::string text, const std::vector<std::string>& seeds, Random& random) {
    constexpr std::array<const char*, 18> pieces = {"$end",
                                                    "$dumpvars",
                                                    "$dumpoff",
                                                    "$dumpon",
                                                    "b1x0z ",
                                                    "#18446744073709551614",
                                                    "#-1",
                                                    "(NET",
                                                    "(INSTANCE a",
                                                    ")",
                                                    "99999999999999999999",
                                                    "$var wire 1048577 ! a $end",
                                                    "**",
                                                    "{east,west}",
                                                    "{1:02d}",
                                                    "{99999999999}",
                                                    ".",
                                                    "\\"};
    for (std::size_t changes = 1 + below(random, 4); changes > 0; --changes) {
        const std::size_t at = below(random, text.size() + 1), length = below(random, 64);
        switch (random() % 6) {
        case 0: text.resize(at); break;
        case 1:
            for (std::size_t i = at; i < std::min(text.size(), at + length % 4 + 1); ++i)
                text[i] = static_cast<char>(text[i] ^ static_cast<char>(1u << random() % 8));
            break;
        case 2: text.insert(at, text.substr(at, length)); break;
        case 3: text.erase(at, length); break;
        case 4: text.insert(at, pieces[below(random, pieces.size())]); break;
        default: {
            const std::string& other = seeds[below(random, seeds.size())];
            text = text.substr(0, at) + other.substr(below(random, other.size() + 1));
        }
        }
    }
    return text;
}

/// 0: read without complaint, 1: refused.
int refused(std::string_view text) {
    try {
        xloop::fuzz::run_one(text);
        return 0;
    } catch (const xloop::InputError&) {
        return 1;
    }
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 4) {
        std::fprintf(stderr, "usage: %s FOLDER SUFFIX ROUNDS\n", argv[0]);
        return 2;
    }
    std::vector<std::string> files, seeds;
    for (const auto& entry : std::filesystem::directory_iterator(argv[1]))
        if (entry.path().extension() == argv[2])
            files.push_back(entry.path().string());
    std::sort(files.begin(), files.end());
    for (const std::string& file : files)
        seeds.push_back(xloop::read_file(file));
    if (seeds.empty()) {
        std::fprintf(stderr, "no seeds in %s\n", argv[1]);
        return 2;
    }
    for (std::size_t i = 0; i < seeds.size(); ++i)
        if (refused(seeds[i]) != 0) {
            std::fprintf(stderr, "%s is a good file, but was refused\n", files[i].c_str());
            return 1;
        }
    Random random(1);
    long refusals = 0;
    const long rounds = std::stol(argv[3]);
    for (long round = 0; round < rounds; ++round)
        refusals += refused(mutated(seeds[below(random, seeds.size())], seeds, random));
    std::printf("%zu seeds, %ld inputs made from them, %ld refused\n", seeds.size(), rounds, refusals);
    return refusals > 0 && refusals < rounds ? 0 : 1;
}
