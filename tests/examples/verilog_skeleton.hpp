#pragma once

#include <gtest/gtest.h>

#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace xloop::test {

/// The nets of plain Verilog: a declaration in each line, buses [m:0], an instance in each line with whole nets at its ports.
/// A line that looks otherwise and declares something fails the test.
class VerilogSkeleton {
public:
    explicit VerilogSkeleton(const std::string& text) {
        static const std::regex module(R"(module (\w+) \()"), end(R"(endmodule)"),
            net(R"(\s*(?:(?:input|output)\s+)?(?:wire|reg)\s+(?:\[(\d+):0\]\s+)?(\w+)[,;]?)"),
            instance(R"(\s+(\w+) (u_\w+) \((\..*)\);)"), declares(R"(\s*(?:input|output|inout|wire|reg|logic)\b.*)");
        std::istringstream in(text);
        std::smatch match;
        Module* current = nullptr;
        for (std::string line; std::getline(in, line);) {
            line = line.substr(0, line.find("//"));
            if (std::regex_match(line, match, module))
                current = &modules_[match[1]];
            else if (std::regex_match(line, end))
                current = nullptr;
            else if (std::regex_match(line, match, net) && current)
                current->nets[match[2]] = match[1].matched ? std::stoi(match[1]) + 1 : 0;
            else if (std::regex_match(line, match, instance) && current)
                current->instances.push_back({match[1], match[2], connections(match[3])});
            else
                EXPECT_FALSE(std::regex_match(line, declares)) << "cannot read: " << line;
        }
    }

    /// Nets that are one wire: each with its paths, "tb/u_npu/u_pe0/vec[3]" or "tb/u_npu/ck", in all instances it goes through.
    std::vector<std::set<std::string>> wires(const std::string& top, const std::string& path) {
        names_.clear();
        enter(top, path, {});
        std::map<std::string, std::set<std::string>> by_root;
        for (const auto& [name, root] : names_)
            by_root[root].insert(name);
        std::vector<std::set<std::string>> all;
        for (auto& entry : by_root)
            all.push_back(std::move(entry.second));
        return all;
    }

private:
    using Connections = std::map<std::string, std::string>;  // port: net outside
    struct Instance {
        std::string module, name;
        Connections connections;
    };
    struct Module {
        std::map<std::string, int> nets;  // width; 0: no bus
        std::vector<Instance> instances;
    };

    static Connections connections(const std::string& text) {
        static const std::regex port(R"(\.(\w+)\((\w+)\))");
        Connections all;
        for (std::sregex_iterator it(text.begin(), text.end(), port), none; it != none; ++it)
            all[(*it)[1]] = (*it)[2];
        return all;
    }

    /// `outside`: by port, the path of the net at it.
    void enter(const std::string& name, const std::string& path, const Connections& outside) {
        ASSERT_EQ(modules_.count(name), 1u) << name;
        const Module& module = modules_.at(name);
        for (const auto& connection : outside)
            EXPECT_EQ(module.nets.count(connection.first), 1u) << path << " has no port " << connection.first;
        Connections roots;
        for (const auto& [net, width] : module.nets) {
            const auto found = outside.find(net);
            roots[net] = found == outside.end() ? path + "/" + net : found->second;
            for (int bit = width == 0 ? -1 : 0; bit < (width == 0 ? 0 : width); ++bit) {
                const std::string index = bit < 0 ? "" : "[" + std::to_string(bit) + "]";
                EXPECT_TRUE(found == outside.end() || names_.count(roots[net] + index))
                    << path << "." << net << ": widths differ";
                names_[path + "/" + net + index] = roots[net] + index;
            }
        }
        for (const Instance& instance : module.instances) {
            Connections ports;
            for (const auto& [port, net] : instance.connections) {
                EXPECT_EQ(roots.count(net), 1u) << path << " has no net " << net;
                ports[port] = roots[net];
            }
            enter(instance.module, path + "/" + instance.name, ports);
        }
    }

    std::map<std::string, Module> modules_;
    std::map<std::string, std::string> names_;  // path of a bit: path where the wire begins
};

}  // namespace xloop::test
