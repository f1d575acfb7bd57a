/// What an answer costs at the least: LibTorch's forward pass, the batch already in a tensor.
/// C++17, without Torch.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace bench {

class Bare {
 public:
  virtual ~Bare() = default;
  /// One pass, without a gradient; the answer lies in a tensor that is then given back.
  virtual void forward() = 0;
};

/// An mlp with tanh by matrix products, the members side by side; `widths` from inputs to outputs.
std::unique_ptr<Bare> make_bare_mlp(const std::vector<std::int64_t>& widths, std::int64_t members,
                                    std::int64_t batch);
/// A TorchScript file.
std::unique_ptr<Bare> make_bare_script(const std::string& file, std::int64_t inputs,
                                       std::int64_t batch);

}  // namespace bench
