#include "couplers/tuning/state_bytes.hpp"

#include <cardan/error.hpp>

#include <cstdint>
#include <cstring>

namespace cardan::tuning {

namespace {

class Writer {
 public:
  explicit Writer(std::byte* to) : to_(to) {}
  void put(const void* from, std::size_t bytes)
  {
    if (to_ != nullptr && bytes > 0) std::memcpy(to_ + at_, from, bytes);
    at_ += bytes;
  }
  void put(std::uint64_t number) { put(&number, sizeof number); }
  [[nodiscard]] std::size_t bytes() const { return at_; }

 private:
  std::byte* to_;
  std::size_t at_ = 0;
};

std::size_t write_to(const State& state, std::byte* to)
{
  Writer writer{to};
  writer.put(state.arrays().size());
  for (const State::Array& array : state.arrays()) {
    writer.put(array.name.size());
    writer.put(array.name.data(), array.name.size());
    writer.put(static_cast<std::uint64_t>(array.dtype));
    writer.put(array.shape.size());
    writer.put(array.shape.data(), array.shape.size() * sizeof(std::int64_t));
    writer.put(array.data.size());
    writer.put(array.data.data(), array.data.size());
  }
  return writer.bytes();
}

class Reader {
 public:
  explicit Reader(std::span<const std::byte> from) : from_(from) {}
  const std::byte* get(std::size_t bytes)
  {
    if (bytes > from_.size()) throw Error{"a trial's state is not whole"};
    const std::byte* const at = from_.data();
    from_ = from_.subspan(bytes);
    return at;
  }
  std::uint64_t number()
  {
    std::uint64_t value = 0;
    std::memcpy(&value, get(sizeof value), sizeof value);
    return value;
  }

 private:
  std::span<const std::byte> from_;
};

}  // namespace

std::size_t bytes_of(const State& state)
{
  return write_to(state, nullptr);
}

std::size_t write(const State& state, std::span<std::byte> to)
{
  const std::size_t bytes = bytes_of(state);
  if (bytes <= to.size()) static_cast<void>(write_to(state, to.data()));
  return bytes;
}

State read_state(std::span<const std::byte> from)
{
  State state;
  Reader reader{from};
  for (auto left = reader.number(); left > 0; --left) {
    const std::size_t letters = reader.number();
    const std::string name{reinterpret_cast<const char*>(reader.get(letters)), letters};
    const auto dtype = static_cast<Dtype>(reader.number());
    std::vector<std::int64_t> shape(reader.number());
    const std::size_t extents = shape.size() * sizeof(std::int64_t);
    const std::byte* const at = reader.get(extents);
    if (extents > 0) std::memcpy(shape.data(), at, extents);
    const std::size_t bytes = reader.number();
    state.put(name, dtype, shape, reader.get(bytes));
  }
  return state;
}

}  // namespace cardan::tuning
