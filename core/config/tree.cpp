#include "core/config/tree.hpp"

#include "core/config/emit.hpp"
#include "core/config/parse.hpp"
#include "core/error.hpp"
#include "core/files.hpp"
#include "core/installed.hpp"
#include "core/words.hpp"

#include <algorithm>
#include <filesystem>
#include <limits>
#include <set>
#include <system_error>

namespace xloop::config {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t max_base_chain = 64;
/// Bytes of one file: the most values that a configuration may have, and long texts.
constexpr std::uint64_t most_text = 8'000'000;

[[noreturn]] void fail(const Location& location, const std::string& text) {
    throw InputError(location.str() + ": " + text);
}

std::string join(const std::string& path, const std::string& key) { return path.empty() ? key : path + "." + key; }

/// Maps merge key by key, anything else replaces. A section left empty (`crossbar:`) is a map without keys.
void merge(Node& below, Node above) {
    if (below.kind == Node::Kind::map && above.kind == Node::Kind::null)
        return;
    if (below.kind != Node::Kind::map || above.kind != Node::Kind::map) {
        below = std::move(above);
        return;
    }
    for (auto& [key, value] : above.items) {
        if (Node* old = below.find(key)) {
            merge(*old, std::move(value));
        } else {
            below.items.emplace_back(key, std::move(value));
        }
    }
    if (above.location.line == 0)
        return;  // an override: the section keeps its place in the file, for messages
    below.location = above.location;
    below.key_location = above.key_location;
}

void collect_paths(const Node& node, const std::string& path, std::set<std::string>& paths) {
    if (!path.empty())
        paths.insert(path);
    if (node.kind != Node::Kind::map)
        return;
    for (const auto& [key, value] : node.items)
        collect_paths(value, join(path, key), paths);
}

/// Merges whole configurations: what `sources:` says below about a value is not true of the value that replaces it.
void merge_root(Node& below, Node above) {
    if (Node* sources = below.find("sources")) {
        std::set<std::string> replaced;
        collect_paths(above, "", replaced);
        auto& items = sources->items;
        items.erase(std::remove_if(items.begin(), items.end(),
                                   [&](const auto& item) { return replaced.count(item.first) > 0; }),
                    items.end());
    }
    merge(below, std::move(above));
}

void check_root(const Node& root, const std::string& file) {
    if (root.kind == Node::Kind::null)
        throw InputError(file + ": the file is empty; expected a map of configuration keys, such as `crossbar: {...}`");
    if (root.kind != Node::Kind::map)
        fail(root.location, "expected a map of configuration keys at the top, got " +
                                std::string(root.kind == Node::Kind::sequence ? "a list" : "a single value"));
}

std::string read_text(const std::string& path, const std::string& named_at) {
    std::string text;
    if (const std::string reason = try_read_file(path, most_text, text); !reason.empty())
        throw InputError(named_at + "cannot read " + path.c_str() + ": " + reason +
                         "; expected a readable YAML file; check the path (a relative path starts at " +
                         (named_at.empty() ? "the working directory" : "the folder of the file that names it") + ")");
    return text;
}

/// Loads a file and its bases; knows the chain of files being read, to find circles.
class Loader {
public:
    Node load(const std::string& path, const Location* named_by) {
        const std::string named_at = named_by ? named_by->str() + ": base: " : "";
        enter(path, named_at);
        Node own = parse_yaml(read_text(path, named_at), path, nodes_left_);
        check_root(own, path);
        Node result = load_bases(take(own, "base"), path);
        set_layer(own, ++layers_);
        merge_root(result, std::move(own));
        chain_.pop_back();
        return result;
    }

private:
    void enter(const std::string& path, const std::string& named_at) {
        std::error_code error;
        fs::path file = fs::weakly_canonical(path, error);
        if (error)
            file = path;
        if (std::find(chain_.begin(), chain_.end(), file) != chain_.end())
            throw InputError(named_at + path + " includes itself through `base:` (" + chain_text() + path +
                             "); remove one link of the circle");
        if (chain_.size() >= max_base_chain)
            throw InputError(named_at + "expected at most " + std::to_string(max_base_chain) + " files in a chain");
        chain_.push_back(std::move(file));
    }

    std::string chain_text() const {
        std::string text;
        for (const fs::path& file : chain_)
            text += file.filename().string() + " -> ";
        return text;
    }

    static void set_layer(Node& node, int layer) {
        node.location.layer = layer;
        for (auto& item : node.items)
            set_layer(item.second, layer);
    }

    static Node take(Node& map, const std::string& key) {
        const auto found =
            std::find_if(map.items.begin(), map.items.end(), [&](const auto& item) { return item.first == key; });
        if (found == map.items.end())
            return {};
        Node taken = std::move(found->second);
        map.items.erase(found);
        return taken;
    }

