// The public channel: thin handles on an endpoint.

#include "channel/endpoint.hpp"

#include <cardan/channel.hpp>
#include <cardan/error.hpp>

#include <cstdlib>
#include <utility>

namespace cardan {

using channel::Endpoint;

FieldSpec FieldSpec::of(const std::string& name, const Field& field)
{
  const Extents& strides = field.strides();
  // Which index varies fastest does not depend on the way in which an array is walked.
  const bool columns =
      strides.rank() > 1 && std::abs(strides[0]) < std::abs(strides[strides.rank() - 1]);
  return {name, field.dtype(), field.shape(), field.box(),
          columns ? Order::column_major : Order::row_major};
}

Channel::Channel(MPI_Comm comm, const ChannelOptions& options,
                 const std::vector<FieldSpec>& produced, const std::vector<FieldSpec>& consumed)
    : end_(std::make_unique<Endpoint>(comm, options, channel::End{produced, consumed}))
{}

Channel::Channel(Channel&&) noexcept = default;
Channel::~Channel() = default;

void Channel::put(std::int64_t step, std::span<const NamedField> fields)
{
  end_->put(step, fields);
}

void Channel::put(std::int64_t step, std::initializer_list<NamedField> fields)
{
  end_->put(step, std::span<const NamedField>(fields.begin(), fields.size()));
}

std::optional<Claim> Channel::claim(std::int64_t step)
{
  if (!end_->claim()) return std::nullopt;
  return Claim{*end_, step};
}

std::optional<Arrival> Channel::peek(Pick pick)
{
  const int lane = end_->await(pick);
  if (lane < 0) return std::nullopt;
  return Arrival{*end_, lane};
}

std::optional<Arrival> Channel::try_peek(Pick pick)
{
  const int lane = end_->find(pick);
  if (lane < 0) return std::nullopt;
  return Arrival{*end_, lane};
}

std::optional<std::int64_t> Channel::take(std::span<const NamedField> fields, Pick pick)
{
  const auto arrival = peek(pick);
  if (!arrival) return std::nullopt;
  end_->copy_out(fields);
  return arrival->step();
}

std::optional<std::int64_t> Channel::take(std::initializer_list<NamedField> fields, Pick pick)
{
  return take(std::span<const NamedField>(fields.begin(), fields.size()), pick);
}

void Channel::close()
{
  end_->close();
}

void Channel::rebox(const std::vector<FieldSpec>& produced, const std::vector<FieldSpec>& consumed)
{
  end_->rebox({produced, consumed});
}

TransportKind Channel::transport() const
{
  return end_->lanes().transport();
}

int Channel::depth() const
{
  return end_->lanes().plan().depth;
}

std::size_t Channel::window_bytes() const
{
  return end_->lanes().bytes();
}

int Channel::peers() const
{
  return static_cast<int>(end_->lanes().in().size() + end_->lanes().out().size());
}

const ChannelCounters& Channel::counters() const
{
  return end_->counters();
}

Arrival::Arrival(Arrival&& other) noexcept
    : end_(std::exchange(other.end_, nullptr)), lane_(other.lane_)
{}

Arrival::~Arrival()
{
  if (end_ == nullptr) return;
  try {
    end_->release(lane_);
  } catch (const Error&) {
    // A producer that is gone needs no credit.
    return;
  }
}

std::int64_t Arrival::step() const
{
  return end_->step(lane_);
}

int Arrival::producer() const
{
  return end_->producer(lane_);
}

const Field& Arrival::field(std::string_view name) const
{
  return end_->field(lane_, name);
}

Claim::Claim(Claim&& other) noexcept : end_(std::exchange(other.end_, nullptr)), step_(other.step_)
{}

Claim::~Claim()
{
  if (end_ != nullptr) end_->drop_claim();
}

const Field& Claim::field(std::string_view name) const
{
  return end_->claimed(name);
}

bool Claim::in_place() const
{
  return end_->claim_in_place();
}

void Claim::publish(std::optional<std::int64_t> samples)
{
  end_->publish(step_, samples);
  end_ = nullptr;
}

}  // namespace cardan
