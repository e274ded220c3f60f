#include "core/files.hpp"

#include "core/error.hpp"

#include <unistd.h>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace xloop {

std::string read_file(const std::string& path) {
    errno = 0;
    std::ifstream in(path, std::ios::binary);
    if (!in || std::filesystem::is_directory(path))
        throw InputError(path + ": cannot read this file: " + (in ? "it is a folder" : std::strerror(errno)));
    std::ostringstream text;
    text << in.rdbuf();
    if (in.bad())
        throw InputError(path + ": error while reading: " + std::strerror(errno));
    return text.str();
}

void demand_writable(const std::string& path) {
    const std::filesystem::path folder = std::filesystem::absolute(path).parent_path();
    if (!std::filesystem::is_directory(folder))
        throw InputError(path + ": cannot write this file: the folder " + folder.string() +
                         " does not exist; make it first");
    if (std::filesystem::is_directory(path))
        throw InputError(path + ": cannot write this file: it is a folder");
    // The file is replaced as a whole, which would put an ordinary file in the place of a device or a pipe.
    if (std::filesystem::exists(path) && !std::filesystem::is_regular_file(path))
        throw InputError(path + ": cannot write this file: it exists and is no ordinary file");
    if (::access(folder.c_str(), W_OK) != 0)
        throw InputError(path + ": cannot write this file: " + std::strerror(errno));
}

void write_file_atomically(const std::string& path, const std::string& content) {
    const std::string temporary = path + ".tmp" + std::to_string(::getpid());
    {
        std::ofstream out(temporary, std::ios::binary | std::ios::trunc);
        out.write(content.data(), static_cast<std::streamsize>(content.size()));
        out.close();
        if (!out)
            throw Error(path + ": cannot write this file: " + std::strerror(errno));
    }
    std::error_code problem;
    std::filesystem::rename(temporary, path, problem);
    if (problem) {
        std::filesystem::remove(temporary);
        throw Error(path + ": cannot replace this file: " + problem.message());
    }
}

}  // namespace xloop
