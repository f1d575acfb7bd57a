/// Tensors as arrays of a state, and back.
#pragma once

#include "core/ensemble.torch.hpp"

#include <cardan/state.hpp>

#include <string>
#include <vector>

namespace cardan::torch_module {

/// Copies a tensor of any device. What has no dtype of Cardan's (a bool, a half) is bytes, with a
/// last dimension more.
void put_tensor(State& state, const std::string& name, const at::Tensor& tensor);
/// A tensor of the host, with the dtype and shape that the state has.
[[nodiscard]] at::Tensor tensor_of(const State& state, const std::string& name);
/// Copies an array into a tensor of the dtype and shape that it was put from; throws elsewhere.
void get_tensor(const State& state, const std::string& name, at::Tensor tensor);

/// `group/NAME` for each; as many names as tensors.
void put_tensors(State& state, const std::string& group, const std::vector<std::string>& names,
                 const Tensors& tensors);
void get_tensors(const State& state, const std::string& group,
                 const std::vector<std::string>& names, const Tensors& tensors);

/// Torch's names (`encoder.layer0.weight`) as a state's (`encoder/layer0/weight`); letters that a
/// state's names do not have become `_`, and each name is there once.
[[nodiscard]] std::vector<std::string> state_names(std::vector<std::string> names);

/// Texts are arrays of bytes.
void put_text(State& state, const std::string& name, const std::string& text);
[[nodiscard]] std::string text_of(const State& state, const std::string& name);

/// Throws, naming the array and both shapes, where an array is in one of two states alone, or has
/// another dtype or shape there. Arrays whose name starts with one of `but` are not looked at.
void check_alike(const State& given, const State& own, const std::vector<std::string>& but);

}  // namespace cardan::torch_module
