/// Models written by torch.jit.script or torch.jit.trace.
#pragma once

#include "core/ensemble.torch.hpp"

#include <cardan/model.hpp>

#include <torch/csrc/jit/api/module.h>

#include <array>
#include <string>
#include <vector>

namespace cardan::torch_module {

/// Loads a TorchScript file that the key of a table names, its archive checked before LibTorch sees
/// it. Throws, naming line and file and what is wrong, where it is missing, broken, or has no
/// `forward` that takes `tensors` tensors.
torch::jit::Module load_script(const Config& table, const std::string& key, const std::string& path,
                               std::size_t tensors, at::Device device);

/// One member for each file.
class Scripts : public Ensemble {
 public:
  Scripts(std::vector<torch::jit::Module> members, std::vector<std::string> paths,
          const Signature& signature);
  [[nodiscard]] std::string name() const override;
  /// A tensor for each input in order to `forward`; it answers a tensor or a tuple (list) of them.
  Tensors forward(const Tensors& samples) override;
  [[nodiscard]] std::int64_t members() const override
  {
    return static_cast<std::int64_t>(members_.size());
  }
  /// Those that are to be trained: frozen ones (`requires_grad_(False)`) stay as they are.
  [[nodiscard]] Tensors parameters() override;
  /// Buffers, and frozen parameters.
  [[nodiscard]] Tensors buffers() override;
  /// As the files name them; of several members below `member0` and so on.
  [[nodiscard]] std::vector<std::string> parameter_names() override;
  [[nodiscard]] std::vector<std::string> buffer_names() override;
  void set_training(bool training) override;
  /// With several members the file of each is named after its number: `net_1.pt`, `net_2.pt`.
  void save(const std::string& path, const Plan& plan, const Normalisation& normalisation) override;

 private:
  struct Named {
    Tensors tensors;
    std::vector<std::string> names;
  };
  /// Those that are trained, or all others.
  [[nodiscard]] Named named(bool trained);
  [[nodiscard]] Tensors answers_of(std::size_t member, const Tensors& samples);

  std::vector<torch::jit::Module> members_;
  std::vector<std::string> paths_;
  Signature signature_;
  bool training_ = true;
  /// For evaluation and training: not known yet, or whether `forward` writes to its arguments.
  enum class Writes { unknown, no, yes };
  std::array<Writes, 2> writes_{Writes::unknown, Writes::unknown};
};

/// Loads all of `files`, which the table's key `file` names, onto a device.
std::unique_ptr<Ensemble> load_scripts(const Config& model, const std::vector<std::string>& files,
                                       const Signature& signature, at::Device device);

}  // namespace cardan::torch_module
