#include "couplers/reduction/client.hpp"

#include "couplers/reduction/receivers.hpp"

#include <cardan/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <utility>

namespace cardan::reduction {

Client::Client(const Context& context, const Settings& settings,
               const std::vector<ReductionField>& fields)
    : context_(context),
      settings_(settings),
      sender_(fields, settings,
              settings.quantity.empty() ? nullptr : find_quantity(settings.quantity)),
      ends_(context, settings, fields, sender_.most_bytes()),
      encoders_(std::make_shared<const Encoders>(no_encoders(fields, settings)))
{
  Decision first;
  first.stride = settings.stride;
  first.still = settings.still;
  for (std::size_t f = 0; f < fields.size(); ++f)
    setting_.eps.push_back(settings.relative ? 0 : settings.eps_of(f));
  follow(first);
  if (!ends_.puts) return;
  // Receivers are made: what cannot be is an error of all ranks.
  mpi::together(context.everyone.get(), context.deadline(), [] {});
}

void Client::follow(const Decision& decision)
{
  decision_ = decision;
  setting_.stride = decision.stride;
  setting_.still = decision.still;
}

void Client::use(std::uint32_t version, Encoders encoders)
{
  encoders_ = std::make_shared<const Encoders>(std::move(encoders));
  counters_.version = version;
  ++counters_.encoders;
}

bool Client::hear()
{
  if (!ends_.back) return false;
  auto& lane = ends_.back->in().front();
  bool heard = false;
  for (; lane.ready(); heard = true) {
    const auto header = read_header<MessageHeader>(lane.header());
    const std::span bytes{lane.data(0), static_cast<std::size_t>(header.count)};
    if (header.kind == Kind::decision) {
      Decision decision;
      std::memcpy(&decision, bytes.data(), sizeof decision);
      follow(decision);
    } else if (assembly_.add(header.offset, header.total, bytes)) {
      use(header.version, read_encoders(assembly_.bytes(), sender_.fields(), settings_));
    }
    lane.release();
  }
  return heard;
}

bool Client::poll()
{
  return hear();
}

bool Client::room(bool must)
{
  auto& lane = ends_.puts->out().front();
  if (lane.room()) return true;
  if (!must && !settings_.wait_when_full) return false;
  const std::int64_t begun = clock();
  const bool came = mpi::wait_until(
      [&] {
        static_cast<void>(hear());
        return lane.room();
      },
      context_.deadline());
  counters_.waiting += static_cast<double>(clock() - begun) * 1e-9;
  if (!came)
    throw Late{fmt::format("a put to reduction '{}' found no room", settings_.name),
               fmt::format("rank {} has not read what it was sent for {:g} s", lane.consumer(),
                           context_.settings.deadline),
               "Set full = \"drop\" to go on without, or a stride."};
  return true;
}

void Client::send(MessageHeader header, std::span<const std::byte> bytes)
{
  auto& lane = ends_.puts->out().front();
  header.count = static_cast<std::int64_t>(bytes.size());
  lane.put_samples(0, as_bytes(bytes.data(), bytes.size()), 0, header.count);
  lane.publish(to_header(header));
}

bool Client::put(Reduction::FieldList fields)
{
  sender_.check(fields);
  static_cast<void>(hear());
  const std::int64_t number = counters_.puts++;
  if (number % decision_.stride != 0) {
    ++counters_.skipped;
    return false;
  }
  if (ends_.puts && !room(false)) {
    ++counters_.dropped;
    return false;
  }
  const std::int64_t begun = clock();
  const double period = begun_ == 0 ? 0 : static_cast<double>(begun - begun_) * 1e-9;
  begun_ = begun;
  sender_.copy(fields);
  const auto bytes = sender_.pack(*encoders_, decision_, period, begun);
  if (ends_.puts) {
    MessageHeader header;
    header.step = context_.step;
    header.number = number;
    header.version = counters_.version;
    send(header, bytes);
  }
  count(bytes.size());
  counters_.encoding += static_cast<double>(clock() - begun) * 1e-9;
  return true;
}

void Client::count(std::size_t moved)
{
  ++counters_.sent;
  counters_.moved_bytes += static_cast<std::int64_t>(moved);
  setting_.eps = sender_.eps();
  for (std::size_t f = 0; f < sender_.fields().size(); ++f) {
    const Packed& packed = sender_.packed()[f];
    counters_.raw_bytes += bytes_of(sender_.fields()[f]);
    counters_.blocks += packed.blocks;
    counters_.blocks_sent += packed.sent;
    counters_.exceptions += packed.exceptions;
    counters_.latent_bytes += static_cast<std::int64_t>(packed.latent_bytes);
    counters_.residual_bytes += static_cast<std::int64_t>(packed.residual_bytes);
    counters_.max_error = std::max(counters_.max_error, packed.max_error);
    if (packed.max_error > 0)
      counters_.max_error_over_bound =
          std::max(counters_.max_error_over_bound, packed.max_error / sender_.eps()[f]);
  }
}

}  // namespace cardan::reduction
