#include "jobs/job.hpp"

#include "core/digest.hpp"
#include "core/error.hpp"

#include <fmt/format.h>
#include <string_view>

namespace xloop {
namespace {

/// The checksum of all bytes behind it goes before them.
std::string checked_line(std::string_view rest) {
    return fmt::format("{{\"checksum\":\"{}\",{}", Digest().add(rest).hex(), rest);
}

const std::size_t checksum_bytes = checked_line("").size();

}  // namespace

std::string Job::digest() const {
    const std::string text = compact_text(task);
    return Digest().add(kind).add(text).hex() + Digest().add("another start").add(kind).add(text).hex();
}

const Json& JobResult::get() const {
    if (!failure)
        return value;
    if (failure->kind == FailureKind::input)
        throw InputError(failure->error);
    throw Error(failure->error);
}

std::string compact_text(const Json& json) {
    try {
        return json.dump();
    } catch (const Json::type_error&) {
        throw InputError("a text of this job or its result is not UTF-8: " +
                         json.dump(-1, ' ', true, Json::error_handler_t::replace));
    }
}

std::string checked_text(const Job& job, const JobResult& result) {
    Json line{{"job", job.digest()}, {"kind", job.kind}};
    if (result.failure) {
        line["error"] = result.failure->error;
        line["error_kind"] = name_of(result.failure->kind);
    } else {
        line["result"] = result.value;
    }
    return checked_line(compact_text(line).substr(1) + "\n");
}

std::optional<JobResult> read_checked_text(const std::string& text, const std::string& digest) {
    if (text.size() < checksum_bytes || checked_line(text.substr(checksum_bytes)) != text)
        return std::nullopt;
    const Json line = Json::parse(text);
    if (line.at("job") != digest)
        return std::nullopt;
    if (line.contains("result"))
        return JobResult{line["result"]};
    return JobResult{
        {}, JobFailure{line.at("error"), value_named<FailureKind>(line.at("error_kind").get<std::string>()).value()}};
}

}  // namespace xloop
