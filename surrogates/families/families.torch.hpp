/// The networks that come with Cardan, by the `kind` of a run file's `model`.
#pragma once

#include <cardan/torch.hpp>

#include <string>
#include <vector>

namespace cardan::families {

struct Family {
  std::string kind;
  NetworkShape::Layout layout;
  NetworkMaker make;
};

/// All of them; a new family is a line here.
const std::vector<Family>& families();

}  // namespace cardan::families
