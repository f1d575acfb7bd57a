// Models that came from files, trained further, back to files that PyTorch and Cardan load.

#include "torchscript/export.torch.hpp"
#include "torchscript/script.torch.hpp"

#include <ATen/core/grad_mode.h>

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace cardan::torch_module {

namespace {

at::Tensor tensor_of(const double* numbers, const std::vector<std::int64_t>& shape)
{
  return at::from_blob(const_cast<double*>(numbers), shape, at::kDouble).clone();
}

/// The model between its normalisation and the way back, computed in float64 as Cardan does; what
/// it answers has the dtype that the model had.
torch::jit::Module with_normalisation(const torch::jit::Module& model, const Signature& signature,
                                      const Normalisation& normalisation)
{
  torch::jit::Module whole{"Normalised"};
  whole.register_module("model", model);
  const auto add = [&](const std::string& kind, const Features& features, const Scale& scale) {
    std::ptrdiff_t at = 0;
    for (std::size_t f = 0; f < features.size(); ++f) {
      const std::string own = kind + std::to_string(f);
      whole.register_buffer(own + "_mean", tensor_of(scale.mean.data() + at, features[f].shape));
      whole.register_buffer(own + "_deviation",
                            tensor_of(scale.deviation.data() + at, features[f].shape));
      at += features[f].numbers();
    }
  };
  add("input", signature.inputs, normalisation.input);
  add("output", signature.outputs, normalisation.output);

  const auto& returns = model.get_method("forward").function().getSchema().returns();
  const bool single = returns.size() == 1 && returns[0].type()->kind() == c10::TypeKind::TensorType;
  const std::size_t outputs = signature.outputs.size();
  // 7 is float64 in TorchScript's own way to write dtypes.
  std::string head = "def forward(self";
  std::string body;
  std::string call;
  for (std::size_t i = 0; i < signature.inputs.size(); ++i) {
    const std::string n = std::to_string(i);
    head += ", x" + n;
    body += "    z" + n + " = torch.to((torch.to(x" + n + ", 7) - self.input" + n +
            "_mean) / self.input" + n + "_deviation, DTYPE)\n";
    call += (i > 0 ? ", z" : "z") + n;
  }
  body += "    answers = self.model.forward(" + call + ")\n";
  std::string answer;
  for (std::size_t i = 0; i < outputs; ++i) {
    const std::string n = std::to_string(i);
    const std::string raw = single ? "answers" : "answers[" + n + "]";
    body += "    y" + n + " = torch.to(self.output" + n + "_mean + self.output" + n +
            "_deviation * torch.to(" + raw + ", 7), DTYPE)\n";
    answer += (i > 0 ? ", y" : "y") + n;
  }
  std::string source = head + "):\n" + body + "    return " + answer + "\n";
  const auto parameters = model.parameters();
  const bool wide = parameters.size() > 0 && (*parameters.begin()).scalar_type() == at::kDouble;
  for (auto at = source.find("DTYPE"); at != std::string::npos; at = source.find("DTYPE"))
    source.replace(at, 5, wide ? "7" : "6");
  whole.define(source);
  return whole;
}

/// The parameters of a model share one piece of memory, and all of it would be written with each
/// (while `deepcopy` takes tensors that share memory for one and the same). As long as this lives
/// each has memory of its own, the host's, so that any machine can load what is written.
class OwnMemory {
 public:
  explicit OwnMemory(const torch::jit::Module& module)
  {
    c10::NoGradGuard no_gradient;
    const auto move = [&](const at::Tensor& tensor) {
      held_.emplace_back(tensor, tensor.detach());
      at::Tensor{tensor}.set_data(tensor.detach().to(at::kCPU).clone());
    };
    for (const auto& parameter : module.parameters()) move(parameter);
    for (const auto& buffer : module.buffers()) move(buffer);
  }
  // A tensor that is held twice gets its first memory back last.
  ~OwnMemory()
  {
    c10::NoGradGuard no_gradient;
    for (auto held = held_.rbegin(); held != held_.rend(); ++held)
      held->first.set_data(held->second);
  }
  OwnMemory(const OwnMemory&) = delete;
  OwnMemory& operator=(const OwnMemory&) = delete;

 private:
  std::vector<std::pair<at::Tensor, at::Tensor>> held_;
};

}  // namespace

void Scripts::save(const std::string& path, const Plan& plan, const Normalisation& normalisation)
{
  set_training(false);
  const std::filesystem::path all{path};
  for (std::size_t m = 0; m < members_.size(); ++m) {
    const auto numbered =
        all.stem().string() + "_" + std::to_string(m + 1) + all.extension().string();
    const OwnMemory own_memory{members_[m]};
    torch::jit::Module whole = members_[m];
    if (plan.settings.normalise) whole = with_normalisation(whole, signature_, normalisation);
    write(whole, members_.size() == 1 ? path : (all.parent_path() / numbered).string());
  }
}

}  // namespace cardan::torch_module
