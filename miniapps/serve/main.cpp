// Services under load: what a request costs and where its time goes, how throughput grows with
// instances, and whether every request ends once under whatever happens.
//   mpirun -n 4 serve --out out/serve miniapps/serve/serve.toml
//   mpirun -n 4 serve --soak 20000 miniapps/serve/serve.toml

#include "bare.hpp"
#include "handlers.hpp"
#include "load.hpp"
#include "report.hpp"
#include "soak.hpp"

#include "support/command.hpp"
#include "support/draw.hpp"
#include "support/progress.hpp"

#include <cardan/cardan.hpp>

#include <fmt/format.h>
#include <mpi.h>

#include <algorithm>
#include <set>

namespace {

struct Options {
  miniapp::Command command;
  std::int64_t requests = 2000;
  std::optional<int> clients;
  int window = 4;
  int rounds = 2000;
  std::int64_t soak = 0;
  bool no_pictures = false;
};

struct Opened {
  std::string name;
  cardan::Service service;
};

std::vector<cardan::FieldSpec> field(const char* name, std::int64_t numbers)
{
  return {{name, cardan::Dtype::float64, {1, numbers}, {}, {}}};
}

Opened open(cardan::Session& session, const std::string& name, std::int64_t numbers)
{
  Opened opened{name, session.service(name, field("x", numbers), field("y", numbers))};
  if (!opened.service.wait_ready(60))
    throw cardan::Error{"service '" + name + "' is not ready after 60 s"};
  return opened;
}

/// 1, 2, 4, ... and all.
std::set<int> counts_up_to(int all)
{
  std::set<int> counts{all};
  for (int count = 1; count < all; count *= 2) counts.insert(count);
  return counts;
}

serve::Served scale(cardan::Session& session, Opened& opened, const Options& options, int clients,
                    std::int64_t numbers)
{
  int rank = 0;
  MPI_Comm_rank(session.comm(), &rank);
  serve::Served served;
  served.name = opened.name;
  served.bootstrap = opened.service.bootstrap();
  const auto counts = counts_up_to(opened.service.instances());
  miniapp::Progress progress{opened.name, static_cast<std::int64_t>(2 * counts.size()), rank == 0};
  std::int64_t done = 0;
  for (const int instances : counts) {
    serve::use_instances(session.comm(), opened.service, instances);
    for (const bool strong : {true, false}) {
      serve::Load load;
      load.numbers = numbers;
      load.window = options.window;
      load.clients = strong ? clients : std::min(clients, instances);
      load.requests = strong ? options.requests : options.requests * load.clients / clients;
      auto measured = serve::measure(session.comm(), opened.service, load);
      measured.instances = instances;
      progress.step(++done, fmt::format("{} instances, {:.0f} requests/s", instances,
                                        static_cast<double>(measured.ended) / measured.seconds));
      (strong ? served.strong : served.weak).push_back(measured);
    }
  }
  return served;
}

/// By turns, so that both meet the same disturbances: a block of bare round trips, a block of NOOP
/// requests, one at a time.
serve::Overhead overhead(cardan::Session& session, Opened& noop, Opened& bare, serve::Bare& lanes,
                         const Options& options, std::int64_t numbers)
{
  int rank = 0;
  MPI_Comm_rank(session.comm(), &rank);
  constexpr std::int64_t block = 100;
  std::vector<double> x(static_cast<std::size_t>(numbers), 0);
  std::vector<double> y(x.size());
  const cardan::Field in{x.data(), {1, numbers}};
  const cardan::Field out{y.data(), {1, numbers}};
  std::vector<double> by_hand;
  std::vector<double> by_service;
  serve::use_instances(session.comm(), noop.service, 1);
  serve::use_instances(session.comm(), bare.service, 1);
  for (int r = 0; rank == 0 && r < options.rounds; r += static_cast<int>(block)) {
    x[0] = static_cast<double>(block);
    auto echo = bare.service.request({{"x", in}}, {{"y", out}}, {.priority = 0, .deadline = {60}});
    lanes.ask(block, by_hand);
    if (echo.wait() != cardan::RequestStatus::answered)
      throw cardan::Error{"the bare round trips did not end"};
    for (std::int64_t i = 0; i < block; ++i) {
      auto answer =
          noop.service.request({{"x", in}}, {{"y", out}}, {.priority = 0, .deadline = {60}});
      if (answer.wait() != cardan::RequestStatus::answered)
        throw cardan::Error{"a NOOP request was not answered"};
      by_service.push_back(1e6 * answer.times().total);
    }
  }
  MPI_Barrier(session.comm());
  return {serve::spread_of(by_hand), serve::spread_of(by_service)};
}

/// What simulation ranks do; says whether all was as it must be.
bool run(cardan::Session& session, serve::Bare& lanes, double split, const Options& options)
{
  miniapp::prepare_folder(session.comm(), options.command.out);
  int rank = 0;
  int ranks = 0;
  MPI_Comm_rank(session.comm(), &rank);
  MPI_Comm_size(session.comm(), &ranks);
  const auto table = session.config("serve");
  serve::Results results;
  results.split = split;
  results.transport = lanes.transport();
  results.numbers = table.get<std::int64_t>("numbers", results.numbers);
  results.clients = std::clamp(options.clients.value_or(ranks), 1, ranks);
  const auto names = table.get<std::vector<std::string>>("services", {"noop"});
  if (options.soak > 0) {
    auto opened = open(session, "soak", 4);
    results.instances = opened.service.instances();
    serve::Soak settings;
    settings.requests = options.soak;
    settings.seed = static_cast<std::uint64_t>(session.seed());
    results.soak = serve::soak(session.comm(), opened.service, settings);
  } else {
    auto bare = open(session, "bare", results.numbers);
    auto noop = open(session, "noop", results.numbers);
    results.instances = noop.service.instances();
    results.overhead = overhead(session, noop, bare, lanes, options, results.numbers);
    for (const auto& name : names) {
      auto opened = name == "noop" ? noop : open(session, name, results.numbers);
      results.services.push_back(scale(session, opened, options, results.clients, results.numbers));
    }
  }
  if (rank == 0) serve::report(session, results, options.command.out);
  return !results.soak || results.soak->good();
}

/// As cardan::run does, but that bare lanes are opened beside the session.
int serve_and_ask(const Options& options, bool& draws)
{
  std::unique_ptr<serve::Bare> bare;
  serve::register_handlers(bare);
  int rank = 0;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  try {
    cardan::SessionOptions session_options;
    session_options.seed = options.command.seed;
    session_options.folder = options.command.out;
    const double begin = MPI_Wtime();
    auto session = std::make_unique<cardan::Session>(MPI_COMM_WORLD, options.command.run_file,
                                                     session_options);
    double split = MPI_Wtime() - begin;
    MPI_Allreduce(MPI_IN_PLACE, &split, 1, MPI_DOUBLE, MPI_MAX, MPI_COMM_WORLD);
    const auto table = session->config("serve");
    table.ask("services");
    if (session->ml_ranks() == 0)
      throw cardan::Error::everywhere(
          options.command.run_file +
          ": no rank serves (ml = 0 in [ranks], or one rank alone). Start two ranks or more.");
    bare = std::make_unique<serve::Bare>(*session, table.get<std::int64_t>("numbers", 64));
    int status = 0;
    bool together = true;
    if (session->serves()) {
      status = session->serve();
      together = status == 0;
    } else {
      status = run(*session, *bare, split, options) ? 0 : 1;
      draws = rank == 0 && options.soak == 0 && !options.no_pictures;
    }
    session.reset();
    // Windows are freed together, or left to the end of the process.
    if (together)
      bare.reset();
    else
      static_cast<void>(bare.release());
    return status;
  } catch (const cardan::Error& error) {
    if (error.reach() == cardan::Reach::everywhere && rank == 0)
      fmt::print(stderr, "serve: {}\n", error.what());
    static_cast<void>(bare.release());
    if (error.reach() == cardan::Reach::everywhere) return 1;
    fmt::print(stderr, "serve: rank {}: {}\n", rank, error.what());
  } catch (const std::exception& error) {
    fmt::print(stderr, "serve: rank {}: {}\n", rank, error.what());
  }
  std::fflush(nullptr);
  MPI_Abort(MPI_COMM_WORLD, 1);
  return 1;
}

}  // namespace

