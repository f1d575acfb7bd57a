/// What a run file says of a service: `[service.NAME]`.
#pragma once

#include <cardan/config.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace cardan::service {

enum class Balance { round_robin, least_queue, two_choices, local_first };

struct ServiceSettings {
  std::string name;
  std::string kind;
  int instances = 1;
  /// Samples of a batch.
  std::int64_t max_batch = 64;
  /// Seconds that the oldest request waits for others to join its batch.
  double max_wait = 0;
  Balance balance = Balance::least_queue;
  /// Seconds; of requests that do not say.
  double deadline = 1;
  /// Requests under way from one client to one instance.
  int depth = 8;
  /// Seconds without a heartbeat after which an instance counts as stalled.
  double stall = 0.5;
};

/// Instances of one service on one ML rank, at most.
inline constexpr int most_per_rank = 16;

std::vector<std::string> service_names(const Config& run_file);
/// Throws with file and line. The tables `options` and `model` are left to the handler.
ServiceSettings read_service(const Config& run_file, const std::string& name);
/// Declares known what only ML ranks can check.
void leave_to_handler(const Config& run_file, const std::string& name);
/// Throws where so many instances do not fit.
void check_instances(const Config& run_file, const ServiceSettings& settings, int ml_ranks);

}  // namespace cardan::service
