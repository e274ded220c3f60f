#pragma once

#include <optional>
#include <string>

namespace xloop {

/// The right to do a job, which one process at a time has; the system takes it back when that process ends, in whatever way.
class Claim {
public:
    /// None where another process has it. Throws Error or InputError, with the system's reason, where the file cannot be made.
    static std::optional<Claim> take(const std::string& file);
    Claim(Claim&& other) noexcept;
    Claim& operator=(Claim&&) = delete;
    ~Claim();

    /// How often the job was begun and not ended.
    int begun() const;
    void set_begun(int count);
    /// The file goes with the claim.
    void remove();

private:
    Claim(std::string file, int descriptor) : file_(std::move(file)), descriptor_(descriptor) {}
    bool is_current() const;

    std::string file_;
    int descriptor_;
};

}  // namespace xloop
