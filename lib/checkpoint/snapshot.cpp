#include "checkpoint/snapshot.hpp"

#include "channel/patch.hpp"

namespace cardan::checkpoint {

namespace {

Box whole(const Extents& shape)
{
  return {shape, Extents::filled(shape.rank(), 0), shape};
}

Memory copied(const void* data, std::int64_t bytes)
{
  return {data, static_cast<std::size_t>(bytes)};
}

}  // namespace

Box Item::elements() const
{
  if (!text) return box;
  const auto bytes = static_cast<std::int64_t>(data.size());
  return {{bytes}, {0}, {bytes}};
}

void Snapshot::add(const std::string& name, const Field& field, const Attributes& attributes,
                   const Storage& storage)
{
  Item item{name,       field.dtype(), field.box() ? *field.box() : whole(field.shape()),
            attributes, storage,       false,
            {}};
  const std::int64_t element = size_of(field.dtype());
  if (field.dense()) {
    item.data = copied(field.data(), field.shape().product() * element);
  } else {
    item.data = Memory{static_cast<std::size_t>(field.shape().product() * element)};
    channel::copy(channel::patch_of(field, false), static_cast<const std::byte*>(field.data()),
                  channel::patch_in(field.shape(), field.shape(), element), item.data.data());
  }
  add(std::move(item));
}

void Snapshot::add(const std::string& name, std::int64_t number)
{
  add(name, Field{static_cast<const std::int64_t*>(&number), Extents{}});
}

void Snapshot::add(const std::string& name, double number)
{
  add(name, Field{static_cast<const double*>(&number), Extents{}});
}

void Snapshot::add(const std::string& name, const std::string& text)
{
  add(Item{name,
           Dtype::uint8,
           whole({}),
           {},
           {},
           true,
           copied(text.data(), static_cast<std::int64_t>(text.size()))});
}

void Snapshot::add(const std::string& group, const State& state)
{
  for (const auto& array : state.arrays())
    add(Item{group + "/" + array.name,
             array.dtype,
             whole(Extents{array.shape}),
             {},
             {},
             false,
             {array.data.data(), array.data.size()}});
}

void Snapshot::add_rows(const std::string& name, Dtype dtype, std::int64_t total,
                        std::int64_t first, std::int64_t count,
                        const std::vector<std::int64_t>& row, const void* data)
{
  std::vector<std::int64_t> shape{total};
  shape.insert(shape.end(), row.begin(), row.end());
  Box box = whole(Extents{shape});
  box.offset[0] = first;
  box.count[0] = count;
  add(Item{name, dtype, box, {}, {}, false, copied(data, box.count.product() * size_of(dtype))});
}

}  // namespace cardan::checkpoint
