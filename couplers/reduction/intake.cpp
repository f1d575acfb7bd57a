#include "couplers/reduction/intake.hpp"

#include <cardan/error.hpp>

#include <fmt/format.h>

#include <cstring>

namespace cardan::reduction {

namespace {

template <class T>
T cut_off(std::span<const std::byte>& bytes)
{
  T head;
  if (bytes.size() < sizeof head) throw Error{"a put arrived damaged", "it is cut off"};
  std::memcpy(&head, bytes.data(), sizeof head);
  bytes = bytes.subspan(sizeof head);
  return head;
}

}  // namespace

Intake::Intake(int rank, std::vector<ReductionField> fields, const Settings& settings)
    : fields_(std::move(fields)), values_(fields_.size()), eps_(fields_.size())
{
  for (const auto& field : fields_) unpackers_.emplace_back(field, edges_of(field, settings));
  arrived_.rank = rank;
}

const Reconstruction& Intake::take(const MessageHeader& header, std::span<const std::byte> bytes,
                                   const Encoders& encoders)
{
  const auto moved = static_cast<std::int64_t>(bytes.size());
  head_ = cut_off<PutHead>(bytes);
  std::vector<FieldHead> heads;
  for (std::size_t f = 0; f < fields_.size(); ++f) heads.push_back(cut_off<FieldHead>(bytes));
  arrived_.step = header.step;
  arrived_.version = header.version;
  arrived_.fields = fields_;
  arrived_.raw_bytes = head_.raw_bytes;
  arrived_.moved_bytes = moved;
  arrived_.checksum = 0;
  arrived_.same = true;
  for (std::size_t f = 0; f < fields_.size(); ++f) {
    const FieldHead& head = heads[f];
    if (bytes.size() < head.bytes) throw Error{"a put arrived damaged", "it is cut off"};
    // Not: max_error > eps, which is false where one of them is no number.
    if (!(head.max_error <= head.eps))
      throw Error{fmt::format("field '{}' of simulation rank {} has an error of {:g} at step {}",
                              fields_[f].name, arrived_.rank, head.max_error, header.step),
                  fmt::format("its bound is {:g}", head.eps)};
    const std::uint64_t checksum = unpackers_[f].unpack(bytes.first(head.bytes), *encoders[f]);
    bytes = bytes.subspan(head.bytes);
    arrived_.same = arrived_.same && checksum == head.checksum;
    arrived_.checksum = arrived_.checksum * 0x100000001b3U ^ head.checksum;
    values_[f] = unpackers_[f].values().data();
    eps_[f] = head.eps;
  }
  arrived_.values = values_.data();
  arrived_.eps = eps_;
  return arrived_;
}

}  // namespace cardan::reduction
