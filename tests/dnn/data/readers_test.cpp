#include "tests/dnn/data/data_folder.hpp"

#include <fmt/format.h>
#include <matio.h>
#include <cmath>
#include <memory>

namespace xloop {
namespace {

// ---- CIFAR

class Cifar : public DataFolder {
protected:
    Cifar() { data_.set = DataSet::cifar10; }

    /// A record whose byte p of plane c is (number + 7 c + p) mod 256.
    static std::string record(const std::string& labels, int number) {
        std::string bytes = labels;
        for (int c = 0; c < 3; ++c)
            for (int p = 0; p < 1024; ++p)
                bytes += static_cast<char>(number + 7 * c + p);
        return bytes;
    }
    static std::uint8_t pixel(int number, int y, int x, int c) {
        return static_cast<std::uint8_t>(number + 7 * c + 32 * y + x);
    }
    const Shape shape_{3, 32, 32};
};

TEST_F(Cifar, GivenBatchesOfAnySize_ThenAllAreReadByName) {
    write("data_batch_2.bin", record("\x03", 2));
    write("data_batch_1.bin", record("\x01", 0) + record("\x02", 1));
    write("data_batch_6_more.bin", record("\x04", 3));
    write("test_batch.bin", record("\x09", 9));
    const ImageSet set = load(shape_, 4);
    EXPECT_EQ(set.labels, (std::vector<int>{1, 2, 3, 4}));
    for (int n = 0; n < 4; ++n)
        for (const auto& [y, x, c] : {std::tuple{0, 0, 0}, {31, 5, 2}, {4, 31, 1}})
            EXPECT_EQ(set.image(n)[(y * 32 + x) * 3 + c], pixel(n, y, x, c));
    EXPECT_EQ(load(shape_, 1, DataPart::test).labels, std::vector<int>{9});
    expect_error(shape_, 5, {dir_.string(), "holds 4 items, but 5 are asked for"});
}

TEST_F(Cifar, GivenDamagedFiles_ThenTheyAreRefused) {
    expect_error(shape_, 1, {path("data_batch_1.bin"), "cannot be opened", "data.directory", "cs.toronto.edu"});
    write("data_batch_1.bin", record("\x03", 2).substr(1));
    expect_error(shape_, 1, {path("data_batch_1.bin"), "has 3072 bytes, expected a multiple of 3073"});
    write("data_batch_1.bin", "");
    expect_error(shape_, 1, {path("data_batch_1.bin"), "has 0 bytes"});
    write("data_batch_1.bin", record("\x03", 2) + record("\x0a", 2));
    expect_error(shape_, 1, {path("data_batch_1.bin"), "label 1 is 10, expected 0 to 9"});
    data_.directory += "/nowhere";
    expect_error(shape_, 1, {"nowhere", "cannot be read", "cs.toronto.edu"});
}

TEST_F(Cifar, GivenCifar100_ThenTheFineLabelCounts) {
    data_.set = DataSet::cifar100;
    write("train.bin", record("\x13\x63", 0) + record("\x01\x2a", 5));
    const ImageSet set = load(shape_, 2);
    EXPECT_EQ(set.labels, (std::vector<int>{99, 42}));
    EXPECT_EQ(set.image(1)[(3 * 32 + 1) * 3 + 2], pixel(5, 3, 1, 2));
    expect_error(shape_, 1, {path("test.bin"), "cannot be opened"}, DataPart::test);
}

// ---- SVHN

class Svhn : public DataFolder {
protected:
    Svhn() { data_.set = DataSet::svhn; }