int main(int argc, char** argv)
{
  int provided = 0;
  MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &provided);
  Options options;
  CLI::App app{
      "Services under load: NOOP and models of three sizes, asked by all simulation ranks.\n"
      "  mpirun -n 4 serve --out out/serve miniapps/serve/serve.toml"};
  miniapp::add_shared_options(app, options.command);
  app.add_option("--requests", options.requests,
                 "Requests of all clients together, for each figure")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_option("--clients", options.clients, "Simulation ranks that ask; all by default")
      ->check(CLI::PositiveNumber);
  app.add_option("--window", options.window, "Requests that a client has under way")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_option("--rounds", options.rounds, "NOOP requests and bare round trips to compare")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_option("--soak", options.soak,
                 "Instead: so many requests with random cancels, deadlines, priorities, drains, "
                 "swaps and stalls; status 1 unless each ends once and right")
      ->check(CLI::NonNegativeNumber);
  app.add_flag("--no-pictures", options.no_pictures, "Do not draw a PNG file at the end");
  if (const auto status = miniapp::parse(app, argc, argv)) {
    MPI_Finalize();
    return *status;
  }
  bool draws = false;
  const int status = serve_and_ask(options, draws);
  MPI_Finalize();
  if (status == 0 && draws) miniapp::draw("draw-serve", options.command.out);
  return status;
}
