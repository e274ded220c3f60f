#pragma once

#include <string>
#include <vector>

namespace xloop {

/// A kind of tile: hardware and what it costs.
struct AdviceTile {
    std::string name, hardware, cost_table;  ///< of files
    std::vector<std::string> overrides;      ///< of the hardware, key=value
};

/// Kinds of tiles at hand, and the digital one that each is held against, with the costs and the bits of that kind.
struct AdviceTiles {
    std::vector<AdviceTile> tiles;
    AdviceTile baseline;  ///< without a name and a cost table
};

/// Reads a list of tiles (docs/advise.md has its keys). Throws InputError with the file and the key that is wrong; two tiles of
/// one name are.
AdviceTiles load_advice_tiles(const std::string& path);
/// A kind of tile more, as "HARDWARE,COST_TABLE" on the command line; named as the hardware's file. Throws InputError.
void add_advice_tile(AdviceTiles& tiles, const std::string& files);

}  // namespace xloop