    Node load_bases(Node base, const std::string& file) {
        if (base.kind == Node::Kind::scalar) {
            Node list;
            list.items.emplace_back(std::string(), base);
            base = std::move(list);
        } else if (base.kind == Node::Kind::map) {
            fail(base.location, "base: expected a list of files, got a map");
        }
        Node result;
        for (const auto& [unused, name] : base.items) {
            if (name.kind != Node::Kind::scalar || name.text.empty())
                fail(name.location, "base: expected the name of a file, such as `../hw/default.yaml`");
            const fs::path path = (fs::path(file).parent_path() / name.text).lexically_normal();
            merge_root(result, load(path.string(), &name.location));
        }
        return result;
    }

    std::vector<fs::path> chain_;
    int nodes_left_ = max_nodes, layers_ = 0;
};

const Location command_line{"command line", 0, 0, std::numeric_limits<int>::max()};

void relocate(Node& node, const Location& location) {
    node.location = node.key_location = location;
    for (auto& item : node.items)
        relocate(item.second, location);
}

Node map_with(const std::string& key, Node value) {
    Node map;
    map.kind = Node::Kind::map;
    map.items.emplace_back(key, std::move(value));
    return map;
}

std::vector<std::string> split_path(const std::string& path) {
    std::vector<std::string> keys;
    for (std::size_t begin = 0; begin <= path.size();) {
        const std::size_t end = std::min(path.find('.', begin), path.size());
        keys.push_back(path.substr(begin, end - begin));
        begin = end + 1;
        // The keys of `sources:` are paths themselves.
        if (keys.size() == 1 && keys[0] == "sources" && begin <= path.size()) {
            keys.push_back(path.substr(begin));
            break;
        }
    }
    return keys;
}

/// A value must not be turned into a section by a key below it: `crossbar.rows.x=1`.
void check_sections(const Node& root, const std::vector<std::string>& keys, const std::string& path) {
    const Node* node = &root;
    for (auto key = keys.begin(); key + 1 != keys.end(); ++key) {
        node = node->find(*key);
        if (!node || node->kind == Node::Kind::null)
            return;
        if (node->kind != Node::Kind::map)
            fail(command_line, one_line(path) + ": `" + *key + "` (" + node->location.str() +
                                   ") is a value, not a section; remove what follows `" + *key + "`");
    }
}

/// What an option says is taken as it is: a name may hold ` #` or `: `. Only brackets make a list or a map of it, and quotes
/// around all of it are YAML's.
Node option_value(const std::string& text, const std::string& place) {
    const std::string_view bare = trimmed(text);
    const char first = bare.empty() ? ' ' : bare.front();
    const bool flow = first == '[' || first == '{';
    Node value;
    if (flow || (bare.size() > 1 && (first == '"' || first == '\'') && bare.back() == first)) {
        try {
            int nodes_left = max_nodes;
            value = parse_yaml(text, place, nodes_left);
        } catch (const InputError&) {
            value = {};  // no list or map, but perhaps the name of a file
        }
    }
    check_is_text(text, place);
    if (value.kind == Node::Kind::null)
        value.kind = Node::Kind::scalar;
    else if (!flow)
        return value;
    value.text = text;  // of a list too, for a key that takes a text
    return value;
}

}  // namespace

Node load_file(const std::string& path) { return Loader().load(installed(path), nullptr); }

Node load_text(const std::string& text, const std::string& name) {
    int nodes_left = max_nodes;
    Node root = parse_yaml(text, name, nodes_left);
    check_root(root, name);
    if (const Node* base = root.find("base"))
        fail(base->key_location, "base: expected only in a file; this text has no folder to find others from");
    return root;
}

void apply_override(Node& root, const std::string& assignment) {
    const std::size_t equals = assignment.find('=');
    const std::string path = assignment.substr(0, equals);
    const std::vector<std::string> keys = split_path(path);
    if (equals == std::string::npos || std::find(keys.begin(), keys.end(), "") != keys.end())
        fail(command_line, "expected key=value, such as crossbar.rows=128, got `" + one_line(assignment) + "`");
    if (keys.front() == "base")
        fail(command_line, "base: expected only in a file; pass the file itself instead");
    check_sections(root, keys, path);

    Node value = option_value(assignment.substr(equals + 1), command_line.file + ", " + one_line(path));
    for (auto key = keys.rbegin(); key != keys.rend(); ++key)
        value = map_with(*key, std::move(value));
    relocate(value, command_line);
    merge_root(root, std::move(value));
}

}  // namespace xloop::config
