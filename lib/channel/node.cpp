#include "channel/node.hpp"

#include <memory>
#include <utility>

namespace cardan::channel {

namespace {

/// MPI frees what is kept of a communicator before it frees that.
int release(MPI_Comm, int, void* kept, void*)
{
  delete static_cast<mpi::Comm*>(kept);
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

MPI_Comm kept(MPI_Comm comm)
{
  void* value = nullptr;
  int there = 0;
  mpi::check(MPI_Comm_get_attr(comm, key(), &value, &there), "MPI_Comm_get_attr");
  return there != 0 ? static_cast<mpi::Comm*>(value)->get() : MPI_COMM_NULL;
}

}  // namespace

void keep_node(MPI_Comm comm)
{
  auto node = std::make_unique<mpi::Comm>(node_of(comm));
  mpi::check(MPI_Comm_set_attr(comm, key(), node.get()), "MPI_Comm_set_attr");
  static_cast<void>(node.release());
}

Node::Node(MPI_Comm comm) : node_(kept(comm))
{
  if (node_ != MPI_COMM_NULL) return;
  own_ = node_of(comm);
  node_ = own_.get();
}

}  // namespace cardan::channel
