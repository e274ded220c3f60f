#include "systemc_model/device/kinds/cell_kind.hpp"

namespace xloop {

const std::array<CellKind, names_of(DeviceKind{}).size()>& cell_kinds() {
    static const std::array kinds = {reram_kind(), pcm_kind(), sram_kind()};
    return kinds;
}

const CellKind& cell_kind(const DeviceConfig& device) { return cell_kinds()[static_cast<std::size_t>(device.kind)]; }

}  // namespace xloop
