#include "tests/fuzz/fuzz_folder.hpp"

namespace xloop::fuzz {

void run_one(std::string_view text) {
    static const Folder folder(DataSet::svhn);
    folder.write("train_32x32.mat", text);
    folder.read();
}

}  // namespace xloop::fuzz
