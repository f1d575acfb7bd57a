#include "channel/directory.hpp"

#include "mpi/exchange.hpp"

#include <cardan/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

namespace cardan::channel {

namespace {

/// A rank's box of one field, as the directory knows it.
struct Entry {
  int rank;
  Box box;
};

struct Shelf {
  std::vector<Entry> produced;
  std::vector<Entry> consumed;
};

enum class Side : std::int64_t { produced, consumed };

void append(mpi::Numbers& numbers, std::size_t field, Side side, const Box& box)
{
  numbers.push_back(static_cast<std::int64_t>(field));
  numbers.push_back(static_cast<std::int64_t>(side));
  for (int i = 0; i < box.global.rank(); ++i) numbers.push_back(box.offset[i]);
  for (int i = 0; i < box.global.rank(); ++i) numbers.push_back(box.count[i]);
}

/// Sends this rank's boxes to the tiles that they touch; gives those that touch this rank's.
std::vector<Shelf> fill_shelves(MPI_Comm comm, const Reference& reference, const End& mine)
{
  std::vector<mpi::Letter> letters;
  const auto send = [&](const std::vector<FieldSpec>& specs, Side side) {
    for (std::size_t f = 0; f < specs.size(); ++f) {
      const Box& box = *specs[f].box;
      if (box.empty()) continue;
      for (const auto index : touched(box, tiles_of(box.global, mpi::size(comm)))) {
        mpi::Letter letter{static_cast<int>(index), {}};
        append(letter.numbers, f, side, box);
        letters.push_back(std::move(letter));
      }
    }
  };
  send(mine.produced, Side::produced);
  send(mine.consumed, Side::consumed);
  std::vector<Shelf> shelves(reference.fields.size());
  for (const auto& letter : mpi::deliver(comm, letters)) {
    for (auto at = letter.numbers.begin(); at != letter.numbers.end();) {
      const auto field = static_cast<std::size_t>(*at++);
      const auto side = static_cast<Side>(*at++);
      Entry entry{letter.peer, {reference.fields[field].box->global, {}, {}}};
      entry.box.offset = entry.box.count = Extents::filled(entry.box.global.rank(), 0);
      for (int i = 0; i < entry.box.global.rank(); ++i) entry.box.offset[i] = *at++;
      for (int i = 0; i < entry.box.global.rank(); ++i) entry.box.count[i] = *at++;
      auto& shelf = shelves[field];
      (side == Side::produced ? shelf.produced : shelf.consumed).push_back(entry);
    }
  }
  const auto before = [](const Entry& a, const Entry& b) {
    if (a.box.global.rank() > 0 && a.box.offset[0] != b.box.offset[0])
      return a.box.offset[0] < b.box.offset[0];
    return a.rank < b.rank;
  };
  for (auto& shelf : shelves) {
    std::sort(shelf.produced.begin(), shelf.produced.end(), before);
    std::sort(shelf.consumed.begin(), shelf.consumed.end(), before);
  }
  return shelves;
}

/// True where `b`, and all boxes that are sorted behind it, begin behind `a`.
bool beyond(const Box& a, const Box& b)
{
  return a.global.rank() > 0 && b.offset[0] >= a.offset[0] + a.count[0];
}

void check_no_overlap(const ChannelOptions& options, const std::string& field,
                      const std::vector<Entry>& produced)
{
  for (std::size_t i = 0; i < produced.size(); ++i)
    for (std::size_t j = i + 1; j < produced.size(); ++j) {
      if (beyond(produced[i].box, produced[j].box)) break;
      if (intersection(produced[i].box, produced[j].box).empty()) continue;
      const bool ordered = produced[i].rank < produced[j].rank;
      const Entry& a = produced[ordered ? i : j];
      const Entry& b = produced[ordered ? j : i];
      throw Error::everywhere(
          fmt::format("channel '{}', field '{}': the boxes of ranks {} and {} overlap ({} and {}). "
                      "Each element must have one producer.",
                      options.name, field, a.rank, b.rank, to_string(a.box), to_string(b.box)));
    }
}

/// Disjoint boxes whose volumes add up to the global array's leave no gap.
void check_cover(MPI_Comm comm, const ChannelOptions& options, const Reference& reference,
                 const End& mine)
{
  std::vector<std::int64_t> covered(reference.fields.size(), 0);
  for (std::size_t f = 0; f < mine.produced.size(); ++f)
    covered[f] = mine.produced[f].box->count.product();
  mpi::check(MPI_Allreduce(MPI_IN_PLACE, covered.data(), static_cast<int>(covered.size()),
                           MPI_INT64_T, MPI_SUM, comm),
             "MPI_Allreduce");
  for (std::size_t f = 0; f < covered.size(); ++f) {
    const Extents& global = reference.fields[f].box->global;
    if (covered[f] == global.product() || options.partial) continue;
    throw Error::everywhere(fmt::format(
        "channel '{}', field '{}': the boxes of all producers cover {} of {} elements (global "
        "shape {}). Each element must have one producer, or the channel be declared partial.",
        options.name, reference.fields[f].name, covered[f], global.product(), to_string(global)));
  }
}

/// Pairs that meet in this rank's tiles, each once: in the tile where their overlap begins.
std::set<std::pair<int, int>> pairs_in(const std::vector<Shelf>& shelves, int rank, int ranks)
{
  std::set<std::pair<int, int>> pairs;
  for (const auto& shelf : shelves)
    for (const auto& producer : shelf.produced) {
      const Extents tiles = tiles_of(producer.box.global, ranks);
      const Box own = tile(producer.box.global, tiles, rank);
      for (const auto& consumer : shelf.consumed) {
        if (beyond(producer.box, consumer.box)) break;
        const Box overlap = intersection(producer.box, consumer.box);
        if (overlap.empty()) continue;
        const Box corner{overlap.global, overlap.offset, Extents::filled(overlap.global.rank(), 1)};
        if (!intersection(corner, own).empty()) pairs.emplace(producer.rank, consumer.rank);
      }
    }
  return pairs;
}

void make_unique(std::vector<int>& ranks)
{
  std::sort(ranks.begin(), ranks.end());
  ranks.erase(std::unique(ranks.begin(), ranks.end()), ranks.end());
}

}  // namespace

Extents tiles_of(const Extents& global, int ranks)
{
  Extents tiles = Extents::filled(global.rank(), 1);
  while (tiles.product() * 2 <= ranks) {
    int widest = -1;
    for (int i = 0; i < global.rank(); ++i)
      if (global[i] / tiles[i] >= 2 &&
          (widest < 0 || global[i] / tiles[i] > global[widest] / tiles[widest]))
        widest = i;
    if (widest < 0) break;
    tiles[widest] *= 2;
  }
  return tiles;
}

Box tile(const Extents& global, const Extents& tiles, std::int64_t index)
{
  Box box{global, Extents::filled(global.rank(), 0), Extents::filled(global.rank(), 0)};
  if (index >= tiles.product()) return box;
  for (int i = global.rank() - 1; i >= 0; --i) {
    const std::int64_t part = index % tiles[i];
    index /= tiles[i];
    box.offset[i] = global[i] * part / tiles[i];
    box.count[i] = global[i] * (part + 1) / tiles[i] - box.offset[i];
  }
  return box;
}

std::vector<std::int64_t> touched(const Box& box, const Extents& tiles)
{
  std::vector<std::int64_t> indices{0};
  for (int i = 0; i < tiles.rank(); ++i) {
    std::vector<std::int64_t> longer;
    for (std::int64_t part = 0; part < tiles[i]; ++part) {
      const std::int64_t begin = box.global[i] * part / tiles[i];
      const std::int64_t end = box.global[i] * (part + 1) / tiles[i];
      if (end <= box.offset[i] || begin >= box.offset[i] + box.count[i]) continue;
      for (const auto index : indices) longer.push_back(index * tiles[i] + part);
    }
    indices = std::move(longer);
  }
  return indices;
}

Neighbours find_neighbours(MPI_Comm comm, const ChannelOptions& options, const Reference& reference,
                           const End& mine)
{
  const auto shelves = fill_shelves(comm, reference, mine);
  mpi::together(comm, mpi::Deadline::in(options.deadline), [&] {
    for (std::size_t f = 0; f < shelves.size(); ++f)
      check_no_overlap(options, reference.fields[f].name, shelves[f].produced);
  });
  check_cover(comm, options, reference, mine);

  // To the producer its consumer, as a positive number; to the consumer its producer, as a
  // negative.
  std::vector<mpi::Letter> letters;
  for (const auto& [producer, consumer] : pairs_in(shelves, mpi::rank(comm), mpi::size(comm))) {
    letters.push_back({producer, {consumer + 1}});
    letters.push_back({consumer, {-(producer + 1)}});
  }
  Neighbours found;
  for (const auto& letter : mpi::deliver(comm, letters))
    for (const auto number : letter.numbers) {
      if (number > 0)
        found.consumers.push_back(static_cast<int>(number - 1));
      else
        found.producers.push_back(static_cast<int>(-number - 1));
    }
  make_unique(found.consumers);
  make_unique(found.producers);
  return found;
}

}  // namespace cardan::channel
