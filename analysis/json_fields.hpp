#pragma once

#include "core/activity.hpp"
#include "core/json.hpp"

#include <cmath>
#include <limits>
#include <string>
#include <type_traits>
#include <vector>

namespace xloop {

/// Null for what is not a number.
inline Json known(double value) { return std::isnan(value) ? Json() : Json(value); }

/// Writes a value field by field. Together with JsonReader it lets one list of fields serve both directions: a function
/// template that is called with either of them and the value.
class JsonWriter {
public:
    static constexpr bool reads = false;
    explicit JsonWriter(Json& json) : json_(json) {}

    template <class T>
    void operator()(const char* key, const T& value) {
        json_[key] = value;
    }
    void operator()(const char* key, const PerComponent& classes);
    /// A figure that follows from the others: written, not read.
    void derived(const char* key, Json value) { json_[key] = std::move(value); }
    /// Whether the field is there.
    bool has(const char*, bool given) const { return given; }
    /// A figure that may be not known: not a number, null in JSON.
    void maybe(const char* key, double value) { json_[key] = known(value); }
    template <class Fields>
    void object(const char* key, Fields fields) {
        JsonWriter inner(json_[key]);
        fields(inner);
    }
    template <class Item, class Fields>
    void list(const char* key, const std::vector<Item>& items, Fields fields) {
        Json& array = json_[key] = Json::array();
        for (const Item& item : items) {
            JsonWriter inner(array.emplace_back());
            fields(inner, item);
        }
    }

private:
    Json& json_;
};

/// Reads what JsonWriter wrote; keys that nobody asks for do not matter. Throws InputError with the file, the path of the
/// key and what was expected.
class JsonReader {
public:
    static constexpr bool reads = true;
    /// Both stay where they are. `file` names the JSON in messages.
    JsonReader(const Json& json, std::string file, std::string path = {})
        : json_(json), file_(std::move(file)), path_(std::move(path)) {}

    bool has(const char* key, bool = false) const { return json_.is_object() && json_.contains(key); }
    JsonReader at(const std::string& key) const;
    const Json& json() const { return json_; }

    template <class T>
    T as() const {
        try {
            return json_.get<T>();
        } catch (const Json::exception&) {
            fail(std::is_same_v<T, bool>          ? "true or false"
                 : std::is_arithmetic_v<T>        ? "a number"
                 : std::is_same_v<T, std::string> ? "a text"
                                                  : "a list");
        }
    }
    void maybe(const char* key, double& value) const {
        const JsonReader field = at(key);
        value = field.json_.is_null() ? std::numeric_limits<double>::quiet_NaN() : field.as<double>();
    }
    std::vector<JsonReader> items() const;
    [[noreturn]] void fail(const std::string& expected) const;

    template <class T>
    void operator()(const char* key, T& value) const {
        value = at(key).as<T>();
    }
    void operator()(const char* key, PerComponent& classes) const;
    void derived(const char*, const Json&) const {}
    template <class Fields>
    void object(const char* key, Fields fields) const {
        JsonReader inner = at(key);
        fields(inner);
    }
    template <class Item, class Fields>
    void list(const char* key, std::vector<Item>& values, Fields fields) const {
        for (JsonReader& item : at(key).items())
            fields(item, values.emplace_back());
    }

private:
    const Json& json_;
    std::string file_, path_;
};

/// One number for each class of hardware (is_left_out: but for those), by its name.
Json by_class(const PerComponent& classes);

}  // namespace xloop
