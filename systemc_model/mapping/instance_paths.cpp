#include "systemc_model/mapping/instance_paths.hpp"

#include <fmt/format.h>

namespace xloop {

std::string InstancePaths::tile(int tile) const { return chip_ + "." + mapping_.tile_name(tile); }

std::string InstancePaths::tile_part(int number, Component part) const { return tile(number) + "." + name_of(part); }

std::string InstancePaths::pe(int number, int pe) const { return tile(number) + "." + pe_name(pe); }

std::string InstancePaths::pe_part(int tile, int number, Component registers) const {
    return pe(tile, number) + "." + name_of(registers);
}

std::string InstancePaths::array(int tile, int number, int slot) const {
    return pe(tile, number) + "." + array_name(slot);
}

std::string InstancePaths::router(int router) const { return chip_ + ".noc." + router_name(router); }

std::string InstancePaths::io() const { return chip_ + ".io"; }

std::string InstancePaths::pe_name(int pe) { return fmt::format("pe_{}", pe); }

std::string InstancePaths::array_name(int slot) { return fmt::format("xbar_{}", slot); }

std::string InstancePaths::router_name(int router) const {
    return fmt::format("router_{}_{}", router % mapping_.mesh_cols, router / mapping_.mesh_cols);
}

std::string InstancePaths::kind_of(const std::string& path) {
    const std::size_t begin = path.find_last_of('.') + 1, number = path.find_first_of("0123456789", begin);
    return path.substr(begin, number == path.npos ? number : number - 1 - begin);
}

}  // namespace xloop
