#include "traces/saif/saif_file.hpp"

#include "core/error.hpp"
#include "traces/bus/hierarchy.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <charconv>
#include <numeric>
#include <tuple>
#include <unordered_map>

namespace xloop::trace {
namespace {

void visit_nets(const SaifInstance& instance, std::string& path,
                const std::function<void(const std::string&, const SaifNet&)>& visit) {
    const std::size_t above = path.size();
    append_level(path, instance.name);
    for (const SaifNet& net : instance.nets)
        visit(path, net);
    for (const SaifInstance& child : instance.children)
        visit_nets(child, path, visit);
    path.resize(above);
}

/// Of the nets of one name in an instance the first stays.
void merge_nets(std::vector<SaifNet>& nets, const std::string& path, const TextInput& in) {
    std::vector<std::uint32_t> order(nets.size());
    std::iota(order.begin(), order.end(), 0u);
    std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
        return std::tie(nets[a].name, nets[a].bit, a) < std::tie(nets[b].name, nets[b].bit, b);
    });
    std::vector<bool> repeated(nets.size(), false);
    bool any = false;
    for (std::size_t i = 1, first = 0; i < order.size(); ++i) {
        const SaifNet &kept = nets[order[first]], &net = nets[order[i]];
        if (kept.name != net.name || kept.bit != net.bit) {
            first = i;
            continue;
        }
        any = repeated[order[i]] = true;
        if (!(kept.counts == net.counts))
            in.remark(net.line,
                      fmt::format("net `{}.{}` comes again with other activity, first in line {}; the first counts",
                                  path, net.full_name(), kept.line));
    }
    if (!any)
        return;
    std::vector<SaifNet> rest;
    for (std::size_t i = 0; i < nets.size(); ++i)
        if (!repeated[i])
            rest.push_back(std::move(nets[i]));
    nets = std::move(rest);
}

void merge_instances(std::vector<SaifInstance>& instances, std::string& path, const TextInput& in) {
    std::unordered_map<std::string, std::size_t> numbers;
    std::vector<SaifInstance> merged;
    for (SaifInstance& instance : instances) {
        const auto [found, fresh] = numbers.emplace(instance.name, merged.size());
        if (fresh) {
            merged.push_back(std::move(instance));
            continue;
        }
        SaifInstance& first = merged[found->second];
        std::move(instance.nets.begin(), instance.nets.end(), std::back_inserter(first.nets));
        std::move(instance.children.begin(), instance.children.end(), std::back_inserter(first.children));
    }
    instances = std::move(merged);
    for (SaifInstance& instance : instances) {
        const std::size_t above = path.size();
        append_level(path, instance.name);
        merge_nets(instance.nets, path, in);
        merge_instances(instance.children, path, in);
        path.resize(above);
    }
}

}  // namespace

std::string SaifNet::full_name() const {
    std::string text;
    append_level(text, name);
    return bit < 0 ? text : text + "[" + std::to_string(bit) + "]";
}

void SaifFile::merge_repeats(const TextInput& in) {
    std::string path;
    merge_instances(instances, path, in);
}

void SaifFile::demand_time(const std::string& name) const {
    if (header.duration == 0)
        throw InputError(name +
                         ": no time passes in it (DURATION 0), expected a later time behind the first one; power tools "
                         "divide by the duration");
}

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
