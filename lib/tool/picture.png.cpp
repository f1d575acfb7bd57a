#include "tool/inspect.hpp"

#include "tool/guard.hpp"
#include "tool/output.hpp"
#include "tool/slice.hpp"
#include "tool/statistics.hpp"
#include "tool/table.hpp"
#include "tool/viridis.hpp"

#include <cardan/error.hpp>

#include <fmt/format.h>
#include <png.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace cardan::tool {

namespace {

constexpr std::int64_t most_pixels = 1000000;  // in one direction: libpng's own limit
constexpr std::uint32_t no_number = 0x808080;

/// libpng's writer. Its errors come back by longjmp unless a function of ours throws first.
class Writer {
 public:
  explicit Writer(Output& output)
      : png_(png_create_write_struct(PNG_LIBPNG_VER_STRING, &output, fail, ignore)),
        info_(png_ == nullptr ? nullptr : png_create_info_struct(png_))
  {
    if (info_ == nullptr) throw Error{"libpng does not start"};
    png_set_write_fn(png_, &output, write, flush_nothing);
  }
  ~Writer() { png_destroy_write_struct(&png_, &info_); }
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  void begin(std::int64_t width, std::int64_t height, std::vector<std::array<std::string, 2>> texts)
  {
    png_set_IHDR(png_, info_, static_cast<png_uint_32>(width), static_cast<png_uint_32>(height), 8,
                 PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
                 PNG_FILTER_TYPE_DEFAULT);
    std::vector<png_text> notes(texts.size());
    for (std::size_t i = 0; i < texts.size(); ++i) {
      notes[i].compression = PNG_TEXT_COMPRESSION_NONE;
      notes[i].key = texts[i][0].data();
      notes[i].text = texts[i][1].data();
    }
    png_set_text(png_, info_, notes.data(), static_cast<int>(notes.size()));
    png_write_info(png_, info_);
  }
  void row(const std::vector<png_byte>& pixels) { png_write_row(png_, pixels.data()); }
  void end() { png_write_end(png_, nullptr); }

 private:
  [[noreturn]] static void fail(png_structp, png_const_charp reason)
  {
    throw Error{"cannot write the picture", reason};
  }
  static void ignore(png_structp, png_const_charp) {}
  static void write(png_structp png, png_bytep data, std::size_t size)
  {
    auto& output = *static_cast<Output*>(png_get_io_ptr(png));
    if (std::fwrite(data, 1, size, output.file()) != size) output.fail();
  }
  static void flush_nothing(png_structp) {}

  png_structp png_;
  png_infop info_;
};

void colour(double value, double low, double high, png_byte* pixel)
{
  std::uint32_t rgb = no_number;
  if (!std::isnan(value)) {
    const double place = high > low ? (value - low) / (high - low) : 0;
    rgb = viridis[static_cast<std::size_t>(std::clamp(place * 256, 0.0, 255.0))];
  }
  pixel[0] = static_cast<png_byte>(rgb >> 16);
  pixel[1] = static_cast<png_byte>(rgb >> 8 & 0xFF);
  pixel[2] = static_cast<png_byte>(rgb & 0xFF);
}

}  // namespace

// Two passes: the range must be known before the first pixel.
void write_png(const File& file, const Entry& entry, const Block& block, const std::string& path)
{
  auto dimensions = extended(block.count);
  // A dimension of one index counts where there are not two longer ones.
  if (dimensions.size() < 2 && block.count.size() >= 2)
    dimensions = {block.count.size() - 2, block.count.size() - 1};
  if (dimensions.size() != 2 || product(block.count) == 0 ||
      product(block.count) != block.count[dimensions[0]] * block.count[dimensions[1]])
    throw Error{"a picture has two dimensions",
                fmt::format("'{}' is {}", entry.path, shape_text(block.count)),
                "Choose them with --slice, such as --slice 0,:,:."};
  const std::int64_t height = block.count[dimensions[0]];
  const std::int64_t width = block.count[dimensions[1]];
  if (std::max(height, width) > most_pixels)
    throw Error{"the picture is too large", fmt::format("{} x {} pixels", width, height),
                "Take every n-th with --slice ::n,::n."};
  Progress progress{entry.path, 2 * product(block.count) * entry.element};
  const Statistics range = statistics(file, entry, block, progress);
  Output output{path};
  Writer writer{output};
  writer.begin(width, height,
               {{"Title", entry.path},
                {"Source", file.path()},
                {"Scale", "viridis from " + exact_text(range.finite_min) + " to " +
                              exact_text(range.finite_max) + "; grey: not a number"}});
  std::vector<png_byte> pixels(static_cast<std::size_t>(3 * width));
  std::size_t at = 0;
  for_each_numbers<double>(file, entry, block, Dtype::float64, true,
                           [&](const std::vector<double>& data, const Shape&, const Shape&) {
                             for (const double value : data) {
                               colour(value, range.finite_min, range.finite_max, &pixels[at]);
                               at += 3;
                               if (at < pixels.size()) continue;
                               writer.row(pixels);
                               at = 0;
                             }
                             progress.add(static_cast<std::int64_t>(data.size()) * entry.element);
                           });
  writer.end();
  output.finish();
  if (path != "-")
    print(fmt::format("{}: {} x {} pixels, viridis from {} to {}\n", path, width, height,
                      number_text(range.finite_min), number_text(range.finite_max)));
}

}  // namespace cardan::tool
