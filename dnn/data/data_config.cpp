#include "dnn/data/data_config.hpp"

#include "core/config/schema.hpp"

namespace xloop {

void describe(config::Section& s, DataConfig& c) {
    s.value("set", c.set, "images: Fashion-MNIST, or random pixels by seed",
            "Fashion-MNIST: Xiao et al., arXiv 1708.07747");
    s.value("directory", c.directory, "folder of the data set's files", "Debian package dataset-fashion-mnist")
        .only_with("data.set", DataSet::fashion_mnist)
        .file_path()
        .filled();
    s.value("train_images", c.train_images, "training images used", "our choice: time").range(1, 60000);
    s.value("test_images", c.test_images, "test images used", "our choice: time").range(1, 10000);
}

}  // namespace xloop
