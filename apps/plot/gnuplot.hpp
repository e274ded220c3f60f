#pragma once

#include <string>

namespace xloop {

/// Draws an SVG picture of `width` x `height` pixels by gnuplot commands; a warning when gnuplot is
/// missing. Throws Error when it fails or the file cannot be written.
void draw_svg(const std::string& svg_file, int width, int height, const std::string& commands);

/// The same as a PNG picture, for those made of pixels.
void draw_png(const std::string& png_file, int width, int height, const std::string& commands);

/// For a text of gnuplot in double quotes.
std::string escaped(const std::string& text);

}  // namespace xloop
