// Encoders that simulation ranks make themselves.

#include "couplers/reduction/client.hpp"
#include "couplers/reduction/truncated_svd.hpp"

#include <cardan/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace cardan::reduction {

namespace {

/// The field's blocks, row by row, without those that hold what is no number.
std::vector<double> finite_blocks(const ReductionField& field, const Settings& settings,
                                  const double* values)
{
  const Blocking blocking{field, edges_of(field, settings)};
  const auto numbers = static_cast<std::size_t>(blocking.numbers());
  std::vector<double> blocks(static_cast<std::size_t>(blocking.count()) * numbers);
  blocking.cut(values, blocks.data());
  std::size_t kept = 0;
  for (std::size_t b = 0; b < blocks.size(); b += numbers) {
    const auto begin = blocks.begin() + static_cast<std::ptrdiff_t>(b);
    const auto end = begin + static_cast<std::ptrdiff_t>(numbers);
    if (!std::all_of(begin, end, [](double x) { return std::isfinite(x); })) continue;
    std::copy(begin, end, blocks.begin() + static_cast<std::ptrdiff_t>(kept));
    kept += numbers;
  }
  blocks.resize(kept);
  return blocks;
}

}  // namespace

void Client::fit(Reduction::FieldList fields)
{
  MPI_Comm part = context_.part.get();
  mpi::together(part, context_.deadline(), [&] {
    if (settings_.encoder != Encoder::svd)
      throw Error{fmt::format("reduction '{}' is fitted", settings_.name),
                  fmt::format("its encoder is \"{}\"", to_string(settings_.encoder)),
                  "Set encoder = \"svd\"."};
    sender_.check(fields);
    sender_.copy(fields);
  });
  Encoders encoders;
  for (std::size_t f = 0; f < sender_.fields().size(); ++f) {
    const ReductionField& field = sender_.fields()[f];
    const std::int64_t numbers = block_numbers(field, settings_);
    const auto blocks = finite_blocks(field, settings_, sender_.values()[f]);
    const std::int64_t count = static_cast<std::int64_t>(blocks.size()) / numbers;
    std::int64_t rows = 0;
    MPI_Request request = MPI_REQUEST_NULL;
    mpi::check(MPI_Iallreduce(&count, &rows, 1, MPI_INT64_T, MPI_SUM, part, &request),
               "MPI_Iallreduce");
    mpi::wait(request, context_.deadline(), "the ranks that fit an encoder");
    const std::int64_t latent = std::min({settings_.latent, numbers, rows});
    if (latent == 0) {
      encoders.push_back(no_transform(numbers));
      continue;
    }
    const auto svd = truncated_svd(part, blocks.data(), count, numbers, latent);
    encoders.push_back(transform_of(svd, latent));
  }
  const auto bytes = bytes_of(encoders);
  use(counters_.version + 1, std::move(encoders));
  if (ends_.puts) send_encoders(bytes);
}

/// In the stream, before the first put that uses them.
void Client::send_encoders(const std::vector<std::byte>& bytes)
{
  const std::span<const std::byte> all{bytes};
  const auto most = static_cast<std::size_t>(ends_.puts->out().front().capacity());
  for (std::size_t at = 0; at < all.size(); at += most) {
    static_cast<void>(room(true));
    MessageHeader header;
    header.kind = Kind::encoder;
    header.version = counters_.version;
    header.offset = static_cast<std::int64_t>(at);
    header.total = static_cast<std::int64_t>(all.size());
    send(header, all.subspan(at, std::min(most, all.size() - at)));
  }
}

}  // namespace cardan::reduction
