#include "dnn/data/data_config.hpp"

#include "core/config/schema.hpp"

namespace xloop {

void describe(config::Section& s, DataConfig& c) {
    constexpr double most_images = 1e7, most_side = 4096, most_value = 1e6;
    s.value("set", c.set, "images: a set of files, or random pixels by seed (docs/data_sets.md)",
            "Fashion-MNIST: Xiao et al., arXiv 1708.07747");
    s.value("train_images", c.train_images, "training images used", "our choice: time").range(1, most_images);
    s.value("test_images", c.test_images, "test images used", "our choice: time").range(1, most_images);

    s.value("validation_images", c.validation_images,
            "images of the training files that are kept for validation, drawn by seed in the classes' shares; of "
            "random images, some more",
            "our choice: none")
        .range(0, most_images);

    s.only_with("data.set", DataSet::fashion_mnist, DataSet::mnist, DataSet::cifar10, DataSet::cifar100, DataSet::svhn,
                DataSet::image_folder, DataSet::npy, DataSet::raw);
    s.value("directory", c.directory, "folder of the data set's files", "Debian package dataset-fashion-mnist")
        .file_path()
        .filled();
    s.value("choose", c.choose, "images used: the first, or as many of each class, drawn by seed",
            "our choice: no random numbers");
    s.value("layout", c.layout, "order of the values of an image in its file",
            "NumPy's users: images are arrays (height, width, channels)")
        .only_with("data.set", DataSet::npy, DataSet::raw);
    s.value("shape", c.shape, "channels, height and width of a sample", "our choice: none, the file does not say")
        .unit("channels, pixels, pixels")
        .range(1, 1 << 20)
        .only_with("data.set", DataSet::raw);
    s.value("resize", c.resize, "size of the shorter side, or height and width; [] leaves images as they are",
            "our choice: as they are")
        .unit("pixels")
        .range(1, most_side);
    s.value("crop", c.crop, "size of the square cut from the centre, or height and width; [] takes all",
            "our choice: all")
        .unit("pixels")
        .range(1, most_side);
    Preprocessing& p = c.preprocessing;
    s.value("mean", p.mean, "subtracted from values (pixel / 255): one for each channel, or one for all; [] is 0",
            "our choice: none, networks of this program take pixels / 255")
        .range(-most_value, most_value);
    s.value("deviation", p.deviation, "divides values then: one for each channel, or one for all; [] is 1",
            "our choice: none, networks of this program take pixels / 255")
        .above(0, most_value);
    s.value("input_bits", p.bits, "bits of a value: rounded to 2^bits levels before mean and deviation; 0: not rounded",
            "our choice: files' own")
        .unit("bits")
        .range(0, 16);
    s.value("input_range", p.range, "first and last of these levels; what lies outside is clipped",
            "pixels / 255 lie in [0, 1]")
        .range(-most_value, most_value);
    s.value("augment_shift", c.augmentation.shift,
            "training: images are moved by up to so many pixels, by chance, over zeros", "our choice: none")
        .unit("pixels")
        .range(0, most_side);
    s.value("augment_mirror", c.augmentation.mirror, "training: half of the images are mirrored, by chance",
            "our choice: none");
}

}  // namespace xloop
