// Many members for a long time, on their own: ensemble_soak RUN_FILE SECONDS. Each rank prints a
// line with its counters, and one with the memory that it used over time; soak.py judges them.
#include <cardan/cardan.hpp>

#include <mpi.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <limits>
#include <random>
#include <thread>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point begin)
{
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

/// Looks at this process's resident memory as long as it lives.
class Memory {
 public:
  explicit Memory(double seconds)
  {
    samples_.reserve(samples_in_all * 2);
    thread_ = std::thread{[this, pause = seconds / samples_in_all] {
      while (!done_) {
        std::ifstream statm{"/proc/self/statm"};
        long pages = 0;
        long resident = 0;
        statm >> pages >> resident;
        if (samples_.size() < samples_.capacity())
          samples_.push_back(resident * (sysconf(_SC_PAGESIZE) / 1024));
        std::this_thread::sleep_for(std::chrono::duration<double>(pause));
      }
    }};
  }
  ~Memory() { stop(); }
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;
  void stop()
  {
    if (!thread_.joinable()) return;
    done_ = true;
    thread_.join();
  }
  void print(int rank) const
  {
    std::string line = "memory " + std::to_string(rank);
    for (const long sample : samples_) line.append(1, ' ').append(std::to_string(sample));
    std::printf("%s\n", line.c_str());
  }

 private:
  static constexpr int samples_in_all = 100;
  std::vector<long> samples_;
  std::atomic<bool> done_{false};
  std::thread thread_;
};

/// A particle in a double well along the first of three coordinates, overdamped.
struct Particle {
  std::array<double, 3> x{-1, 0, 0};
  std::mt19937_64 random;

  void step()
  {
    constexpr double dt = 0.01;
    std::normal_distribution<double> normal{0, std::sqrt(2 * 0.2 * dt)};
    x[0] += -4 * x[0] * (x[0] * x[0] - 1) * dt + normal(random);
    for (std::size_t d = 1; d < 3; ++d) x[d] += -x[d] * dt + normal(random);
  }
};

void simulate(cardan::Session& session, double seconds)
{
  auto ensemble = session.ensemble("soak", {3, 3});
  std::vector<Particle> particles(static_cast<std::size_t>(ensemble.size()));
  for (std::size_t m = 0; m < particles.size(); ++m) particles[m].random.seed(m);
  const auto at = [&](int m) -> Particle& { return particles[static_cast<std::size_t>(m)]; };
  std::mt19937_64 fate{static_cast<std::uint64_t>(ensemble.members().front())};
  std::uniform_real_distribution<double> chance;

  cardan::EnsemblePhysics physics;
  physics.advance = [&](int m) {
    for (int step = 0; step < 20; ++step) at(m).step();
    // Segments of uneven length: 0.5 to 2 ms.
    std::this_thread::sleep_for(std::chrono::microseconds(500 + 1500 * (m % 4) / 3));
    const double drawn = chance(fate);
    if (drawn < 2e-4) return std::numeric_limits<double>::quiet_NaN();
    return drawn < 4e-4 ? -1.0 : 0.2;
  };
  physics.describe = [&](int m, std::span<double> descriptor) {
    std::copy_n(at(m).x.begin(), 3, descriptor.begin());
  };
  physics.save = physics.describe;
  physics.restart = [&](int m, std::span<const double> state, std::uint64_t seed) {
    Particle& particle = at(m);
    if (state.empty())
      particle.x = {-1, 0, 0};
    else
      std::copy_n(state.begin(), 3, particle.x.begin());
    particle.random.seed(seed);
  };

  const auto begin = Clock::now();
  ensemble.run(physics, {std::numeric_limits<std::int64_t>::max() / 2,
                         [&](std::int64_t) { return seconds_since(begin) < seconds; }});
  const auto& c = ensemble.counters();
  const auto count = [](std::int64_t value) { return static_cast<long long>(value); };
  std::printf(
      "counters segments %lld frames %lld dropped %lld continued %lld restarted %lld stopped "
      "%lld late %lld missing %lld superseded %lld failures %lld\n",
      count(c.segments), count(c.frames), count(c.dropped), count(c.continued), count(c.restarted),
      count(c.stopped), count(c.late), count(c.missing), count(c.superseded), count(c.failures));
  auto latencies = ensemble.latencies();
  std::sort(latencies.begin(), latencies.end(),
            [](const auto& a, const auto& b) { return a.latency < b.latency; });
  if (!latencies.empty())
    std::printf("latency median %.6f work %.6f\n", latencies[latencies.size() / 2].latency,
                latencies[latencies.size() / 2].work);
}

}  // namespace

int main(int argc, char** argv)
{
  if (argc < 3) return 2;
  const double seconds = std::stod(argv[2]);
  int provided = 0;
  MPI_Init_thread(nullptr, nullptr, MPI_THREAD_FUNNELED, &provided);
  int rank = 0;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  Memory memory{seconds};
  const int status =
      cardan::run(argc, argv, [&](cardan::Session& session) { simulate(session, seconds); });
  memory.stop();
  memory.print(rank);
  MPI_Finalize();
  return status;
}
