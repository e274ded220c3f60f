// Every test process writes its scratch files into a temporary folder of its own, so that tests which run side by side
// never meet, whatever names they give their files.
#include <gmock/gmock.h>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <string>

namespace {

class OwnTemporaryFolder {
public:
    OwnTemporaryFolder() : path_((std::filesystem::temp_directory_path() / "xloop_test_XXXXXX").string()) {
        if (!::mkdtemp(path_.data()) || ::setenv("TMPDIR", path_.c_str(), 1) != 0) {
            std::cerr << "no folder for scratch files: " << path_ << "\n";
            std::exit(1);
        }
    }
    ~OwnTemporaryFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    OwnTemporaryFolder(const OwnTemporaryFolder&) = delete;
    OwnTemporaryFolder& operator=(const OwnTemporaryFolder&) = delete;

private:
    std::string path_;
};

}  // namespace

int main(int argc, char** argv) {
    const OwnTemporaryFolder folder;
    testing::InitGoogleMock(&argc, argv);
    return RUN_ALL_TESTS();
}
