/// A deep operator network.
#pragma once

#include <cardan/torch.hpp>

#include <memory>

namespace cardan::families {

/// Rows to rows, of two input features: the values of a function at fixed sensors (the branch), and
/// the points at which the answer is asked (the trunk). `model = { kind = "deeponet", branch = [64,
/// 64], trunk = [64, 64], width = 64, activation = "tanh" }`: the products of `width` numbers from
/// each net, summed and divided by sqrt(width), plus a bias (Lu et al., "Learning nonlinear
/// operators via DeepONet", 2021). The trunk has q points of d coordinates, one after the other,
/// and the answer c channels of q values, channel by channel; d is the key `dimension`, by default
/// (numbers of the trunk) / out where that is whole, otherwise one point with all numbers. Throws
/// where the parts do not fit.
std::shared_ptr<Network> make_deeponet(const Config& model, const NetworkShape& shape);

}  // namespace cardan::families