    template <class Label>
    void write_mat(std::size_t images, std::vector<Label> labels, matio_compression compression) const {
        std::vector<std::uint8_t> pixels(32 * 32 * 3 * images);
        for (std::size_t i = 0; i < pixels.size(); ++i)
            pixels[i] = static_cast<std::uint8_t>(i % 251);
        std::size_t shape[] = {32, 32, 3, images}, label_shape[] = {labels.size(), 1};
        const std::string name = path("train_32x32.mat");
        std::filesystem::remove(name);
        mat_t* file = Mat_CreateVer(name.c_str(), nullptr, MAT_FT_MAT5);
        matvar_t* x = Mat_VarCreate("X", MAT_C_UINT8, MAT_T_UINT8, 4, shape, pixels.data(), MAT_F_DONT_COPY_DATA);
        const bool bytes = sizeof(Label) == 1;
        matvar_t* y = Mat_VarCreate("y", bytes ? MAT_C_UINT8 : MAT_C_DOUBLE, bytes ? MAT_T_UINT8 : MAT_T_DOUBLE, 2,
                                    label_shape, labels.data(), MAT_F_DONT_COPY_DATA);
        Mat_VarWrite(file, x, compression);
        Mat_VarWrite(file, y, compression);
        Mat_VarFree(x);
        Mat_VarFree(y);
        Mat_Close(file);
    }
    std::string whole() const {
        std::ifstream in(path("train_32x32.mat"), std::ios::binary);
        return {std::istreambuf_iterator<char>(in), {}};
    }
    const Shape shape_{3, 32, 32};
};

TEST_F(Svhn, GivenAFile_ThenRowsAreTheFastestAxisAndLabelTenIsTheDigitZero) {
    for (const auto compression : {MAT_COMPRESSION_NONE, MAT_COMPRESSION_ZLIB}) {
        write_mat<double>(3, {10, 1, 9}, compression);
        const ImageSet set = load(shape_, 3);
        EXPECT_EQ(set.labels, (std::vector<int>{0, 1, 9}));
        for (const auto& [n, y, x, c] : {std::tuple{0, 0, 0, 0}, {1, 31, 5, 2}, {2, 4, 31, 1}})
            EXPECT_EQ(set.image(n)[(y * 32 + x) * 3 + c], (((n * 3 + c) * 32 + x) * 32 + y) % 251);
    }
    write_mat<std::uint8_t>(2, {10, 2}, MAT_COMPRESSION_ZLIB);
    EXPECT_EQ(load(shape_, 2).labels, (std::vector<int>{0, 2}));
}

TEST_F(Svhn, GivenDamagedFiles_ThenTheyAreRefused) {
    const std::string name = path("train_32x32.mat");
    expect_error(shape_, 1, {name, "cannot be opened", "ufldl.stanford.edu"});
    write_mat<double>(2, {10, 0}, MAT_COMPRESSION_NONE);
    expect_error(shape_, 1, {name, "label 1 is 0, expected 1 to 10"});
    write_mat<double>(2, {10, 1, 2}, MAT_COMPRESSION_NONE);
    expect_error(shape_, 1, {name, "variable y is not 2 x 1"});
    write("train_32x32.mat", "no such thing");
    expect_error(shape_, 1, {name, "ends early"});
    write("train_32x32.mat", std::string(200, 'x'));
    expect_error(shape_, 1, {name, "no MATLAB file of version 5"});
    for (const auto compression : {MAT_COMPRESSION_NONE, MAT_COMPRESSION_ZLIB}) {
        write_mat<double>(2, {10, 1}, compression);
        const std::string good = whole();
        for (std::size_t size = 0; size < good.size(); size += 41) {
            write("train_32x32.mat", good.substr(0, size));
            expect_error(shape_, 1, {name, "ufldl.stanford.edu"});
        }
    }
}

TEST_F(Svhn, GivenAHeaderThatAnnouncesTooMuch_ThenNoMemoryIsTaken) {
    write_mat<double>(2, {10, 1}, MAT_COMPRESSION_NONE);
    std::string bytes = whole();
    // The dimensions lie behind: 128 bytes of the file's header, 8 of the variable's, 16 of its flags, 8 of the list's tag.
    const std::size_t images = 128 + 8 + 16 + 8 + 3 * 4;
    ASSERT_EQ(bytes[images], 2);
    for (const int top : {0x05, 0x7f}) {
        bytes[images + 3] = static_cast<char>(top);
        write("train_32x32.mat", bytes);
        expect_error(shape_, 1, {path("train_32x32.mat"), top == 0x05 ? "announces more values" : "variable X"});
    }
}

// ---- raw samples

class Raw : public DataFolder {
protected:
    Raw() {
        data_.set = DataSet::raw;
        data_.shape = {2, 1, 3};
        write("train_samples.f32", bytes_of(std::vector<float>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}));
        write("train_labels.txt", " 3\n65535 ");
    }
    const Shape shape_{2, 1, 3};
};

TEST_F(Raw, GivenEitherLayout_ThenSamplesAreStoredByPosition) {
    EXPECT_EQ(load(shape_, 2).samples, std::vector<float>({0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}));
    data_.layout = DataLayout::channels_first;
    const ImageSet set = load(shape_, 2);
    EXPECT_EQ(set.samples, std::vector<float>({0, 3, 1, 4, 2, 5, 6, 9, 7, 10, 8, 11}));
    EXPECT_EQ(set.labels, (std::vector<int>{3, 65535}));
    EXPECT_TRUE(set.pixels.empty());
}

TEST_F(Raw, GivenWrongFiles_ThenTheyAreRefused) {
    const std::string samples = path("train_samples.f32"), labels = path("train_labels.txt");
    write("train_labels.txt", "3 65536");
    expect_error(shape_, 1, {labels, "label 1 is 65536, expected 0 to 65535"});
    write("train_labels.txt", "3 -1");
    expect_error(shape_, 1, {labels, "label 1 is -1"});
    write("train_labels.txt", "3 1.5");
    expect_error(shape_, 1, {labels, "label 1 is no whole number"});
    write("train_labels.txt", "3 4 5");
    expect_error(shape_, 1, {samples, "has 48 bytes, expected 72: 3 labels"});
    write("train_labels.txt", "3 4");
    write("train_samples.f32", bytes_of(std::vector<float>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, NAN, 11}));
    EXPECT_EQ(load(shape_, 1).count(), 1);
    expect_error(shape_, 2, {samples, "value 4 of image 1 is nan"});
    std::filesystem::remove(samples);
    expect_error(shape_, 1, {samples, "cannot be opened", "little-endian"});
    std::filesystem::create_directory(samples);
    expect_error(shape_, 1, {samples, "not a file"});
    data_.shape = {};
    expect_error(shape_, 1, {"data.shape: expected three numbers"});
    data_.shape = {1 << 20, 1 << 20, 1 << 20};
    expect_error(shape_, 1, {"data.shape: expected at most"});
}

