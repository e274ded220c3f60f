#include "core/error.hpp"
#include "dnn/data/readers/pictures.hpp"

#include <csetjmp>
#include <cstdio>

#include <jpeglib.h>

#include <jerror.h>

namespace xloop {
namespace {

/// The library's state. It reports errors by a jump, which must not pass over objects with destructors: these live here.
struct Jpeg {
    jpeg_decompress_struct decoder;
    jpeg_error_mgr errors;
    jpeg_progress_mgr progress;
    std::jmp_buf back;
    char message[JMSG_LENGTH_MAX] = "";

    Jpeg() {
        decoder.err = jpeg_std_error(&errors);
        decoder.client_data = this;
        errors.error_exit = [](j_common_ptr common) { give_up(common); };
        errors.emit_message = [](j_common_ptr common, int level) {
            // What the library mends without loss, as cameras and editors write it; other warnings mean damage.
            const int code = common->err->msg_code;
            if (level < 0 && code != JWRN_EXTRANEOUS_DATA && code != JWRN_ADOBE_XFORM && code != JWRN_JFIF_MAJOR)
                give_up(common);
        };
        progress.progress_monitor = [](j_common_ptr common) {
            constexpr int most_scans = 200;  // a small file may ask for many passes over a large picture
            if (reinterpret_cast<j_decompress_ptr>(common)->input_scan_number > most_scans) {
                std::snprintf(of(common).message, JMSG_LENGTH_MAX, "more than %d scans", most_scans);
                std::longjmp(of(common).back, 1);
            }
        };
    }
    ~Jpeg() { jpeg_destroy_decompress(&decoder); }
    Jpeg(const Jpeg&) = delete;
    Jpeg& operator=(const Jpeg&) = delete;

    static Jpeg& of(j_common_ptr common) { return *static_cast<Jpeg*>(common->client_data); }
    [[noreturn]] static void give_up(j_common_ptr common) {
        common->err->format_message(common, of(common).message);
        std::longjmp(of(common).back, 1);
    }

    bool read_header(const std::string& bytes, int channels) {
        if (setjmp(back) != 0)
            return false;
        jpeg_create_decompress(&decoder);
        decoder.progress = &progress;
        jpeg_mem_src(&decoder, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
        jpeg_read_header(&decoder, TRUE);
        decoder.out_color_space = channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
        return true;
    }

    bool read_rows(unsigned char* pixels, std::size_t row_bytes) {
        if (setjmp(back) != 0)
            return false;
        jpeg_start_decompress(&decoder);
        while (decoder.output_scanline < decoder.output_height) {
            JSAMPROW row = pixels + decoder.output_scanline * row_bytes;
            jpeg_read_scanlines(&decoder, &row, 1);
        }
        jpeg_finish_decompress(&decoder);
        return true;
    }
};

}  // namespace

StoredImage decode_jpeg(const std::string& bytes, int channels, const std::string& name) {
    Jpeg jpeg;
    const auto fail = [&] {
        throw InputError(name + ": is a damaged JPEG picture, or of a rare kind: " + jpeg.message);
    };
    if (!jpeg.read_header(bytes, channels))
        fail();
    StoredImage picture;
    picture.shape = checked_shape(channels, jpeg.decoder.image_height, jpeg.decoder.image_width, name);
    if (jpeg.decoder.num_components == 4)
        throw InputError(name + ": is a JPEG picture in CMYK, a printer's colours; save it in RGB");
    picture.pixels.resize(static_cast<std::size_t>(picture.shape.size()));
    if (!jpeg.read_rows(picture.pixels.data(), static_cast<std::size_t>(picture.shape.width * channels)))
        fail();
    return picture;
}

}  // namespace xloop
