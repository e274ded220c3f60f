#include "traces/saif/saif_file.hpp"

#include <algorithm>
#include <charconv>

namespace xloop::trace {
namespace {

void visit_nets(const SaifInstance& instance, std::string& path,
                const std::function<void(const std::string&, const SaifNet&)>& visit) {
    const std::size_t above = path.size();
    (path += path.empty() ? "" : ".") += instance.name;
    for (const SaifNet& net : instance.nets)
        visit(path, net);
    for (const SaifInstance& child : instance.children)
        visit_nets(child, path, visit);
    path.resize(above);
}

}  // namespace

bool SaifFile::has(std::string_view field) const {
    return std::find(fields.begin(), fields.end(), field) != fields.end();
}

void SaifFile::for_each_net(const std::function<void(const std::string&, const SaifNet&)>& visit) const {
    std::string path;
    for (const SaifInstance& instance : instances)
        visit_nets(instance, path, visit);
}

std::pair<std::string_view, int> split_bit(std::string_view name) {
    const std::size_t bracket = name.rfind('[');
    if (bracket == std::string_view::npos || bracket == 0 || name.back() != ']')
        return {name, -1};
    int bit = -1;
    const char *begin = name.data() + bracket + 1, *end = name.data() + name.size() - 1;
    const auto [last, problem] = std::from_chars(begin, end, bit);
    const bool plain = problem == std::errc() && last == end && bit >= 0 && (*begin != '0' || end - begin == 1);
    return plain ? std::pair{name.substr(0, bracket), bit} : std::pair{name, -1};
}

}  // namespace xloop::trace
