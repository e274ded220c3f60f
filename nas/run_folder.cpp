#include "nas/run_folder.hpp"

#include "core/digest.hpp"
#include "core/error.hpp"
#include "xloop_version.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <filesystem>
#include <vector>

namespace xloop {
namespace {

namespace fs = std::filesystem;

/// What decides the results: the program, the configuration, and the content of what it names.
std::string digest_line(const std::string& digest) {
    return fmt::format(
        "# xloop {} ({}). Reads again as an experiment file.\n# digest of configuration, network, cost table and "
        "images: {}\n",
        version, commit, digest);
}

bool holds_nothing(const std::string& folder) {
    const auto is_ours = [](const fs::directory_entry& entry) {
        const std::string name = entry.path().filename().string();
        return name == FolderLock::file_name || is_temporary(name);
    };
    return std::all_of(fs::directory_iterator(folder), fs::directory_iterator(), is_ours);
}

/// All but the lock, which holds on; `last` is what tells that the folder is ours, should this be cut short.
void empty(const std::string& folder, const std::string& last) {
    std::vector<fs::path> rest;
    for (const auto& entry : fs::directory_iterator(folder))
        if (entry.path().filename() != FolderLock::file_name && entry.path() != last)
            rest.push_back(entry.path());
    for (const fs::path& path : rest)
        fs::remove_all(path);
    fs::remove(last);
}

}  // namespace

RunFolder::RunFolder(const std::string& folder, const std::string& settings, const std::string& inputs, bool fresh,
                     const std::string& identity)
    : path_(fs::absolute(folder).lexically_normal().string()),
      digest_(Digest().add(identity.empty() ? settings : identity).add(inputs).hex()) {
    const std::string head = digest_line(digest_);
    if (fs::exists(path_) && !fs::is_directory(path_))
        throw InputError(path_ + ": is a file; name a folder for the results with --out");
    if (!fs::exists(config_file()) && fs::exists(path_) && !holds_nothing(path_))
        throw InputError(path_ + ": is not empty and holds no results of xloop; name another folder with --out");
    make_folder(path_);
    lock_ = std::make_unique<FolderLock>(path_);
    const bool holds_results = fs::exists(config_file());
    if (holds_results && fresh)
        empty(path_, config_file());
    else if (holds_results && read_file(config_file()).rfind(head, 0) != 0)
        throw InputError(path_ +
                         ": holds results of another configuration, network, cost table, data or version of xloop; "
                         "name another folder with --out, or replace it with --fresh");
    remove_temporaries_below(path_);
    write_file_atomically(config_file(), head + settings);
}

std::string RunFolder::file(const std::string& name) const { return (fs::path(path_) / name).string(); }

std::string RunFolder::last_words() const {
    return "interrupted; what was finished is in " + path_ + ", the same command goes on from there";
}

}  // namespace xloop
