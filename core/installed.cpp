#include "core/installed.hpp"

#include <filesystem>
#include <system_error>

namespace xloop {

std::string installed(const std::string& path) {
    namespace fs = std::filesystem;
    std::error_code error;
    if (path.rfind("configs/", 0) != 0 || fs::exists(path, error))
        return path;
    const fs::path program = fs::read_symlink("/proc/self/exe", error);
    const fs::path own = program.parent_path().parent_path() / "share" / "xloop" / path;
    return !error && fs::exists(own, error) ? own.string() : path;
}

}  // namespace xloop
