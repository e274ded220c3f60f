#pragma once

#include "core/json.hpp"

#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace xloop {

using Words = std::vector<std::string>;

/// What can be offered for a value.
enum class Offer { nothing, choices, keys, folders, experiments, files };

/// Of an option, or of what stands by itself, of CommandLine::tree().
Offer offer_of(const Json& option);
const char* name_of(Offer offer);
bool is_positional(const Json& option);
bool takes_value(const Json& option);

/// Calls visit(place, path, options) for the program, path "", and every subcommand, path " search status"; the program's options
/// may stand behind each of them as well.
void visit_places(const Json& tree, const std::function<void(const Json&, const std::string&, const Json&)>& visit);

/// In single quotes, as both shells read them.
std::string quoted(const std::string& text);
std::string joined(const Words& words);

/// A shell's function with a `case` over $1.
class CaseFunction {
public:
    explicit CaseFunction(std::string name) : name_(std::move(name)) {}
    /// Patterns with the same action share a line.
    void add(const std::string& pattern, const std::string& action);
    std::string str() const;

private:
    std::string name_;
    std::vector<std::pair<std::string, std::string>> cases_;  ///< action, patterns
};

/// The variable _xloop_keys, and the function _xloop_key_values that prints the values of a key, `files` for a file; of
/// config::describe_json.
std::string key_script(const Json& keys);

}  // namespace xloop
