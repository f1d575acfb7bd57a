#include "core/tensor_state.torch.hpp"

#include "core/samples.torch.hpp"

#include <cardan/error.hpp>

#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cctype>
#include <cstring>
#include <set>

namespace cardan::torch_module {

namespace {

struct Form {
  Dtype dtype;
  std::vector<std::int64_t> shape;
};

Form form_of(const at::Tensor& tensor)
{
  Form form{Dtype::uint8, tensor.sizes().vec()};
  for (const Dtype dtype : {Dtype::float32, Dtype::float64, Dtype::int32, Dtype::int64, Dtype::int8,
                            Dtype::int16, Dtype::uint8})
    if (scalar_type(dtype) == tensor.scalar_type()) return {dtype, form.shape};
  if (tensor.element_size() > 1)
    form.shape.push_back(static_cast<std::int64_t>(tensor.element_size()));
  return form;
}

std::string describe(const State::Array& array)
{
  std::string text = std::string(to_string(array.dtype)) + " [";
  for (std::size_t i = 0; i < array.shape.size(); ++i)
    text += (i > 0 ? ", " : "") + std::to_string(array.shape[i]);
  return text + "]";
}

bool starts_with_any(const std::string& name, const std::vector<std::string>& starts)
{
  return std::any_of(starts.begin(), starts.end(),
                     [&](const auto& start) { return name.compare(0, start.size(), start) == 0; });
}

}  // namespace

void put_tensor(State& state, const std::string& name, const at::Tensor& tensor)
{
  c10::NoGradGuard no_gradient;
  const at::Tensor dense = tensor.detach().to(at::kCPU).contiguous();
  const Form form = form_of(dense);
  state.put(name, form.dtype, form.shape, dense.data_ptr());
}

at::Tensor tensor_of(const State& state, const std::string& name)
{
  const State::Array& array = state.array(name);
  at::Tensor tensor = at::empty(array.shape, at::TensorOptions(scalar_type(array.dtype)));
  state.get(name, array.dtype, array.shape, tensor.data_ptr());
  return tensor;
}

void get_tensor(const State& state, const std::string& name, at::Tensor tensor)
{
  c10::NoGradGuard no_gradient;
  at::Tensor dense = at::empty(tensor.sizes(), tensor.options().device(at::kCPU));
  const Form form = form_of(dense);
  state.get(name, form.dtype, form.shape, dense.data_ptr());
  tensor.detach().copy_(dense);
}

void put_tensors(State& state, const std::string& group, const std::vector<std::string>& names,
                 const Tensors& tensors)
{
  for (std::size_t i = 0; i < names.size(); ++i)
    put_tensor(state, group + "/" + names[i], tensors[i]);
}

void get_tensors(const State& state, const std::string& group,
                 const std::vector<std::string>& names, const Tensors& tensors)
{
  for (std::size_t i = 0; i < names.size(); ++i)
    get_tensor(state, group + "/" + names[i], tensors[i]);
}

std::vector<std::string> state_names(std::vector<std::string> names)
{
  std::set<std::string> known;
  for (auto& name : names) {
    for (auto& c : name) {
      if (c == '.') c = '/';
      if (c != '/' && c != '-' && std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
    }
    const std::string plain = name;
    for (int n = 2; !known.insert(name).second; ++n) name = plain + "_" + std::to_string(n);
  }
  return names;
}

void put_text(State& state, const std::string& name, const std::string& text)
{
  state.put(name, Dtype::uint8, {static_cast<std::int64_t>(text.size())}, text.data());
}

std::string text_of(const State& state, const std::string& name)
{
  const State::Array& array = state.array(name);
  std::string text(static_cast<std::size_t>(array.numbers()), ' ');
  state.get(name, Dtype::uint8, {array.numbers()}, text.data());
  return text;
}

void check_alike(const State& given, const State& own, const std::vector<std::string>& but)
{
  for (const auto& array : own.arrays()) {
    if (starts_with_any(array.name, but)) continue;
    if (!given.has(array.name))
      throw Error{"the state does not fit the model",
                  "it has no '" + array.name + "', which is " + describe(array) + " here"};
    const State::Array& other = given.array(array.name);
    if (other.dtype != array.dtype || other.shape != array.shape)
      throw Error{
          "the state does not fit the model",
          "its '" + array.name + "' is " + describe(other) + ", and here it is " + describe(array)};
  }
  for (const auto& array : given.arrays())
    if (!starts_with_any(array.name, but) && !own.has(array.name))
      throw Error{"the state does not fit the model",
                  "its '" + array.name + "', " + describe(array) + ", is not there here"};
}

}  // namespace cardan::torch_module
