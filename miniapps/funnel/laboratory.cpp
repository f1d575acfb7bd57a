#include "laboratory.hpp"

namespace funnel {

namespace {
// 16 MiB of images of 64 x 64 pixels.
constexpr std::size_t most_recent = 4096;
}  // namespace

Laboratory::Laboratory(const LibrarySettings& settings, const Phases& phases)
    : library_(settings), phases_(phases), recent_(most_recent)
{}

const Image& Laboratory::image(std::int64_t candidate)
{
  Recent& recent = recent_[static_cast<std::size_t>(candidate) % most_recent];
  if (recent.candidate != candidate) {
    recent.image = library_.image(candidate);
    recent.candidate = candidate;
  }
  return recent.image;
}

double Laboratory::coarse(std::int64_t candidate, int size)
{
  return conduction(size).effective(coarse_conductivities(image(candidate), phases_, size)).xx;
}

Bracket Laboratory::fine(std::int64_t candidate)
{
  return bracket(conduction(library_.settings().size), conductivities(image(candidate), phases_),
                 phases_);
}

Conduction& Laboratory::conduction(int size)
{
  return conductions_.try_emplace(size, size).first->second;
}

}  // namespace funnel
