#pragma once

#include <stdexcept>
#include <string>

namespace xloop {

/// A run that could not finish. The command line maps it to exit code 1.
class Error : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// Something the user gave us is wrong: a configuration, a file, an option.
/// The message says where it is wrong, what was expected and what to do. Exit code 2.
class InputError : public Error {
public:
    using Error::Error;
};

/// An InputError about one key of the configuration, from where nobody knows the file that set it; who does adds the place.
class KeyError : public InputError {
public:
    KeyError(const std::string& key, const std::string& what) : InputError(key + ": " + what), key_(key) {}
    const std::string& key() const { return key_; }

private:
    std::string key_;
};

/// The user asked the run to stop (Ctrl-C). Exit code 130.
class Interrupted : public Error {
public:
    using Error::Error;
};

}  // namespace xloop
