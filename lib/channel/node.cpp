#include "channel/node.hpp"

#include <algorithm>
#include <memory>
#include <utility>

namespace cardan::channel {

namespace {

struct Kept {
  mpi::Comm node;
  std::vector<int> leaders;
};

/// MPI frees what is kept of a communicator before it frees that.
int release(MPI_Comm, int, void* kept, void*)
{
  delete static_cast<Kept*>(kept);
  return MPI_SUCCESS;
}

int key()
{
  static const int made = [] {
    int value = MPI_KEYVAL_INVALID;
    mpi::check(MPI_Comm_create_keyval(MPI_COMM_NULL_COPY_FN, release, &value, nullptr),
               "MPI_Comm_create_keyval");
    return value;
  }();
  return made;
}

const Kept* kept(MPI_Comm comm)
{
  void* value = nullptr;
  int there = 0;
  mpi::check(MPI_Comm_get_attr(comm, key(), &value, &there), "MPI_Comm_get_attr");
  return there != 0 ? static_cast<const Kept*>(value) : nullptr;
}

/// The rank in `comm` of the first rank of `node`.
int first_of(MPI_Comm node, MPI_Comm comm)
{
  MPI_Group few = MPI_GROUP_NULL;
  MPI_Group all = MPI_GROUP_NULL;
  mpi::check(MPI_Comm_group(node, &few), "MPI_Comm_group");
  mpi::check(MPI_Comm_group(comm, &all), "MPI_Comm_group");
  const int first = 0;
  int rank = 0;
  MPI_Group_translate_ranks(few, 1, &first, all, &rank);
  MPI_Group_free(&few);
  MPI_Group_free(&all);
  return rank;
}

}  // namespace

void keep_node(MPI_Comm comm)
{
  auto kept = std::make_unique<Kept>();
  kept->node = node_of(comm);
  const int leader = first_of(kept->node.get(), comm);
  kept->leaders.resize(static_cast<std::size_t>(mpi::size(comm)));
  mpi::check(MPI_Allgather(&leader, 1, MPI_INT, kept->leaders.data(), 1, MPI_INT, comm),
             "MPI_Allgather");
  mpi::check(MPI_Comm_set_attr(comm, key(), kept.get()), "MPI_Comm_set_attr");
  static_cast<void>(kept.release());
}

Node::Node(MPI_Comm comm)
{
  if (const Kept* there = kept(comm)) {
    node_ = there->node.get();
    leaders_ = there->leaders;
    leader_ = leaders_[static_cast<std::size_t>(mpi::rank(comm))];
    return;
  }
  own_ = node_of(comm);
  node_ = own_.get();
  leader_ = first_of(node_, comm);
}

bool Node::alone() const
{
  return std::all_of(leaders_.begin(), leaders_.end(),
                     [this](int leader) { return leader == leader_; });
}

}  // namespace cardan::channel
