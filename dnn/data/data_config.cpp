#include "dnn/data/data_config.hpp"

namespace xloop {

void describe(config::Section& s, DataConfig& c) {
    s.value("set", c.set)
        .doc("images: Fashion-MNIST, or random pixels by seed")
        .source("Fashion-MNIST: Xiao et al., arXiv 1708.07747");
    s.value("directory", c.directory)
        .only_with("data.set", DataSet::fashion_mnist)
        .file_path()
        .filled()
        .doc("folder of the data set's files")
        .source("Debian package dataset-fashion-mnist");
    s.value("train_images", c.train_images).range(1, 60000).doc("training images used").source("our choice: time");
    s.value("test_images", c.test_images).range(1, 10000).doc("test images used").source("our choice: time");
}

}  // namespace xloop