// ---- NumPy

class Npy : public DataFolder {
protected:
    Npy() { data_.set = DataSet::npy; }

    /// As numpy.save writes it: padded to a multiple of 64 bytes, a line end at last.
    static std::string npy(const std::string& dictionary, const std::string& values, int version = 1) {
        const std::size_t start = version == 1 ? 10 : 12;
        std::string header = dictionary;
        header.resize((start + header.size() + 64) / 64 * 64 - start - 1, ' ');
        header += '\n';
        std::string bytes = "\x93NUMPY";
        bytes += static_cast<char>(version);
        bytes += '\0';
        for (int shift = 0; shift < (version == 1 ? 16 : 32); shift += 8)
            bytes += static_cast<char>(header.size() >> shift);
        return bytes + header + values;
    }
    static std::string header(const std::string& type, bool fortran, const std::string& shape) {
        return fmt::format("{{'descr': '{}', 'fortran_order': {}, 'shape': {}, }}", type, fortran ? "True" : "False",
                           shape);
    }
    void write_labels() const {
        write("train_labels.npy", npy(header("<i8", false, "(2,)"), bytes_of(std::vector<std::int64_t>{5, 999})));
    }

    /// Value (y, x, c) of image n.
    static int value(int n, int y, int x, int c) { return n * 100 + y * 30 + x * 7 + c; }
    /// Two images of 2 x 3 with 2 channels as an array with these axes ("nhwc"), the last one fastest, or in Fortran's order the
    /// first one.
    template <class T>
    static std::string array(const std::string& axes, bool fortran) {
        const std::string slowest_first = fortran ? std::string(axes.rbegin(), axes.rend()) : axes;
        std::vector<T> values;
        const auto size = [](char axis) { return axis == 'w' ? 3 : 2; };
        for (int i = 0; i < 24; ++i) {
            std::map<char, int> at;
            int rest = i;
            for (auto axis = slowest_first.rbegin(); axis != slowest_first.rend(); rest /= size(*axis++))
                at[*axis] = rest % size(*axis);
            values.push_back(static_cast<T>(value(at['n'], at['h'], at['w'], at['c'])));
        }
        return bytes_of(values);
    }
    const Shape shape_{2, 2, 3};
};

