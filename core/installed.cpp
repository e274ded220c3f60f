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
    const fs::path bin = program.parent_path();
    for (const fs::path& folder : {bin / "../share/xloop", bin / "../../.."})
        if (const fs::path own = (folder / path).lexically_normal(); !error && fs::exists(own, error))
            return own.string();
    return path;
}

}  // namespace xloop
