#include "core/config/parse.hpp"

#include "core/config/emit.hpp"
#include "core/error.hpp"
#include "core/words.hpp"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <map>
#include <optional>
#include <sstream>

namespace xloop::config {
namespace {

constexpr int max_depth = 64;

[[noreturn]] void fail(const Location& location, const std::string& text) {
    throw InputError(location.str() + ": " + text);
}

int node_count(const Node& node) {
    int count = 1;
    for (const auto& item : node.items)
        count += node_count(item.second);
    return count;
}

int height(const Node& node) {
    int below = 0;
    for (const auto& item : node.items)
        below = std::max(below, height(item.second));
    return below + 1;
}

/// Builds nodes from the parser's events rather than from a YAML::Node, which would hide duplicate keys, expand
/// aliases without bound and know no location for nulls.
class TreeBuilder : public YAML::EventHandler {
public:
    TreeBuilder(const std::string& file, int& nodes_left) : file_(file), nodes_left_(nodes_left) {}

    Node take_root() { return std::move(root_); }

    /// Where in the tree the parser is: " (in `crossbar.rows`)", or empty at the top.
    std::string whereabouts() const {
        const std::string path = key_path();
        return path.empty() ? path : " (in `" + path + "`)";
    }

    /// Where the innermost unfinished value begins.
    Location innermost() const {
        if (open_.empty())
            return {file_, 1, 1};
        const Open& last = open_.back();
        return last.key ? last.key->location : last.node.location;
    }

    Location location(const YAML::Mark& mark) const { return {file_, mark.line + 1, mark.column + 1}; }

    void OnDocumentStart(const YAML::Mark& mark) override {
        if (seen_document_)
            fail(location(mark),
                 "expected a single YAML document; a new one begins here; "
                 "check the indentation of this line or remove `---`");
        seen_document_ = true;
    }
    void OnDocumentEnd() override {}

    void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override { add(make(Node::Kind::null, mark), anchor); }

    void OnScalar(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                  const std::string& value) override {
        Node node = make(Node::Kind::scalar, mark);
        node.text = value;
        add(std::move(node), anchor);
    }

    void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        const auto found = anchors_.find(anchor);
        if (found == anchors_.end())
            fail(location(mark), "an alias inside the value it stands for" + whereabouts());
        check_depth(mark, height(found->second));
        spend(node_count(found->second), location(mark));
        add(found->second, 0);
    }

    void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                         YAML::EmitterStyle::value) override {
        open(Node::Kind::sequence, mark, anchor);
    }
    void OnSequenceEnd() override { close(); }

    void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                    YAML::EmitterStyle::value) override {
        open(Node::Kind::map, mark, anchor);
    }
    void OnMapEnd() override { close(); }

