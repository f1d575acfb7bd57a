/// Random periodic fields on grids, and the heat equation's exact answer to them.
#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <vector>

namespace test {

/// Multiplies each Fourier coefficient of fields (n, 1, size...) on the periodic unit interval or
/// square by exp(-depth |2 pi k|^2), k its wave number: the heat equation u_t = u_xx (+ u_yy) after
/// t = depth, exactly.
inline at::Tensor after_heat(const at::Tensor& fields, double depth)
{
  at::Tensor spectrum = at::fft_fftn(
      fields, c10::nullopt, fields.dim() == 3 ? at::IntArrayRef{2} : at::IntArrayRef{2, 3});
  for (std::int64_t d = 2; d < fields.dim(); ++d) {
    std::vector<std::int64_t> along(static_cast<std::size_t>(fields.dim()), 1);
    along[static_cast<std::size_t>(d)] = fields.size(d);
    const at::Tensor k =
        2 * M_PI * at::fft_fftfreq(fields.size(d), 1.0 / static_cast<double>(fields.size(d)));
    spectrum = spectrum * at::exp(-depth * k.square()).view(along);
  }
  return at::real(at::fft_ifftn(spectrum, c10::nullopt,
                                fields.dim() == 3 ? at::IntArrayRef{2} : at::IntArrayRef{2, 3}))
      .contiguous();
}

/// Fields of unit variance (n, 1, size...): white noise after a short while of heat.
inline at::Tensor random_fields(std::vector<std::int64_t> size, std::int64_t count, double depth)
{
  size.insert(size.begin(), {count, 1});
  const at::Tensor fields = after_heat(at::randn(size), depth);
  return fields / fields.std();
}

}  // namespace test
