#pragma once

#include "core/files.hpp"

#include <memory>
#include <string>

namespace xloop {

/// The folder of one run's results. It belongs to one version of xloop, one effective configuration and the content of
/// the files that it names: a run of the same goes on where the last one stopped, another is refused.
class RunFolder {
public:
    /// `settings` is the effective configuration as YAML, `inputs` tells whether the content of named files and data
    /// changed, `identity` what of the configuration decides what is kept (empty: all of it). With `fresh`, what the folder holds is removed first, if it is a results folder.
    /// What a killed run left unfinished is removed.
    /// Throws InputError when the folder holds a run of another configuration or something else, or a process works in it.
    RunFolder(const std::string& folder, const std::string& settings, const std::string& inputs, bool fresh,
              const std::string& identity = {});

    const std::string& path() const { return path_; }
    std::string file(const std::string& name) const;
    /// Of the program's version, the configuration's identity and the inputs.
    const std::string& digest() const { return digest_; }
    /// The effective configuration in the folder, which runs as it stands.
    std::string config_file() const { return file("effective_config.yaml"); }
    /// What a stopped run says.
    std::string last_words() const;
    /// What is to be done about a damaged file.
    static constexpr const char* advice = "remove its folder, or run with --fresh";

private:
    std::string path_, digest_;
    std::unique_ptr<FolderLock> lock_;
};

}  // namespace xloop
