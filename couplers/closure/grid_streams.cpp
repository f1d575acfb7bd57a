#include "couplers/closure/grid_streams.hpp"

#include <algorithm>

namespace cardan::closure {

namespace {

/// The same fields, with a box of one's own.
std::vector<FieldSpec> boxed(std::vector<FieldSpec> fields, const Box& box)
{
  if (box.empty()) return {};
  for (auto& field : fields) {
    field.shape = box.count;
    field.box = box;
    field.order = Order::row_major;
  }
  return fields;
}

FieldSpec verdicts(const Box& block)
{
  return {"verdict", Dtype::int32, block.count, block, Order::row_major};
}

}  // namespace

Grid::Grid(const GridSettings& settings, const Team& team, const Extents& global)
    : tiles_(global, settings),
      inference_ranks_(team.all(&Roles::inference)),
      training_ranks_(team.all(&Roles::training)),
      inference_(tiles_.grid(), static_cast<int>(inference_ranks_.size())),
      training_(tiles_.grid(), static_cast<int>(training_ranks_.size()))
{}

Box Grid::block(const Deal& deal, const std::vector<int>& ranks, int rank)
{
  const auto at = std::find(ranks.begin(), ranks.end(), rank);
  return deal.block(at == ranks.end() ? -1 : static_cast<int>(at - ranks.begin()));
}

std::vector<FieldSpec> Grid::images(std::vector<FieldSpec> fields) const
{
  const Extents image = tiles_.image();
  for (auto& field : fields) {
    std::vector<std::int64_t> shape{std::max(inference_.most(), training_.most())};
    for (int d = 0; d < image.rank(); ++d) shape.push_back(image[d]);
    field.shape = Extents{shape};
    field.box.reset();
    field.order = Order::row_major;
  }
  return fields;
}

channel::End Grid::request(const Team& team, const std::vector<FieldSpec>& mine,
                           const std::vector<FieldSpec>& any) const
{
  const int rank = mpi::rank(team.context.everyone.get());
  return {mine, boxed(any, tiles_.needed(answered_by(rank)))};
}

channel::End Grid::observation(const Team& team, const std::vector<FieldSpec>& mine,
                               const std::vector<FieldSpec>& any) const
{
  const int rank = mpi::rank(team.context.everyone.get());
  return {mine, boxed(any, tiles_.needed(learned_by(rank)))};
}

channel::End Grid::reply(const Team& team, const std::vector<FieldSpec>& mine,
                         const std::vector<FieldSpec>& any) const
{
  channel::End end;
  const Box block = answered_by(mpi::rank(team.context.everyone.get()));
  if (!block.empty()) {
    end.produced = boxed(any, tiles_.cells(block));
    end.produced.push_back(verdicts(block));
  }
  if (!mine.empty() && !mine.front().box->empty()) {
    end.consumed = boxed(mine, *mine.front().box);
    end.consumed.push_back(verdicts(tiles_.cover(*mine.front().box)));
  }
  return end;
}

}  // namespace cardan::closure