private:
    /// A map or sequence whose end has not come yet.
    struct Open {
        Node node;
        YAML::anchor_t anchor;
        std::optional<Node> key;  // of the value to come
        std::map<std::string, Location> keys;
    };

    Node make(Node::Kind kind, const YAML::Mark& mark) {
        Node node;
        node.kind = kind;
        node.location = location(mark);
        spend(1, node.location);
        return node;
    }

    void open(Node::Kind kind, const YAML::Mark& mark, YAML::anchor_t anchor) {
        check_depth(mark, 1);
        open_.push_back({make(kind, mark), anchor, std::nullopt, {}});
    }

    void close() {
        Open done = std::move(open_.back());
        open_.pop_back();
        add(std::move(done.node), done.anchor);
    }

    void add(Node value, YAML::anchor_t anchor) {
        if (anchor != 0) {
            // The copy kept for aliases counts too: nested anchors multiply the memory just as aliases do.
            spend(node_count(value), value.location);
            anchors_[anchor] = value;
        }
        if (open_.empty()) {
            root_ = std::move(value);
        } else if (Open& parent = open_.back(); parent.node.kind == Node::Kind::sequence) {
            parent.node.items.emplace_back(std::string(), std::move(value));
        } else if (!parent.key) {
            begin_entry(parent, std::move(value));
        } else {
            end_entry(parent, std::move(value));
        }
    }

    void begin_entry(Open& parent, Node key) {
        if (key.kind != Node::Kind::scalar)
            fail(key.location, "expected a text as key, got " +
                                   std::string(key.kind == Node::Kind::null ? "nothing" : "a list or a map") +
                                   whereabouts());
        const auto [first, is_new] = parent.keys.emplace(key.text, key.location);
        if (!is_new) {
            const std::string path = key_path();
            fail(key.location, one_line(path.empty() ? key.text : path + "." + key.text) +
                                   ": duplicate key, first written in line " + std::to_string(first->second.line) +
                                   "; remove one of the two");
        }
        parent.key = std::move(key);
    }

    static void end_entry(Open& parent, Node value) {
        value.key_location = parent.key->location;
        // The parser marks an absent value where the next token begins, which may be lines away.
        if (value.kind == Node::Kind::null)
            value.location = value.key_location;
        parent.node.items.emplace_back(std::move(parent.key->text), std::move(value));
        parent.key.reset();
    }

    std::string key_path() const {
        std::string path;
        for (const Open& level : open_) {
            if (level.node.kind == Node::Kind::sequence)
                path += "[" + std::to_string(level.node.items.size()) + "]";
            if (level.key)
                path += (path.empty() ? "" : ".") + level.key->text;
        }
        return one_line(path);
    }

    void spend(int count, const Location& where) {
        nodes_left_ -= count;
        if (nodes_left_ < 0)
            fail(where, "expected at most " + std::to_string(max_nodes) +
                            " values, aliases expanded; this is too large for a configuration" + whereabouts());
    }

    void check_depth(const YAML::Mark& mark, int levels) const {
        if (static_cast<int>(open_.size()) + levels > max_depth)
            fail(location(mark),
                 "expected at most " + std::to_string(max_depth) + " levels of nesting" + whereabouts());
    }

    const std::string& file_;
    int& nodes_left_;
    bool seen_document_ = false;
    Node root_;
    std::vector<Open> open_;
    std::map<YAML::anchor_t, Node> anchors_;
};

}  // namespace

/// yaml-cpp takes byte 4 for the end of the file and passes other binary bytes on, so they are refused beforehand.
void check_is_text(const std::string& text, const std::string& file) {
    Location here{file, 1, 1};
    for (std::size_t at = 0; at < text.size();) {
        const unsigned char byte = static_cast<unsigned char>(text[at]);
        const std::size_t length = utf8_length(text, at);
        const bool control = byte < 0x20 && byte != '\t' && byte != '\n' && byte != '\r';
        if (length == 0 || control)
            fail(here, "expected UTF-8 text, found the byte " + std::to_string(byte) +
                           "; is this a YAML file, saved as UTF-8?");
        at += length;
        here.column = byte == '\n' ? 1 : here.column + 1;
        here.line += byte == '\n' ? 1 : 0;
    }
}

Node parse_yaml(const std::string& text, const std::string& file, int& nodes_left) {
    check_is_text(text, file);
    // yaml-cpp 0.7 accepts a single quote left open when the file ends in a line break; the end marker makes it fail.
    std::istringstream in(text + (text.empty() || text.back() == '\n' ? "...\n" : "\n...\n"));
    TreeBuilder builder(file, nodes_left);
    try {
        YAML::Parser parser(in);
        while (parser.HandleNextDocument(builder)) {
        }
    } catch (const YAML::Exception& error) {
        // Where the text ends too early, the beginning of what is unfinished is the better place.
        const bool inside = !error.mark.is_null() && error.mark.pos < static_cast<int>(text.size());
        const Location where = inside ? builder.location(error.mark) : builder.innermost();
        fail(where, "cannot parse YAML: " + error.msg + builder.whereabouts() +
                        "; check quotes, brackets and indentation (spaces, no tabs) near here");
    }
    return builder.take_root();
}

}  // namespace xloop::config