TEST_F(Npy, GivenAnyOrderTypeAndVersion_ThenTheSameImagesAreRead) {
    write_labels();
    for (const bool fortran : {false, true})
        for (const bool floats : {false, true})
            for (const auto layout : {DataLayout::channels_last, DataLayout::channels_first})
                for (int version = 1; version <= 3; ++version) {
                    const bool last = layout == DataLayout::channels_last;
                    const std::string axes = last ? "nhwc" : "nchw", shape = last ? "(2, 2, 3, 2)" : "(2, 2, 2, 3)";
                    const std::string values =
                        floats ? array<float>(axes, fortran) : array<std::uint8_t>(axes, fortran);
                    write("train_images.npy", npy(header(floats ? "<f4" : "|u1", fortran, shape), values, version));
                    data_.layout = layout;
                    const ImageSet set = load(shape_, 2);
                    EXPECT_EQ(set.labels, (std::vector<int>{5, 999}));
                    EXPECT_EQ(set.pixels.empty(), floats);
                    for (int i = 0; i < 24; ++i) {
                        const auto at = static_cast<std::size_t>(i);
                        EXPECT_EQ(floats ? static_cast<int>(set.samples[at]) : set.pixels[at],
                                  value(i / 12, i / 6 % 2, i / 2 % 3, i % 2));
                    }
                }
}

TEST_F(Npy, GivenGreyImagesOrFeatures_ThenChannelsAreOneOrAll) {
    write_labels();
    write("train_images.npy", npy(header("|u1", false, "(2, 2, 1)"), "abcd"));
    EXPECT_EQ(load({1, 2, 1}, 2).pixels, (std::vector<std::uint8_t>{'a', 'b', 'c', 'd'}));
    write("train_images.npy", npy(header("|u1", true, "(2, 2)"), "acbd"));
    EXPECT_EQ(load({2, 1, 1}, 2).pixels, (std::vector<std::uint8_t>{'a', 'b', 'c', 'd'}));
}

TEST_F(Npy, GivenAnyTypeOfIntegers_ThenLabelsAreRead) {
    write("train_images.npy", npy(header("|u1", false, "(2, 1, 1)"), "ab"));
    const auto read = [&](const char* type, const std::string& values, const char* shape = "(2,)") {
        write("train_labels.npy", npy(header(type, false, shape), values));
        EXPECT_EQ(load({1, 1, 1}, 2).labels, (std::vector<int>{7, 100})) << type;
    };
    read("|u1", bytes_of(std::vector<std::uint8_t>{7, 100}));
    read("|i1", bytes_of(std::vector<std::int8_t>{7, 100}));
    read("<u2", bytes_of(std::vector<std::uint16_t>{7, 100}));
    read("<i2", bytes_of(std::vector<std::int16_t>{7, 100}));
    read("<u4", bytes_of(std::vector<std::uint32_t>{7, 100}));
    read("<i4", bytes_of(std::vector<std::int32_t>{7, 100}));
    read("<u8", bytes_of(std::vector<std::uint64_t>{7, 100}));
    read("<i8", bytes_of(std::vector<std::int64_t>{7, 100}), "(2, 1)");
    const auto refused = [&](const char* type, const std::string& values, const char* what,
                             const char* shape = "(2,)") {
        write("train_labels.npy", npy(header(type, false, shape), values));
        expect_error({1, 1, 1}, 2, {path("train_labels.npy"), what, "numpy.save"});
    };
    refused("<i4", bytes_of(std::vector<std::int32_t>{7, -1}), "label 1 is not in 0 to 65535");
    refused("<u8", bytes_of(std::vector<std::uint64_t>{7, std::uint64_t{1} << 32}), "label 1 is not in 0 to 65535");
    refused("<f4", bytes_of(std::vector<float>{7, 1}), "expected integers");
    refused("|u1", "abc", "one label for each image", "(3,)");
    refused("|u1", "abcd", "one label for each image", "(2, 2)");
    refused("|u1", "a", "one label for each image", "()");
}

