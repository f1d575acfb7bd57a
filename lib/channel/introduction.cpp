#include "channel/introduction.hpp"

namespace cardan::channel {

namespace {

mpi::Numbers introduce(const std::vector<FieldSpec>& specs, const Reach& reach, bool boxes)
{
  mpi::Numbers numbers{reach.node};
  for (const auto& spec : specs) {
    if (!boxes) break;
    append(numbers, spec.box->offset);
    append(numbers, spec.box->count);
  }
  return numbers;
}

Introduction introduced(const mpi::Numbers& numbers, const Reference& reference)
{
  Introduction peer;
  auto at = numbers.begin();
  peer.node = static_cast<int>(*at++);
  for (const auto& field : reference.fields) {
    if (at == numbers.end()) break;
    const Extents offset = extents_at(at);
    peer.boxes.push_back({field.box->global, offset, extents_at(at)});
  }
  return peer;
}

std::vector<int> peers_of(const std::vector<Link>& links)
{
  std::vector<int> peers;
  peers.reserve(links.size());
  for (const auto& link : links) peers.push_back(link.peer);
  return peers;
}

}  // namespace

void append(mpi::Numbers& numbers, const Extents& extents)
{
  numbers.push_back(extents.rank());
  for (int i = 0; i < extents.rank(); ++i) numbers.push_back(extents[i]);
}

Extents extents_at(mpi::Numbers::const_iterator& at)
{
  Extents extents = Extents::filled(static_cast<int>(*at++), 0);
  for (int i = 0; i < extents.rank(); ++i) extents[i] = *at++;
  return extents;
}

std::vector<Introduction> meet(MPI_Comm comm, const std::vector<FieldSpec>& mine,
                               const std::vector<Link>& to, const std::vector<Link>& from,
                               const Reference& reference, const Reach& reach, Way way,
                               mpi::Deadline deadline)
{
  std::vector<Introduction> peers;
  if (!reference.boxes() && !reach.nodes.empty()) {
    for (const auto& link : from)
      peers.push_back({reach.nodes[static_cast<std::size_t>(link.peer)], {}});
    return peers;
  }
  std::vector<mpi::Letter> letters;
  letters.reserve(to.size());
  for (const auto& link : to)
    letters.push_back({link.peer, introduce(mine, reach, reference.boxes())});
  const int tag = way == Way::forth ? 11 : 12;
  for (const auto& numbers : mpi::exchange(comm, letters, peers_of(from), tag, deadline))
    peers.push_back(introduced(numbers, reference));
  return peers;
}

}  // namespace cardan::channel
