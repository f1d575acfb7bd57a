/// Models written by torch.jit.script or torch.jit.trace.
#pragma once

#include "core/ensemble.torch.hpp"

#include <cardan/model.hpp>

#include <torch/csrc/jit/api/module.h>

#include <string>
#include <vector>

namespace cardan::torch_module {

/// Loads a TorchScript file, with its `method` and that method's arguments checked. Throws, naming
/// the file and what is wrong with it, where it is missing, broken, or no model.
torch::jit::Module load_script(const std::string& path);

/// The name of the run file's key and where files lie: a relative path is looked for beside the run
/// file, then in the working directory.
std::string find_file(const Config& table, const std::string& path);

/// One member for each file.
class Scripts : public Ensemble {
 public:
  Scripts(std::vector<torch::jit::Module> members, std::vector<std::string> paths);
  /// A tensor for each input in order to `forward`; it answers a tensor or a tuple (list) of them.
  Tensors forward(const Tensors& samples) override;
  [[nodiscard]] std::int64_t members() const override
  {
    return static_cast<std::int64_t>(members_.size());
  }
  [[nodiscard]] Tensors parameters() override;
  [[nodiscard]] Tensors buffers() override;
  void set_training(bool training) override;
  void save(const std::string& path) override;

 private:
  std::vector<torch::jit::Module> members_;
  std::vector<std::string> paths_;
  bool training_ = true;
};

/// Loads all of `files`; `inputs` is how many tensors `forward` is given.
std::unique_ptr<Ensemble> load_scripts(const Config& model, const std::vector<std::string>& files,
                                       std::size_t inputs);

}  // namespace cardan::torch_module