TEST_F(Npy, GivenDamagedFiles_ThenTheyAreRefused) {
    write_labels();
    const auto refused = [&](const std::string& bytes, const char* what) {
        write("train_images.npy", bytes);
        expect_error(shape_, 2, {path("train_images.npy"), what, "numpy.save"});
    };
    const std::string pixels = array<std::uint8_t>("nhwc", false);
    const std::string good = npy(header("|u1", false, "(2, 2, 3, 2)"), pixels);
    refused("", "no .npy file");
    refused("\x93NUMPX" + good.substr(6), "no .npy file");
    refused(good.substr(0, 20), "ends early");
    refused(good.substr(0, good.size() - 1), "has 23 bytes behind its header");
    refused(good + "x", "has 25 bytes behind its header");
    refused(npy(header("|u1", false, "(2, 2, 3, 2)"), pixels, 4), "version 4");
    refused(npy(header(">f4", false, "(2, 2, 3, 2)"), pixels), "type `>f4`");
    refused(npy(header("<f8", false, "(2, 2, 3, 2)"), pixels), "type `<f8`");
    refused(npy(header("<i8", false, "(3)"), pixels), "expected (images, height, width)");
    refused(npy("{'descr': [('a', '|u1')], 'fortran_order': False, 'shape': (24,), }", pixels), "type `structure`");
    refused(npy("{'descr': '|u1', 'shape': (24,), }", pixels), "without `fortran_order`");
    refused(npy("{'descr': '|u1', 'fortran_order': Maybe, 'shape': (24,), }", pixels), "Fortran");
    refused(npy("{'descr': '|u1', 'fortran_order': False, 'shape': 24, }", pixels), "has no shape");
    refused(npy("{'descr': '|u1', 'fortran_order': False, 'shape': (-24,), }", pixels),
            "has no shape of whole numbers");
    refused(npy("(((((", pixels), "train_images.npy");
    refused(npy(header("|i1", false, "(2, 2, 3, 2)"), pixels), "expected uint8 or float32");
}

TEST_F(Npy, GivenAHeaderThatAnnouncesTooMuch_ThenNoMemoryIsTaken) {
    const auto refused = [&](const char* shape, const char* what, const char* values = "abcd") {
        write("train_images.npy", npy(header("|u1", false, shape), values));
        expect_error(shape_, 2, {path("train_images.npy"), what});
    };
    refused("(1000000000000, 28, 28)", "bytes behind its header");
    refused("(4294967296, 4294967296, 2, 2)", "bytes behind its header");
    refused("(0, 60000, 60000, 3)", "more than 67108864", "");
    refused("(99999999999999999999, 1, 1)", "no shape of whole numbers");
    std::string endless = npy(header("|u1", false, "(4, 1, 1)"), "abcd", 2);
    endless[11] = '\x7f';  // the header's length
    write("train_images.npy", endless);
    expect_error(shape_, 2, {path("train_images.npy"), "has a header of"});
}

}  // namespace
}  // namespace xloop
