#include "traces/saif/saif_rename.hpp"

#include "core/error.hpp"
#include "traces/bus/hierarchy.hpp"
#include "traces/saif/saif_tree.hpp"
#include "traces/text/text_output.hpp"

#include <unordered_map>
#include <utility>

namespace xloop::trace {
namespace {

/// How many levels of `path` from the top `text` names, joined by '.' or '/'. 0: an empty text; more than there are: not these.
std::size_t levels_named(const Levels& path, std::string_view text) {
    while (!text.empty() && (text.back() == '.' || text.back() == '/'))
        text.remove_suffix(1);
    for (std::size_t level = 0; level < path.size() && !text.empty(); ++level) {
        for (char c : path[level]) {
            // "gen\.blk" as it is shown, "gen.blk" as it is.
            if (text.size() > 1 && text.front() == '\\' && text[1] == c)
                text.remove_prefix(1);
            if (text.empty() || text.front() != c)
                return path.size() + 1;
            text.remove_prefix(1);
        }
        if (text.empty())
            return level + 1;
        if (text.front() != '.' && text.front() != '/')
            return path.size() + 1;
        text.remove_prefix(1);
    }
    return text.empty() ? 0 : path.size() + 1;
}

class Renamer {
public:
    explicit Renamer(const SaifRenaming& renaming) : renaming_(renaming) {}

    void take(const SaifInstance& instance) {
        path_.emplace_back(instance.name);
        take_nets(instance);
        for (const SaifInstance& child : instance.children)
            take(child);
        path_.pop_back();
    }

    std::vector<SaifInstance> instances() { return tree_.take(); }
    std::uint64_t kept() const { return kept_; }
    std::uint64_t left_out() const { return left_out_; }

private:
    void take_nets(const SaifInstance& instance) {
        const std::size_t strip = levels_named(path_, renaming_.strip_path);
        if ((renaming_.scope && !renaming_.scope->matches_within(path_)) || strip >= path_.size()) {
            left_out_ += instance.nets.size();
            return;
        }
        const Levels scope(path_.begin() + static_cast<std::ptrdiff_t>(strip), path_.end());
        if (renaming_.name_map)
            return take_mapped(instance.nets, scope);
        const SaifTree::Node node = tree_.at(scope);
        for (const SaifNet& net : instance.nets)
            add(node, net, net.name);
    }

    /// A signal is all bits of one name, wherever they stand in the instance.
    void take_mapped(const std::vector<SaifNet>& nets, const Levels& scope) {
        std::unordered_map<std::string_view, int> widths;
        for (const SaifNet& net : nets)
            ++widths[net.name];
        std::unordered_map<std::string_view, std::optional<NameMap::Net>> names;
        for (const SaifNet& net : nets) {
            const auto [found, fresh] = names.emplace(net.name, std::nullopt);
            if (fresh)
                found->second = renaming_.name_map->rename(scope, net.name, widths[net.name]);
            if (const auto& name = found->second)
                add(tree_.at({name->scope.begin(), name->scope.end()}), net, name->name);
            else
                ++left_out_;
        }
    }

    void add(SaifTree::Node node, SaifNet net, const std::string& name) {
        net.name = name;
        net.counts.tx += std::exchange(net.tb, 0);  // the printer has no TB: several drivers are unknown
        tree_.add(node, std::move(net));
        ++kept_;
    }

    const SaifRenaming& renaming_;
    Levels path_;
    SaifTree tree_;
    std::uint64_t kept_ = 0, left_out_ = 0;
};

void print(SaifPrinter& printer, const SaifInstance& instance, Levels& path) {
    path.emplace_back(instance.name);
    printer.scope(path);
    for (const SaifNet& net : instance.nets)
        printer.net(net.name, net.bit, net.counts);
    for (const SaifInstance& child : instance.children)
        print(printer, child, path);
    path.pop_back();
}

}  // namespace

SaifFile renamed(const SaifFile& file, const SaifRenaming& renaming, std::uint64_t& left_out) {
    Renamer renamer(renaming);
    for (const SaifInstance& instance : file.instances)
        renamer.take(instance);
    if (renamer.kept() == 0 && renamer.left_out() > 0)
        throw InputError(
            "no net is left; look at --scope, --strip-path and --name-map: the first instance of the file is `" +
            file.instances.front().name + "`");
    SaifFile result;
    result.header = file.header;
    result.divider = file.divider;
    result.fields = file.fields;
    result.instances = renamer.instances();
    if (!result.instances.empty())
        result.header.design = result.instances.front().name;
    left_out = renamer.left_out();
    return result;
}

void write_saif(const SaifFile& file, const std::string& path, const NetNaming& naming, const std::string& program,
                const std::string& version) {
    SaifHeader header = file.header;
    header.program = program;
    header.version = version;
    TextOutput out(path);
    SaifPrinter printer(out, header, naming);
    Levels levels;
    for (const SaifInstance& instance : file.instances)
        print(printer, instance, levels);
    printer.finish();
    out.close();
}

}  // namespace xloop::trace
