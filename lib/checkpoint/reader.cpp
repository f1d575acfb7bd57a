#include "checkpoint/reader.hpp"

#include "channel/patch.hpp"
#include "checkpoint/source.hpp"

#include <cardan/error.hpp>

#include <utility>

namespace cardan::checkpoint {

namespace {

/// Runs `work`; its error says what was to be read.
template <class Work>
auto reading(const Source& source, const std::string& name, Work&& work)
{
  try {
    return work();
  } catch (const std::exception& error) {
    throw Error{"cannot read '" + name + "' of the checkpoint '" + source.path() + "'",
                error.what()};
  }
}

std::vector<std::int64_t> list(const Extents& extents)
{
  std::vector<std::int64_t> values(static_cast<std::size_t>(extents.rank()));
  for (int i = 0; i < extents.rank(); ++i) values[static_cast<std::size_t>(i)] = extents[i];
  return values;
}

Box all_of(const Extents& shape)
{
  return {shape, Extents::filled(shape.rank(), 0), shape};
}

std::string within(const std::string& group, const std::string& name)
{
  return group.empty() ? name : group + "/" + name;
}

}  // namespace

Reader::Reader(std::unique_ptr<Source> source) : source_(std::move(source)) {}
Reader::~Reader() = default;
Reader::Reader(Reader&&) noexcept = default;
Reader& Reader::operator=(Reader&&) noexcept = default;

const std::string& Reader::path() const noexcept
{
  return source_->path();
}

bool Reader::has(const std::string& name) const
{
  return source_->has(name);
}

std::vector<std::string> Reader::names(const std::string& group) const
{
  return reading(*source_, group, [&] { return source_->names(group); });
}

std::vector<std::int64_t> Reader::shape(const std::string& name) const
{
  return reading(*source_, name, [&] { return list(source_->shape(name)); });
}

void Reader::read(const std::string& name, const Field& field) const
{
  reading(*source_, name, [&] {
    const Box box = field.box() ? *field.box() : all_of(field.shape());
    const Extents found = source_->shape(name);
    if (found != box.global)
      throw Error{"its shape is " + to_string(found) + ", expected is " + to_string(box.global)};
    if (box.empty()) return;
    if (field.dense()) {
      source_->read(name, field.dtype(), box, field.writable());
      return;
    }
    const std::int64_t element = size_of(field.dtype());
    std::vector<std::byte> dense(static_cast<std::size_t>(box.count.product() * element));
    source_->read(name, field.dtype(), box, dense.data());
    channel::copy(channel::patch_in(field.shape(), field.shape(), element), dense.data(),
                  channel::patch_of(field, false), static_cast<std::byte*>(field.writable()));
  });
}

std::int64_t Reader::integer(const std::string& name) const
{
  std::int64_t value = 0;
  read(name, Field{&value, Extents{}});
  return value;
}

double Reader::number(const std::string& name) const
{
  double value = 0;
  read(name, Field{&value, Extents{}});
  return value;
}

std::string Reader::text(const std::string& name) const
{
  return reading(*source_, name, [&] { return source_->text(name); });
}

void Reader::read_rows(const std::string& name, Dtype dtype, std::int64_t first, std::int64_t count,
                       void* data) const
{
  reading(*source_, name, [&] {
    Box box = all_of(source_->shape(name));
    if (box.global.rank() == 0) throw Error{"it has no rows"};
    if (first < 0 || count < 0 || first + count > box.global[0])
      throw Error{"it has " + std::to_string(box.global[0]) + " rows, asked is for " +
                  std::to_string(first) + " to " + std::to_string(first + count)};
    box.offset[0] = first;
    box.count[0] = count;
    if (!box.empty()) source_->read(name, dtype, box, data);
  });
}

State Reader::state(const std::string& group) const
{
  return reading(*source_, group, [&] {
    State state;
    const auto take = [&](const auto& self, const std::string& below) -> void {
      for (const auto& each : source_->names(below.empty() ? group : within(group, below))) {
        const std::string name = within(below, each);
        const std::string full = within(group, name);
        if (source_->is_group(full)) {
          self(self, name);
          continue;
        }
        const Box box = all_of(source_->shape(full));
        const Dtype dtype = source_->stored(full);
        std::vector<std::byte> data(
            static_cast<std::size_t>(box.global.product() * size_of(dtype)));
        if (!box.empty()) source_->read(full, dtype, box, data.data());
        state.put(name, dtype, list(box.global), data.data());
      }
    };
    take(take, "");
    return state;
  });
}

}  // namespace cardan::checkpoint
