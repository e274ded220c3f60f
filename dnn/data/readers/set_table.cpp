#include "core/error.hpp"
#include "dnn/data/readers/stored_set.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <cstddef>

namespace xloop {
namespace {

constexpr const char* idx_files =
    "train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte and "
    "t10k-labels-idx1-ubyte, as they are or compressed (.gz)";

/// In the order of DataSet.
constexpr std::array<SetKind, names_of(DataSet{}).size()> kinds = {{
    {"Fashion-MNIST", idx_files,
     "Debian's package dataset-fashion-mnist, or github.com/zalandoresearch/fashion-mnist (Xiao et al., arXiv "
     "1708.07747)",
     open_idx},
    {"random images", "", "", nullptr},
    {"MNIST", idx_files, "yann.lecun.com/exdb/mnist or one of its copies (LeCun et al., Proc. IEEE 86, 1998)",
     open_idx},
    {"CIFAR-10", "data_batch_1.bin and others of the name data_batch*.bin, test_batch.bin",
     "`CIFAR-10 binary version` of www.cs.toronto.edu/~kriz/cifar.html (Krizhevsky, technical report, 2009)",
     open_cifar10},
    {"CIFAR-100", "train.bin, test.bin",
     "`CIFAR-100 binary version` of www.cs.toronto.edu/~kriz/cifar.html (Krizhevsky, technical report, 2009)",
     open_cifar100},
    {"SVHN", "train_32x32.mat, test_32x32.mat",
     "`Format 2: Cropped Digits` of ufldl.stanford.edu/housenumbers (Netzer et al., NIPS workshop, 2011)", open_svhn},
    {"a folder of pictures", "train/CLASS/*.png or *.jpg, and test or val instead of train", "pictures of your own",
     open_image_folder},
    {"NumPy arrays", "train_images.npy, train_labels.npy, test_images.npy, test_labels.npy",
     "numpy.save: images uint8 or float32, labels of a type of integers", open_npy},
    {"raw samples", "train_samples.f32, train_labels.txt, test_samples.f32, test_labels.txt",
     "float32 values, little-endian, sample by sample without a header (numpy's tofile); labels as text, one number "
     "each",
     open_raw},
}};

}  // namespace

const SetKind& kind_of(DataSet set) { return kinds[static_cast<std::size_t>(set)]; }

void check_labels(const std::string& file, const std::vector<int>& labels, int classes) {
    const auto bad =
        std::find_if(labels.begin(), labels.end(), [&](int label) { return label < 0 || label >= classes; });
    if (bad != labels.end())
        throw InputError(
            fmt::format("{}: label {} is {}, expected 0 to {}", file, bad - labels.begin(), *bad, classes - 1));
}

}  // namespace xloop
