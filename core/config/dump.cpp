#include "core/config/access.hpp"
#include "core/config/emit.hpp"
#include "core/config/value.hpp"
#include "core/digest.hpp"
#include "core/files.hpp"

#include <filesystem>
#include <set>

namespace xloop::config {
namespace {

class Dumper {
public:
    Dumper(const Section& schema, const Origins& origins, bool provenance)
        : fields_(fields_of(schema)), origins_(origins), provenance_(provenance) {}

    std::string section(const Section& section, const std::string& path, std::size_t indent) const {
        std::string text;
        for (const auto& entry : Access::entries(section))
            text += dump_entry(*entry, path, indent);
        return text;
    }

private:
    std::string dump_entry(const Access::Entry& entry, const std::string& parent_path, std::size_t indent) const {
        const std::string path = join_path(parent_path, entry.key);
        const std::string head = std::string(indent, ' ') + scalar_text(entry.key) + ":";
        if (const auto* field = std::get_if<Field>(&entry.what)) {
            const Access::Spec& spec = Access::spec(*field);
            const std::string line = head + " " + value_text(spec, Paths::absolute);
            // A key without effect could not be read again.
            if (const Field::Condition* unmet = unmet_condition(fields_, spec))
                return provenance_ ? std::string(indent, ' ') + "# " + line.substr(indent) + "  # only with " +
                                         unmet->str() + "\n"
                                   : "";
            return line + comment({spec.unit, origin(path), source(path)}) + "\n";
        }
        if (const auto* inner = std::get_if<Section>(&entry.what)) {
            const std::string body = section(*inner, path, indent + 2);
            return head + (body.empty() ? " {}" : "") + comment({Access::doc(*inner)}) + "\n" + body;
        }
        if (const auto* named = std::get_if<NamedSections>(&entry.what))
            return dump_named(*named, path, head);
        const Node& node = *std::get<RawKey>(entry.what).target;
        if (node.kind == Node::Kind::null)
            return {};
        return entry_text(entry.key, node, static_cast<int>(indent), comment({origin(path), source(path)}));
    }

    /// What the elements change, and what they say without changing it.
    std::string dump_named(const NamedSections& sections, const std::string& path, const std::string& head) const {
        std::string text;
        const std::string indent(head.find_first_not_of(' ') + 2, ' ');
        for (const NamedSections::Element& element : sections.elements()) {
            const std::string place = join_path(path, element.name);
            Node changes;
            changes.kind = Node::Kind::map;
            const Fields changed = changed_fields(element);
            for (const auto& [key, spec] : fields_of(*element.section)) {
                const auto same = [&key = key](const auto& field) { return field.first == key; };
                const auto found = origins_.find(join_path(place, key));
                const bool written = found != origins_.end() && !found->second.location.file.empty();
                if (written || std::any_of(changed.begin(), changed.end(), same))
                    put(changes, key, value_node(*spec));
            }
            text += entry_text(element.name, changes, static_cast<int>(indent.size()), "");
        }
        return text.empty() ? "" : head + comment({sections.doc}) + "\n" + text;
    }

    static void put(Node& map, const std::string& path, Node value) {
        const std::size_t dot = path.find('.');
        const std::string key = path.substr(0, dot);
        Node* below = map.find(key);
        if (dot == std::string::npos) {
            map.items.emplace_back(key, std::move(value));
            return;
        }
        if (!below) {
            map.items.emplace_back(key, Node());
            below = &map.items.back().second;
            below->kind = Node::Kind::map;
        }
        put(*below, path.substr(dot + 1), std::move(value));
    }

    std::string origin(const std::string& path) const {
        const auto found = origins_.find(path);
        const bool written = found != origins_.end() && !found->second.location.file.empty();
        return written ? found->second.location.str() : "default";
    }

    std::string source(const std::string& path) const {
        const auto found = origins_.find(path);
        return found == origins_.end() ? "" : found->second.source;
    }

    std::string comment(const std::vector<std::string>& parts) const {
        if (!provenance_)
            return {};
        std::string text;
        for (const std::string& part : parts) {
            if (!part.empty())
                text += (text.empty() ? "  # " : "; ") + one_line(part);
        }
        return text;
    }

    const Fields fields_;
    const Origins& origins_;
    bool provenance_;
};

/// Of a file, or of a folder's files with their names.
std::string content_digest(const std::string& path) {
    if (!std::filesystem::is_directory(path))
        return Digest().add(read_file(path)).hex();
    std::set<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(path))
        if (entry.is_regular_file())
            files.insert(entry.path());
    Digest digest;
    for (const std::filesystem::path& file : files)
        digest.add(file.filename().string()).add(read_file(file.string()));
    return digest.hex();
}

}  // namespace

std::string values_that_affect(Affects what, const Section& schema) {
    std::string text;
    const auto add = [&](const Fields& values, const Fields& all, const std::string& place) {
        for (const auto& [path, spec] : values) {
            if (!spec || spec->affects != what || unmet_condition(all, *spec))
                continue;
            const std::string value = value_text(*spec, Paths::as_written);
            const bool is_file = spec->is_path && !value_node(*spec).text.empty();
            text += join_path(place, path) + " " + (is_file ? content_digest(value_node(*spec).text) : value) + "\n";
        }
    };
    const Fields fields = fields_of(schema);
    add(fields, fields, "");
    for (const auto& [place, element] : named_elements(schema))
        add(changed_fields(element), fields_of(*element.section), place);
    return text;
}

std::string dump(const Section& schema, const Origins& origins, bool provenance) {
    const std::string text = Dumper(schema, origins, provenance).section(schema, "", 0);
    return text.empty() ? "{}\n" : text;
}

}  // namespace xloop::config
