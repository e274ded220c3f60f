#pragma once

#include "core/json.hpp"
#include "core/names.hpp"

#include <array>
#include <optional>
#include <string>

namespace xloop {

/// Something to be done once. `task` holds all that the result depends on, besides the version of the program.
struct Job {
    std::string kind;
    Json task;

    /// 32 hexadecimal digits of kind and task; the order of keys counts. Two 64-bit digests with different starts: one alone
    /// would take two of a million jobs for the same with a chance of 3e-8. Throws InputError as compact_text does.
    std::string digest() const;
};

/// Whether the user can mend a failure by changing what they gave us.
enum class FailureKind { input, error };
constexpr auto names_of(FailureKind) { return std::array{"input", "error"}; }

struct JobFailure {
    std::string error;
    FailureKind kind = FailureKind::error;
};

/// What became of a job: a value or a failure.
struct JobResult {
    Json value = {};
    std::optional<JobFailure> failure = {};

    /// The value. Throws InputError or Error where there is a failure.
    const Json& get() const;
};

/// JSON in one line; numbers that are not finite become null. Throws InputError where a text in it is not UTF-8.
std::string compact_text(const Json& json);

/// A result as a line that tells whether it is whole. The same result of the same job gives the same bytes.
std::string checked_text(const Job& job, const JobResult& result);
/// None where the text is not, byte for byte, what checked_text gave for the job of this digest.
std::optional<JobResult> read_checked_text(const std::string& text, const std::string& digest);

}  // namespace xloop
