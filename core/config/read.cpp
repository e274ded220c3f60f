#include "core/config/access.hpp"
#include "core/config/emit.hpp"
#include "core/config/value.hpp"
#include "core/error.hpp"

#include <algorithm>
#include <stdexcept>

namespace xloop::config {
namespace {

class Reader {
public:
    /// `place`: path of the section that the schema is of; empty: the whole configuration.
    explicit Reader(const Section& schema, std::string place = {})
        : schema_(schema), place_(std::move(place)), fields_(fields_of(schema)) {
        for (const auto& field : fields_)
            value_paths_.push_back(field.first);
    }

    Origins read(const Node& root) {
        read_keys(root);
        if (const Node* sources = root.find("sources"))
            read_sources(*sources);
        throw_problems();
        return std::move(origins_);
    }

private:
    void read_keys(const Node& node) {
        read_section(schema_, &node, "", node.location);
        if (problems_.empty())
            for (const auto& [path, spec] : fields_)
                if (spec && is_written(path))
                    check_effect(path, *spec);
        for (const auto& [path, sections, of_path] : named_)
            read_named(*sections, of_path, path);
    }

    /// After all other keys, which the elements start from.
    void read_named(const NamedSections& sections, const Node& node, const std::string& path) {
        std::vector<std::string> names;
        for (const auto& item : node.items)
            names.push_back(item.first);
        sections.make(names);
        const std::vector<NamedSections::Element> elements = sections.elements();
        for (std::size_t e = 0; e < elements.size(); ++e) {
            const std::string place = join_path(path, elements[e].name);
            Reader reader(*elements[e].section, place);
            reader.read_keys(node.items[e].second);
            problems_.insert(problems_.end(), reader.problems_.begin(), reader.problems_.end());
            for (auto& [key, origin] : reader.origins_)
                origins_[join_path(place, key)] = std::move(origin);
            for (const std::string& key : reader.value_paths_)
                value_paths_.push_back(join_path(place, key));
        }
    }

    /// `node` is null for a section nobody wrote; `enclosing` is where its keys would have to be written.
    void read_section(const Section& section, const Node* node, const std::string& path, const Location& enclosing) {
        if (node && node->kind != Node::Kind::map && node->kind != Node::Kind::null) {
            problem(node->location, path, "expected a section (a map of keys), got " + found_text(*node));
            return;
        }
        if (node)
            report_unknown(section, *node, path);
        for (const auto& entry : Access::entries(section))
            read_entry(*entry, node, path, enclosing);
    }

    void read_entry(const Access::Entry& entry, const Node* parent, const std::string& parent_path,
                    const Location& enclosing) {
        const Node* node = parent ? parent->find(entry.key) : nullptr;
        const std::string path = join_path(parent_path, entry.key);
        if (const auto* section = std::get_if<Section>(&entry.what)) {
            read_section(*section, node, path, node ? node->key_location : enclosing);
        } else if (const auto* field = std::get_if<Field>(&entry.what)) {
            read_field(Access::spec(*field), node, path, enclosing);
        } else if (const auto* named = std::get_if<NamedSections>(&entry.what)) {
            const bool is_map = !node || node->kind == Node::Kind::map || node->kind == Node::Kind::null;
            if (!is_map)
                problem(node->location, path, "expected a map of names with their keys, got " + found_text(*node));
            named_.push_back({path, named, node && is_map ? *node : Node()});
        } else {
            *std::get<RawKey>(entry.what).target = node ? *node : Node();
            origins_[path] = {node ? node->location : Location(), ""};
        }
    }

    void read_field(const Access::Spec& spec, const Node* node, const std::string& path, const Location& enclosing) {
        if (!node) {
            if (spec.required)
                problem(enclosing, path,
                        "missing; this key is required, expected " + expectation(spec) +
                            (spec.doc.empty() ? "" : " (" + spec.doc + ")"));
            origins_[path] = {Location(), spec.source};
            return;
        }
        assign(spec, *node, [&](const Node& at, const std::string& place, const std::string& text) {
            problem(at.location, path + place, text);
        });
        origins_[path] = {node->location, ""};
    }

    void report_unknown(const Section& section, const Node& node, const std::string& path) {
        std::vector<std::string> known;
        for (const auto& entry : Access::entries(section))
            known.push_back(entry->key);
        for (const auto& [key, value] : node.items) {
            const bool is_sources = path.empty() && place_.empty() && key == "sources";
            if (!is_sources && std::find(known.begin(), known.end(), key) == known.end())
                problem(value.key_location, join_path(path, key), unknown_key(section, key, known));
        }
    }

