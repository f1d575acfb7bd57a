#include "couplers/reduction/frame.hpp"
#include "couplers/reduction/hash.hpp"
#include "couplers/reduction/integers.hpp"
#include "couplers/reduction/quantise.hpp"

#include <algorithm>
#include <bit>

namespace cardan::reduction {

namespace {

constexpr std::int64_t chunk_numbers = 4096;

std::size_t at(std::int64_t i)
{
  return static_cast<std::size_t>(i);
}

/// More bytes than so many whole numbers ever take.
std::int64_t most_bytes_of(std::int64_t numbers)
{
  return 256 + numbers * 48;
}

}  // namespace

struct Unpacker::Implementation {
  Implementation(const ReductionField& field, const std::vector<std::int64_t>& edges)
      : blocking(field, edges), entropy(1), values(at(blocking.field_numbers()))
  {}

  // Read, and may throw: nothing is changed yet.
  void read_blocks(Reader& from);
  void read_latents(Reader& from, const Transform& transform);
  void read_numbers(Reader& from);
  void read_exceptions(Reader& from);
  void read_raw(Reader& from);
  // To `values`.
  void rebuild_whole();
  void rebuild_blocks(const Transform& transform);
  void write_raw();
  /// Puts exceptions among these numbers that come from place `first` on.
  void mend(double* numbers, std::int64_t first, std::int64_t count);

  Blocking blocking;
  Entropy entropy;
  Integers integers;
  std::vector<double> values;

