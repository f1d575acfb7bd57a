#include "torchscript/script.torch.hpp"

#include "core/tensor_state.torch.hpp"

#include <cardan/error.hpp>

#include <ATen/core/grad_mode.h>
#include <torch/csrc/autograd/variable.h>

#include <algorithm>

namespace cardan::torch_module {

namespace {

Tensors tensors_in(const at::IValue& answer)
{
  if (answer.isTensor()) return {answer.toTensor()};
  if (answer.isTensorList()) return answer.toTensorVector();
  Tensors tensors;
  std::string kind = "a " + answer.tagKind();
  if (answer.isTuple())
    for (const auto& element : answer.toTupleRef().elements()) {
      if (element.isTensor()) {
        tensors.push_back(element.toTensor());
        continue;
      }
      kind = "a tuple with a " + element.tagKind();
      tensors.clear();
      break;
    }
  if (tensors.empty())
    throw Error{"its forward answers no tensor, nor a tuple or list of tensors, but " + kind};
  return tensors;
}

/// A parameter that two modules share is there twice.
void add_once(Tensors& all, const at::Tensor& tensor, std::vector<std::string>& names,
              const std::string& name)
{
  if (std::any_of(all.begin(), all.end(), [&](const auto& known) { return known.is_same(tensor); }))
    return;
  all.push_back(tensor);
  names.push_back(name);
}

std::int64_t version(const at::Tensor& tensor)
{
  return static_cast<std::int64_t>(tensor._version());
}

}  // namespace

Scripts::Scripts(std::vector<torch::jit::Module> members, std::vector<std::string> paths,
                 const Signature& signature)
    : members_(std::move(members)), paths_(std::move(paths)), signature_(signature)
{
  set_training(false);
}

std::string Scripts::name() const
{
  std::string names = members_.size() == 1 ? "the model " : "the models ";
  for (std::size_t m = 0; m < paths_.size(); ++m) names += (m > 0 ? ", " : "") + paths_[m];
  return names;
}

// Samples may be views of memory that belongs to the stream; a model whose first layer works in
// place (ReLU(inplace=True), say) gets copies of its own. Which model does so its first call shows,
// with copies.
Tensors Scripts::answers_of(std::size_t member, const Tensors& samples)
{
  Writes& writes = writes_[training_ ? 1 : 0];
  std::vector<at::IValue> arguments;
  std::vector<std::int64_t> versions;
  for (const auto& sample : samples) {
    const at::Tensor given = writes == Writes::no ? sample : sample.clone();
    versions.push_back(version(given));
    arguments.emplace_back(given);
  }
  const auto kept = arguments;
  Tensors answers = tensors_in(members_[member].forward(std::move(arguments)));
  if (writes == Writes::yes) return answers;
  for (std::size_t i = 0; i < kept.size(); ++i)
    if (version(kept[i].toTensor()) != versions[i]) writes = Writes::yes;
  if (writes == Writes::unknown && member + 1 == members_.size()) writes = Writes::no;
  return answers;
}

Tensors Scripts::forward(const Tensors& samples)
{
  std::vector<Tensors> of_members;
  for (std::size_t m = 0; m < members_.size(); ++m) of_members.push_back(answers_of(m, samples));
  if (of_members.size() == 1) {
    for (auto& tensor : of_members[0]) tensor = tensor.unsqueeze(0);
    return of_members[0];
  }
  Tensors joined;
  for (std::size_t i = 0; i < of_members[0].size(); ++i) {
    Tensors all;
    for (const auto& tensors : of_members) {
      if (tensors.size() != of_members[0].size() ||
          tensors[i].sizes() != of_members[0][i].sizes() ||
          tensors[i].scalar_type() != of_members[0][i].scalar_type())
        throw Error{"the members of the ensemble answer different tensors"};
      all.push_back(tensors[i]);
    }
    joined.push_back(at::stack(all));
  }
  return joined;
}

Scripts::Named Scripts::named(bool trained)
{
  Named all;
  for (std::size_t m = 0; m < members_.size(); ++m) {
    const std::string group = members_.size() == 1 ? "" : "member" + std::to_string(m) + ".";
    for (const auto& parameter : members_[m].named_parameters())
      if (parameter.value.requires_grad() == trained)
        add_once(all.tensors, parameter.value, all.names, group + parameter.name);
    if (trained) continue;
    for (const auto& buffer : members_[m].named_buffers())
      add_once(all.tensors, buffer.value, all.names, group + buffer.name);
  }
  return all;
}

Tensors Scripts::parameters()
{
  return named(true).tensors;
}

Tensors Scripts::buffers()
{
  return named(false).tensors;
}

std::vector<std::string> Scripts::parameter_names()
{
  return state_names(named(true).names);
}

std::vector<std::string> Scripts::buffer_names()
{
  return state_names(named(false).names);
}

void Scripts::set_training(bool training)
{
  if (training == training_) return;
  training_ = training;
  for (auto& member : members_) member.train(training);
}

}  // namespace cardan::torch_module
