/// What a round trip costs without a service: a lane there and a lane back by hand, on the
/// session's transport, between the first client and the first ML rank.
#pragma once

#include <cardan/session.hpp>

#include <cstdint>
#include <memory>
#include <vector>

namespace serve {

class Bare {
 public:
  /// Collective over all ranks of the session, which are MPI_COMM_WORLD's. Requests and replies of
  /// `numbers` float64.
  Bare(cardan::Session& session, std::int64_t numbers);
  ~Bare();
  Bare(const Bare&) = delete;
  Bare& operator=(const Bare&) = delete;

  /// The first client: times `rounds` round trips one by one, in microseconds, while the other end
  /// echoes as many.
  void ask(std::int64_t rounds, std::vector<double>& times);
  void echo(std::int64_t rounds);
  [[nodiscard]] const char* transport() const;

 private:
  struct Lanes;
  std::unique_ptr<Lanes> lanes_;
  std::vector<double> x_;
  std::vector<double> y_;
};

}  // namespace serve
