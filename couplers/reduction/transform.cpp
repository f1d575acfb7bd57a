#include "couplers/reduction/transform.hpp"

#include "couplers/reduction/transform_bytes.hpp"

#include <algorithm>

namespace cardan::reduction {

namespace {

class None : public Transform {
 public:
  explicit None(std::int64_t numbers) : numbers_(numbers) {}
  [[nodiscard]] const char* kind() const override { return "none"; }
  [[nodiscard]] std::int64_t numbers() const override { return numbers_; }
  [[nodiscard]] std::int64_t latent() const override { return 0; }
  void encode(const double*, std::int64_t, double*) const override {}
  void decode(const double*, std::int64_t count, double* blocks) const override
  {
    std::fill_n(blocks, count * numbers_, 0.0);
  }
  [[nodiscard]] std::vector<double> weights() const override { return {}; }
  [[nodiscard]] std::vector<std::byte> bytes() const override
  {
    std::vector<std::byte> bytes;
    Writer to = begin_transform(bytes, TransformKind::none);
    to.count(numbers_);
    return bytes;
  }

 private:
  std::int64_t numbers_;
};

}  // namespace

std::unique_ptr<Transform> no_transform(std::int64_t numbers)
{
  if (numbers < 1) throw Error{"a block must have at least one number"};
  return std::make_unique<None>(numbers);
}

Writer begin_transform(std::vector<std::byte>& bytes, TransformKind kind)
{
  Writer to(bytes);
  to.put(transform_mark);
  to.put(static_cast<std::uint8_t>(kind));
  return to;
}

void put(Writer& to, const std::vector<double>& numbers)
{
  to.count(static_cast<std::int64_t>(numbers.size()));
  to.put(numbers.data(), numbers.size() * sizeof(double));
}

std::vector<double> get_numbers(Reader& from)
{
  const auto count = static_cast<std::size_t>(from.count(most_transform_numbers));
  const auto bytes = from.take(count * sizeof(double));
  std::vector<double> numbers(count);
  if (count > 0) std::memcpy(numbers.data(), bytes.data(), bytes.size());
  return numbers;
}

std::unique_ptr<Transform> read_transform(std::span<const std::byte> bytes)
{
  Reader from(bytes);
  if (from.get<std::uint32_t>() != transform_mark) Reader::damaged("they are of no transform");
  std::unique_ptr<Transform> transform;
  switch (static_cast<TransformKind>(from.get<std::uint8_t>())) {
    case TransformKind::none: transform = no_transform(from.count(most_transform_numbers)); break;
    case TransformKind::linear: transform = read_linear(from); break;
    case TransformKind::conv: transform = read_conv(from); break;
    default: Reader::damaged("they are of an unknown transform");
  }
  if (!from.empty()) Reader::damaged("a transform has more bytes than it needs");
  return transform;
}

}  // namespace cardan::reduction
