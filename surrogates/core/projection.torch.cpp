#include "core/projection.torch.hpp"

#include <numeric>

namespace cardan::torch_module {

Projection::Projection(const Scale& output)
    : deviation(at::empty({static_cast<std::int64_t>(output.mean.size())}, at::kFloat)),
      offset(std::accumulate(output.mean.begin(), output.mean.end(), 0.0))
{
  double square = 0;
  float* to = deviation.data_ptr<float>();
  for (const double each : output.deviation) {
    *to++ = static_cast<float>(each);
    square += each * each;
  }
  direction = deviation / square;
}

at::Tensor Projection::apply(const at::Tensor& raw) const
{
  const at::Tensor excess = (raw * deviation.to(raw.device())).sum(-1, true) + offset;
  return raw - excess * direction.to(raw.device());
}

}  // namespace cardan::torch_module