  Frame frame;
  std::vector<std::int64_t> blocks;
  std::vector<std::int64_t> q, latent_q, places, bits;
  std::size_t next_exception = 0;
  std::span<const std::byte> raw;
  std::vector<double> latents, foretold, back;
  std::vector<std::byte> piece;
};

void Unpacker::Implementation::read_blocks(Reader& from)
{
  blocks.clear();
  if (frame.sent == blocking.count()) {
    for (std::int64_t b = 0; b < frame.sent; ++b) blocks.push_back(b);
    return;
  }
  const std::int64_t size = (blocking.count() + 7) / 8;
  const auto bitmap = read_piece(from, entropy, size, piece);
  if (static_cast<std::int64_t>(bitmap.size()) != size)
    Reader::damaged("not every block is spoken of");
  for (std::int64_t b = 0; b < blocking.count(); ++b)
    if ((std::to_integer<unsigned>(bitmap[at(b / 8)]) >> (b % 8) & 1U) != 0) blocks.push_back(b);
  if (static_cast<std::int64_t>(blocks.size()) != frame.sent)
    Reader::damaged("they hold another number of blocks than they say");
}

void Unpacker::Implementation::read_latents(Reader& from, const Transform& transform)
{
  const std::int64_t latent = transform.latent();
  const Slabs grid =
      frame.sent == blocking.count() ? slabs_of_blocks(blocking) : Slabs{1, {1, 1, frame.sent}, 0};
  Reader in(read_piece(from, entropy, most_bytes_of(frame.sent * latent) + latent * 256, piece));
  latent_q.resize(at(frame.sent * latent));
  for (std::int64_t k = 0; k < latent; ++k) {
    std::int64_t* const numbers = latent_q.data() + k * frame.sent;
    const auto order = in.get<std::uint8_t>();
    if (order > 1) Reader::damaged("latents are told from too far");
    integers.read(in, frame.sent, numbers);
    accumulate(numbers, grid, order);
  }
  if (!in.empty()) Reader::damaged("there are more latents than the decoder reads");
}

void Unpacker::Implementation::read_numbers(Reader& from)
{
  const std::int64_t count = frame.numbers(blocking);
  Reader in(read_piece(from, entropy, most_bytes_of(count), piece));
  q.resize(at(count));
  integers.read(in, count, q.data());
  if (!in.empty()) Reader::damaged("there are too many numbers");
  accumulate(q.data(), frame.slabs(blocking), frame.order);
}

void Unpacker::Implementation::read_exceptions(Reader& from)
{
  const std::int64_t numbers = frame.numbers(blocking);
  const std::int64_t count = from.count(numbers);
  places.resize(at(count));
  bits.resize(at(count));
  next_exception = 0;
  if (count == 0) return;
  Reader in(read_piece(from, entropy, 2 * most_bytes_of(count), piece));
  integers.read(in, count, places.data());
  integers.read(in, count, bits.data());
  if (!in.empty()) Reader::damaged("there are too many exceptions");
  accumulate(places.data(), {1, {1, 1, count}, 0}, 1);
  for (std::int64_t i = 0; i < count; ++i)
    if (places[at(i)] < 0 || places[at(i)] >= numbers ||
        (i > 0 && places[at(i)] <= places[at(i - 1)]))
      Reader::damaged("an exception has no place");
}

void Unpacker::Implementation::read_raw(Reader& from)
{
  raw = from.take(at(frame.numbers(blocking)) * (frame.floats ? sizeof(float) : sizeof(double)));
}

void Unpacker::Implementation::mend(double* numbers, std::int64_t first, std::int64_t count)
{
  for (; next_exception < places.size() && places[next_exception] < first + count; ++next_exception)
    numbers[places[next_exception] - first] = std::bit_cast<double>(bits[next_exception]);
}

void Unpacker::Implementation::rebuild_whole()
{
  const std::int64_t count = blocking.field_numbers();
  if (frame.mode == Mode::lossless) return unordered(q.data(), count, frame.floats, values.data());
  restore(q.data(), nullptr, count, frame.step, values.data());
  mend(values.data(), 0, count);
}

void Unpacker::Implementation::rebuild_blocks(const Transform& transform)
{
  const std::int64_t numbers = blocking.numbers();
  const std::int64_t latent = frame.transformed ? transform.latent() : 0;
  const std::int64_t together = std::max<std::int64_t>(1, chunk_numbers / numbers);
  const std::vector<double> steps =
      frame.transformed ? latent_steps(transform, frame.latent_step) : std::vector<double>{};
  latents.resize(at(together * latent));
  foretold.resize(at(together * numbers));
  back.resize(at(together * numbers));
  for (std::int64_t first = 0; first < frame.sent; first += together) {
    const std::int64_t some = std::min(together, frame.sent - first);
    const std::int64_t count = some * numbers;
    const std::int64_t* const from = q.data() + first * numbers;
    if (frame.mode == Mode::lossless) {
      unordered(from, count, frame.floats, back.data());
    } else {
      if (frame.transformed) {
        restore_latents(latent_q.data() + first, frame.sent, some, steps, latents.data());
        transform.decode(latents.data(), some, foretold.data());
      }
      restore(from, frame.transformed ? foretold.data() : nullptr, count, frame.step, back.data());
      mend(back.data(), first * numbers, count);
    }
    for (std::int64_t b = 0; b < some; ++b)
      blocking.join(back.data() + b * numbers, blocks[at(first + b)], values.data());
  }
}

void Unpacker::Implementation::write_raw()
{
  const std::int64_t numbers = blocking.numbers();
  back.resize(at(numbers));
  Reader from(raw);
  for (const std::int64_t block : blocks) {
    for (std::int64_t i = 0; i < numbers; ++i)
      back[at(i)] = frame.floats ? static_cast<double>(from.get<float>()) : from.get<double>();
    blocking.join(back.data(), block, values.data());
  }
}

Unpacker::Unpacker(const ReductionField& field, const std::vector<std::int64_t>& edges)
    : implementation_(std::make_unique<Implementation>(field, edges))
{}
Unpacker::~Unpacker() = default;
Unpacker::Unpacker(Unpacker&&) noexcept = default;

std::uint64_t Unpacker::unpack(std::span<const std::byte> bytes, const Transform& transform)
{
  auto& own = *implementation_;
  if (transform.numbers() != own.blocking.numbers())
    throw Error{"a field cannot be unpacked",
                "its blocks have " + std::to_string(own.blocking.numbers()) +
                    " numbers, and the decoder gives " + std::to_string(transform.numbers())};
  Reader from(bytes);
  own.frame = Frame::read(from, own.blocking);
  own.read_blocks(from);
  if (own.frame.mode == Mode::raw) {
    own.read_raw(from);
  } else {
    if (own.frame.transformed) own.read_latents(from, transform);
    own.read_numbers(from);
    if (own.frame.mode == Mode::quantised) own.read_exceptions(from);
  }
  if (!from.empty()) Reader::damaged("there are more of them than there should be");
  if (own.frame.mode == Mode::raw)
    own.write_raw();
  else if (own.frame.whole)
    own.rebuild_whole();
  else
    own.rebuild_blocks(transform);
  return hash(own.values.data(), own.blocking.field_numbers());
}

const std::vector<double>& Unpacker::values() const
{
  return implementation_->values;
}

}  // namespace cardan::reduction
