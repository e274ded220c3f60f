// Street View House Numbers, "Format 2" (ufldl.stanford.edu/housenumbers): a MATLAB file with X, uint8 [32, 32, 3, images],
// the first axis fastest, and y, labels 1 to 10, where 10 stands for the digit 0.

#include "core/error.hpp"
#include "dnn/data/readers/binary_file.hpp"
#include "dnn/data/readers/layouts.hpp"
#include "dnn/data/readers/stored_set.hpp"

#include <fmt/format.h>
#include <matio.h>
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <memory>

namespace xloop {
namespace {

const Shape svhn_shape{3, 32, 32};

struct CloseMat {
    void operator()(mat_t* file) const { Mat_Close(file); }
    void operator()(matvar_t* variable) const { Mat_VarFree(variable); }
};
using MatVariable = std::unique_ptr<matvar_t, CloseMat>;

class MatFile {
public:
    explicit MatFile(const std::string& path) : path_(path) {
        const BinaryFile file(path);
        bytes_ = file.size();
        // The library reads other versions too, one of them through all of HDF5; the set's files are of version 5.
        std::array<char, 128> header{};
        file.read(0, header.data(), header.size());
        const std::string version(header.begin() + 124, header.end());
        if (version != std::string("\0\1IM", 4) && version != std::string("\1\0MI", 4))
            fail("is no MATLAB file of version 5");
        file_.reset(Mat_Open(path.c_str(), MAT_ACC_RDONLY));
        if (!file_)
            fail("is damaged: its header cannot be read");
    }

    /// What the file announces of a variable. Its values take no memory yet.
    MatVariable find(const char* name) {
        Mat_Rewind(file_.get());
        MatVariable variable(Mat_VarReadInfo(file_.get(), name));
        if (!variable)
            fail(fmt::format("has no variable {}, or is damaged", name));
        if (!variable->dims || variable->rank < 2 || variable->isComplex)
            fail(fmt::format("variable {} is no array of real numbers", name));
        return variable;
    }

    /// All values of a variable that was found; T is what its class stands for.
    template <class T>
    std::vector<T> values(matvar_t& variable, const char* name) {
        std::uint64_t count = 1;
        constexpr std::uint64_t most_from_one_byte = 1032;  // of zlib's format
        for (int axis = 0; axis < variable.rank; ++axis)
            if (__builtin_mul_overflow(count, std::uint64_t{variable.dims[axis]}, &count) ||
                count > bytes_ * most_from_one_byte)
                fail(fmt::format("variable {} announces more values than a file of {} bytes can have", name, bytes_));
        if (count > static_cast<std::uint64_t>(std::numeric_limits<int>::max()))
            fail(fmt::format("variable {} has more values than can be read", name));
        std::vector<T> values(static_cast<std::size_t>(count));
        if (Mat_VarReadDataLinear(file_.get(), &variable, values.data(), 0, 1, static_cast<int>(count)) != 0)
            fail(fmt::format("is damaged or cut off in variable {}", name));
        return values;
    }

    const std::string& path() const { return path_; }
    [[noreturn]] void fail(const std::string& what) const { throw InputError(path_ + ": " + what); }

private:
    std::string path_;
    std::uint64_t bytes_ = 0;
    std::unique_ptr<mat_t, CloseMat> file_;
};

std::vector<int> read_labels(MatFile& file, std::size_t images) {
    const MatVariable y = file.find("y");
    if (y->rank != 2 || y->dims[0] != images || y->dims[1] != 1)
        file.fail(fmt::format("variable y is not {} x 1, one label for each image", images));
    std::vector<double> values;
    if (y->class_type == MAT_C_DOUBLE) {
        values = file.values<double>(*y, "y");
    } else if (y->class_type == MAT_C_UINT8) {
        const auto bytes = file.values<std::uint8_t>(*y, "y");
        values.assign(bytes.begin(), bytes.end());
    } else {
        file.fail("variable y is of another class than double or uint8");
    }
    std::vector<int> labels;
    for (const double value : values) {
        if (!(value >= 1 && value <= 10) || value != std::floor(value))
            file.fail(fmt::format("label {} is {}, expected 1 to 10", labels.size(), value));
        labels.push_back(static_cast<int>(value) % 10);
    }
    return labels;
}

}  // namespace

StoredSet open_svhn(const ReadRequest& request) {
    MatFile file(request.data.directory + (request.train ? "/train_32x32.mat" : "/test_32x32.mat"));
    const MatVariable x = file.find("X");
    if (x->class_type != MAT_C_UINT8 || x->rank != 4 || x->dims[0] != 32 || x->dims[1] != 32 || x->dims[2] != 3 ||
        x->dims[3] > most_images_of_set)
        file.fail("variable X is not uint8 of 32 x 32 x 3 x images");
    const std::size_t images = x->dims[3];
    const auto pixels = std::make_shared<const std::vector<std::uint8_t>>(file.values<std::uint8_t>(*x, "X"));
    StoredSet set;
    set.file = file.path();
    set.labels = read_labels(file, images);
    set.image = [pixels](int image) {
        const std::uint8_t* from = pixels->data() + static_cast<std::ptrdiff_t>(image) * svhn_shape.size();
        return StoredImage{svhn_shape, by_position(from, Strides{32 * 32, 1, 32}, svhn_shape), {}};
    };
    return set;
}

}  // namespace xloop
