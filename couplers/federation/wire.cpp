#include "couplers/federation/wire.hpp"

#include <cardan/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <sstream>

namespace cardan::federation {

const char* to_string(Kind kind) noexcept
{
  switch (kind) {
    case Kind::initial: return "initial";
    case Kind::tally: return "tally";
    case Kind::update: return "update";
    case Kind::goodbye: return "goodbye";
  }
  return "unknown";
}

std::string Facts::text() const
{
  return fmt::format("{} {} {} {}", weights, static_cast<int>(dtype), sums, maxima);
}

Facts Facts::from_text(const std::string& text)
{
  Facts facts;
  int dtype = 0;
  std::istringstream{text} >> facts.weights >> dtype >> facts.sums >> facts.maxima;
  facts.dtype = static_cast<Dtype>(dtype);
  return facts;
}

RecordSizes record_sizes(const Facts& facts, std::size_t update_bytes)
{
  RecordSizes sizes{};
  sizes[static_cast<std::size_t>(Kind::initial)] = facts.weights_bytes();
  sizes[static_cast<std::size_t>(Kind::tally)] = facts.tally_bytes();
  sizes[static_cast<std::size_t>(Kind::update)] = update_bytes;
  sizes[static_cast<std::size_t>(Kind::goodbye)] = 0;
  return sizes;
}

void put_record(channel::OutLane& lane, const channel::Header& header,
                std::span<const std::uint64_t> words)
{
  channel::Header stamped = header;
  stamped.count = static_cast<std::int64_t>(words.size());
  const Field field{words.data(), {stamped.count}};
  lane.put_samples(0, field, 0, stamped.count);
  lane.publish(stamped);
}

void Outlet::send(const UpHeader& header, std::span<const std::byte> record)
{
  const auto kind = static_cast<std::size_t>(header.kind);
  if (kind >= kinds)
    throw Error{"a silo was about to send what is no record of a federation",
                fmt::format("kind {} is unknown", kind)};
  if (record.size() != sizes_[kind])
    throw Error{fmt::format("a silo was about to send {} bytes as its {}", record.size(),
                            to_string(header.kind)),
                fmt::format("the model fixed {} when the federation opened", sizes_[kind])};
  if (header.kind != Kind::update && sent_[kind] > 0)
    throw Error{fmt::format("a silo was about to send its {} again", to_string(header.kind)),
                "it is sent once"};
  words_.assign(words_of(record.size()), 0);
  if (!record.empty()) std::memcpy(words_.data(), record.data(), record.size());
  if (witness) witness(header, record);
  put_record(lane_, to_header(header), words_);
  ++sent_[kind];
  bytes_ += moved(record.size());
}

void narrow(std::span<const double> from, Dtype dtype, std::byte* to)
{
  if (dtype == Dtype::float64) {
    std::memcpy(to, from.data(), from.size_bytes());
    return;
  }
  for (std::size_t i = 0; i < from.size(); ++i) {
    const auto number = static_cast<float>(from[i]);
    std::memcpy(to + i * sizeof number, &number, sizeof number);
  }
}

void widen(const std::byte* from, Dtype dtype, std::span<double> to)
{
  if (dtype == Dtype::float64) {
    std::memcpy(to.data(), from, to.size_bytes());
    return;
  }
  for (std::size_t i = 0; i < to.size(); ++i) {
    float number = 0;
    std::memcpy(&number, from + i * sizeof number, sizeof number);
    to[i] = number;
  }
}

}  // namespace cardan::federation
