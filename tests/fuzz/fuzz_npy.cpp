#include "tests/fuzz/fuzz_folder.hpp"

#include "core/error.hpp"

#include <cstring>

namespace xloop::fuzz {
namespace {

/// One byte for each of `count` images.
std::string labels(std::size_t count) {
    std::string header = "{'descr': '|u1', 'fortran_order': False, 'shape': (" + std::to_string(count) + ",), }";
    header.resize(118, ' ');
    return std::string("\x93NUMPY\1\0\x76\0", 10) + header + std::string(count, '\1');
}

}  // namespace

void run_one(std::string_view text) {
    static const Folder folder(DataSet::npy);
    // As labels of two images, then as the images.
    std::string images = labels(2);
    images.replace(images.find("(2,)"), 6, "(2, 1)");
    bool are_labels = true;
    folder.write("train_images.npy", images);
    folder.write("train_labels.npy", text);
    try {
        folder.read();
    } catch (const InputError&) {
        are_labels = false;
    }
    folder.write("train_images.npy", text);
    folder.write("train_labels.npy", labels(2));
    try {
        folder.read();
    } catch (const InputError&) {
        if (!are_labels)
            throw;
    }
}

}  // namespace xloop::fuzz
