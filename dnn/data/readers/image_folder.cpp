#include "core/error.hpp"
#include "core/files.hpp"
#include "dnn/data/readers/pictures.hpp"
#include "dnn/data/readers/stored_set.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <cctype>
#include <filesystem>

namespace xloop {
namespace {

namespace fs = std::filesystem;

/// Names in a folder that are not hidden, sorted by their bytes, so that labels do not depend on the language.
template <class Wanted>
std::vector<std::string> names_in(const std::string& folder, const Wanted& wanted) {
    std::vector<std::string> names;
    std::error_code error;
    for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
        const std::string name = at->path().filename().string();
        if (name[0] != '.' && wanted(*at))
            names.push_back(name);
    }
    if (error)
        throw InputError(folder + ": cannot be read: " + error.message());
    std::sort(names.begin(), names.end());
    return names;
}

std::vector<std::string> folders_in(const std::string& folder) {
    return names_in(folder, [](const fs::directory_entry& entry) {
        std::error_code ignored;
        return entry.is_directory(ignored);
    });
}

std::vector<std::string> pictures_in(const std::string& folder) {
    return names_in(folder, [](const fs::directory_entry& entry) {
        std::string suffix = entry.path().extension().string();
        std::transform(suffix.begin(), suffix.end(), suffix.begin(), [](unsigned char c) { return std::tolower(c); });
        constexpr std::array known = {".png", ".jpg", ".jpeg"};
        return std::find(known.begin(), known.end(), suffix) != known.end();
    });
}

std::string part_folder(const std::string& directory, bool train) {
    std::error_code ignored;
    const bool is_val = !train && !fs::exists(directory + "/test", ignored) && fs::exists(directory + "/val", ignored);
    return directory + (train ? "/train" : is_val ? "/val" : "/test");
}

}  // namespace

StoredSet open_image_folder(const ReadRequest& request) {
    const std::string folder = part_folder(request.data.directory, request.train);
    const std::vector<std::string> classes = folders_in(folder);
    if (classes.empty())
        throw InputError(folder + ": has no folders, expected one for each class");
    std::error_code ignored;
    const std::string training = part_folder(request.data.directory, true);
    if (!request.train && fs::exists(training, ignored) && classes != folders_in(training))
        throw InputError(folder + ": has other classes than " + training +
                         ", so that labels would mean something else");

    // The first picture of each class, then the second of each, so that the first images of the set are of all classes.
    std::vector<std::vector<std::string>> pictures;
    std::size_t most = 0;
    for (const std::string& name : classes) {
        pictures.push_back(pictures_in(folder + "/" + name));
        if (pictures.back().empty())
            throw InputError(folder + "/" + name + ": has no files *.png, *.jpg or *.jpeg");
        most = std::max(most, pictures.back().size());
    }
    StoredSet set;
    set.file = folder;
    std::vector<std::string> paths;
    for (std::size_t i = 0; i < most; ++i)
        for (std::size_t label = 0; label < classes.size(); ++label)
            if (i < pictures[label].size()) {
                set.labels.push_back(static_cast<int>(label));
                paths.push_back(folder + "/" + classes[label] + "/" + pictures[label][i]);
            }
    check_labels(folder, set.labels, most_classes);
    set.image = [paths = std::move(paths), channels = request.network_channels == 1 ? 1 : 3](int image) {
        constexpr std::uint64_t most_file_bytes = std::uint64_t{1} << 28;
        const std::string& path = paths[static_cast<std::size_t>(image)];
        return decode_picture(read_file(path, most_file_bytes), channels, path);
    };
    return set;
}

}  // namespace xloop