    std::string unknown_key(const Section& section, const std::string& key,
                            const std::vector<std::string>& known) const {
        for (const auto& [former, now] : Access::former(section))
            if (former == key)
                return "is no key any more; write " + now;
        return "unknown key" + suggestion(key, known);
    }

    std::string suggestion(const std::string& key, const std::vector<std::string>& known) const {
        std::string text = did_you_mean(key, known);
        std::string elsewhere;
        for (const std::string& path : value_paths_) {
            const bool same_key = path.size() > key.size() && path.substr(path.size() - key.size() - 1) == "." + key;
            if (same_key || path == key)
                elsewhere += (elsewhere.empty() ? "`" : ", `") + path + "`";
        }
        if (!elsewhere.empty())
            text += "; the key exists as " + elsewhere;
        return text.empty() ? "; expected " + alternatives(known) : text;
    }

    static std::string alternatives(const std::vector<std::string>& known) {
        if (known.empty())
            return "no keys here";
        std::string text = "one of ";
        for (const std::string& key : known)
            text += (&key == &known.front() ? "`" : ", `") + key + "`";
        return text;
    }

    /// Runs after the sections, so that every key has its origin.
    void read_sources(const Node& sources) {
        if (sources.kind != Node::Kind::map && sources.kind != Node::Kind::null) {
            problem(sources.location, "sources", "expected a map of key path: text, got " + found_text(sources));
            return;
        }
        for (const auto& [path, text] : sources.items) {
            const bool known = std::find(value_paths_.begin(), value_paths_.end(), path) != value_paths_.end();
            if (!known) {
                problem(text.key_location, "sources." + path,
                        "expected the path of a key, such as `crossbar.rows`" + did_you_mean(path, value_paths_));
            } else if (text.kind != Node::Kind::scalar) {
                problem(text.location, "sources." + path,
                        "expected a text that says where the value comes from, got " + found_text(text));
            } else {
                origins_[path].source = text.text;
            }
        }
    }

    bool is_written(const std::string& path) const { return !origins_.at(path).location.file.empty(); }

    void check_effect(const std::string& path, const Access::Spec& spec) {
        const Location& place = origins_.at(path).location;
        if (const Field::Condition* unmet = unmet_condition(fields_, spec)) {
            const std::string& other = unmet->keys.front();
            const Location& others = origins_.at(other).location;
            if (others.layer <= place.layer)
                problem(place, path,
                        "has no effect with " + other + ": " + value_node(field_at(fields_, other)).text + " (" +
                            (is_written(other) ? others.str() : "the default") + "); remove it, or set " +
                            unmet->str());
        }
        for (const Field::Condition& condition : spec.conditions)
            if (condition.values.empty() && std::none_of(condition.keys.begin(), condition.keys.end(),
                                                         [&](const std::string& key) { return is_written(key); }))
                problem(place, path, "has no effect by itself; remove it, or set " + condition.str() + " as well");
    }

    void problem(const Location& location, const std::string& own_path, const std::string& text) {
        const std::string place = location.str();
        const std::string path = place_.empty() || own_path.empty() ? place_ + own_path : join_path(place_, own_path);
        problems_.push_back((place.empty() ? "" : place + ": ") + (path.empty() ? "" : one_line(path) + ": ") + text);
    }

    void throw_problems() const {
        constexpr std::size_t most = 50;
        if (problems_.empty())
            return;
        std::string text;
        for (std::size_t i = 0; i < std::min(problems_.size(), most); ++i)
            text += (i > 0 ? "\n" : "") + problems_[i];
        if (problems_.size() > most)
            text += "\n... and " + std::to_string(problems_.size() - most) + " more problems";
        throw InputError(text);
    }

    struct Named {
        std::string path;
        const NamedSections* sections;
        Node node;
    };

    const Section& schema_;
    const std::string place_;
    const Fields fields_;
    std::vector<Named> named_;
    std::vector<std::string> value_paths_, problems_;
    Origins origins_;
};

void check_reserved(const Section& schema) {
    for (const auto& entry : Access::entries(schema)) {
        if (entry->key == "base" || entry->key == "sources")
            throw std::logic_error("`" + entry->key + "` at the top of a configuration has a meaning already");
    }
}

}  // namespace

Origins read(const Node& root, Section& schema) {
    check_reserved(schema);
    return Reader(schema).read(root);
}

}  // namespace xloop::config
