#include "traces/saif/saif_rename.hpp"

#include "core/error.hpp"
#include "traces/saif/saif_tree.hpp"
#include "traces/text/text_output.hpp"

#include <algorithm>
#include <utility>

namespace xloop::trace {
namespace {

class Renamer {
public:
    explicit Renamer(const SaifRenaming& renaming) : renaming_(renaming) {}

    void take(const SaifInstance& instance, std::string& path) {
        const std::size_t above = path.size();
        (path += path.empty() ? "" : ".") += instance.name;
        take_nets(instance, path);
        for (const SaifInstance& child : instance.children)
            take(child, path);
        path.resize(above);
    }

    std::vector<SaifInstance> instances() { return tree_.take(); }
    std::uint64_t kept() const { return kept_; }
    std::uint64_t left_out() const { return left_out_; }

private:
    /// The path without the levels that are stripped; empty: not below them.
    std::string_view stripped(std::string_view path) const {
        const std::string& strip = renaming_.strip_path;
        if (strip.empty())
            return path;
        const bool below =
            path.size() > strip.size() + 1 && path.substr(0, strip.size()) == strip && path[strip.size()] == '.';
        return below ? path.substr(strip.size() + 1) : std::string_view();
    }

    void take_nets(const SaifInstance& instance, const std::string& path) {
        const std::string scope(renaming_.scope && !renaming_.scope->matches_within(path) ? std::string_view()
                                                                                          : stripped(path));
        if (scope.empty()) {
            left_out_ += instance.nets.size();
            return;
        }
        const SaifTree::Node same = renaming_.name_map ? SaifTree::root : tree_.at(scope);
        const std::vector<SaifNet>& nets = instance.nets;
        for (std::size_t first = 0, next; first < nets.size(); first = next) {
            // The bits of a bus stand together.
            for (next = first + 1; next < nets.size() && nets[first].bit >= 0 && nets[next].bit >= 0 &&
                                   nets[next].name == nets[first].name;)
                ++next;
            SaifTree::Node node = same;
            std::string name = nets[first].name;
            if (renaming_.name_map) {
                const auto net = renaming_.name_map->rename(scope, name, static_cast<int>(next - first));
                if (!net) {
                    left_out_ += next - first;
                    continue;
                }
                node = tree_.at(net->scope);
                name = net->name;
            }
            for (std::size_t i = first; i < next; ++i) {
                SaifNet net = nets[i];
                net.name = name;
                net.counts.tx += std::exchange(net.tb, 0);  // the printer has no TB: several drivers are unknown
                tree_.add(node, std::move(net));
            }
            kept_ += next - first;
        }
    }

    const SaifRenaming& renaming_;
    SaifTree tree_;
    std::uint64_t kept_ = 0, left_out_ = 0;
};

void print(SaifPrinter& printer, const SaifInstance& instance, std::string& path) {
    const std::size_t above = path.size();
    (path += path.empty() ? "" : ".") += instance.name;
    printer.scope(path);
    for (const SaifNet& net : instance.nets)
        printer.net(net.name, net.bit, net.counts);
    for (const SaifInstance& child : instance.children)
        print(printer, child, path);
    path.resize(above);
}

/// Without what would end a quoted text.
std::string quotable(std::string text) {
    std::replace(text.begin(), text.end(), '"', '\'');
    std::replace(text.begin(), text.end(), '\\', '/');
    return text;
}

}  // namespace

SaifFile renamed(const SaifFile& file, const SaifRenaming& renaming, std::uint64_t& left_out) {
    Renamer renamer(renaming);
    std::string path;
    for (const SaifInstance& instance : file.instances)
        renamer.take(instance, path);
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
    header.design = quotable(header.design);
    header.date = quotable(header.date);
    header.program = program;
    header.version = version;
    TextOutput out(path);
    SaifPrinter printer(out, header, naming);
    std::string at;
    for (const SaifInstance& instance : file.instances)
        print(printer, instance, at);
    printer.finish();
    out.close();
}

}  // namespace xloop::trace
