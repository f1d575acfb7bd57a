#include "report.hpp"

#include <cardan/archive.hpp>
#include <cardan/error.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cstdio>
#include <filesystem>
#include <fstream>

namespace serve {

namespace {

using nlohmann::json;

json to_json(const Spread& spread)
{
  return {{"median", spread.median}, {"p5", spread.p5}, {"p95", spread.p95}};
}

json bootstrap_of(const Results& results, const cardan::Bootstrap& b)
{
  return {{"split", results.split},
          {"windows", b.windows},
          {"load", b.load},
          {"warm_up", b.warm_up},
          {"publish", b.publish},
          {"total", results.split + b.windows + b.load + b.warm_up + b.publish}};
}

json measure_of(const Results& results, const Served& service, const char* scaling,
                const Measure& m)
{
  return {{"scaling", scaling},
          {"instances", m.instances},
          {"clients", m.load.clients},
          {"window", m.load.window},
          {"requests", m.load.requests},
          {"bootstrap_s", bootstrap_of(results, service.bootstrap)},
          {"response_us",
           {{"put", to_json(m.put)},
            {"queue", to_json(m.queue)},
            {"batch_wait", to_json(m.batch_wait)},
            {"inference", to_json(m.inference)},
            {"reply", to_json(m.reply)},
            {"total", to_json(m.total)}}},
          {"inference_us", to_json(m.inference)},
          {"requests_per_s", static_cast<double>(m.ended) / m.seconds}};
}

json soak_of(const SoakResult& s)
{
  return {{"asked", s.asked},     {"answered", s.answered},
          {"late", s.late},       {"cancelled", s.cancelled},
          {"failed", s.failed},   {"moved", s.moved},
          {"too_old", s.too_old}, {"handed_back", s.handed_back},
          {"stale", s.stale},     {"stalls", s.stalls},
          {"swaps", s.swaps},     {"drains", s.drains},
          {"lost", s.lost},       {"twice", s.twice},
          {"wrong", s.wrong},     {"went_back", s.went_back},
          {"good", s.good()}};
}

void print_services(const Results& results)
{
  fmt::print("\n  {:<8} {:<7} {:>4} {:>7} {:>9}  {:>34}  {:>10}\n", "service", "scaling", "inst",
             "clients", "requests", "response, us: median (5 % .. 95 %)", "requests/s");
  for (const auto& service : results.services)
    for (const auto* list : {&service.strong, &service.weak})
      for (const auto& m : *list)
        fmt::print("  {:<8} {:<7} {:>4} {:>7} {:>9}  {:>12.1f} ({:>8.1f} ..{:>9.1f})  {:>10.0f}\n",
                   service.name, list == &service.strong ? "strong" : "weak", m.instances,
                   m.load.clients, m.load.requests, m.total.median, m.total.p5, m.total.p95,
                   static_cast<double>(m.ended) / m.seconds);
  fmt::print("\n  {:<8} {:>4}  {:>9} {:>9} {:>10} {:>9} {:>9}   median, us, strong\n", "service",
             "inst", "put", "queue", "batch wait", "inference", "reply");
  for (const auto& service : results.services)
    for (const auto& m : service.strong)
      fmt::print("  {:<8} {:>4}  {:>9.2f} {:>9.2f} {:>10.2f} {:>9.2f} {:>9.2f}\n", service.name,
                 m.instances, m.put.median, m.queue.median, m.batch_wait.median, m.inference.median,
                 m.reply.median);
  fmt::print("\n  {:<8} {:>9} {:>9} {:>9} {:>9} {:>9}   bootstrap, s\n", "service", "split",
             "windows", "load", "warm-up", "publish");
  for (const auto& service : results.services)
    fmt::print("  {:<8} {:>9.4f} {:>9.4f} {:>9.4f} {:>9.4f} {:>9.4f}\n", service.name,
               results.split, service.bootstrap.windows, service.bootstrap.load,
               service.bootstrap.warm_up, service.bootstrap.publish);
}

void print(const Results& results)
{
  fmt::print("\nserve: {} clients, {} instances, transport {}, {} float64 a request\n",
             results.clients, results.instances, results.transport, results.numbers);
  if (!results.services.empty()) print_services(results);
  if (results.overhead) {
    const Overhead& o = *results.overhead;
    fmt::print(
        "\n  NOOP response {:.2f} us ({:.2f} .. {:.2f}), bare round trip {:.2f} us ({:.2f} .. "
        "{:.2f}): ratio {:.2f}\n",
        o.noop.median, o.noop.p5, o.noop.p95, o.bare.median, o.bare.p5, o.bare.p95, o.ratio());
  }
  if (results.soak) {
    const SoakResult& s = *results.soak;
    fmt::print("\n  soak: {} requests: {} answered, {} late, {} cancelled, {} failed\n", s.asked,
               s.answered, s.late, s.cancelled, s.failed);
    fmt::print(
        "  {} swaps, {} drains, {} stalls noticed; {} moved, {} handed back, {} too old, {} "
        "stale replies\n",
        s.swaps, s.drains, s.stalls, s.moved, s.handed_back, s.too_old, s.stale);
    fmt::print("  lost {}, written twice {}, wrong {}, versions back {}: {}\n", s.lost, s.twice,
               s.wrong, s.went_back, s.good() ? "good" : "NOT GOOD");
  }
}

}  // namespace

void report(cardan::Session& session, const Results& results, const std::string& folder)
{
  json summary{{"miniapp", "serve"},
               {"ranks", session.rank_map().size()},
               {"clients", results.clients},
               {"instances", results.instances},
               {"transport", results.transport},
               {"seed", session.seed()},
               {"payload_bytes", 8 * results.numbers}};
  for (const auto& [name, value] : cardan::build_information()) summary["build"][name] = value;
  for (const auto& service : results.services) {
    json list = json::array();
    for (const auto& m : service.strong) list.push_back(measure_of(results, service, "strong", m));
    for (const auto& m : service.weak) list.push_back(measure_of(results, service, "weak", m));
    summary["services"][service.name] = list;
  }
  if (results.overhead) {
    summary["bare_us"] = to_json(results.overhead->bare);
    summary["noop_us"] = to_json(results.overhead->noop);
    summary["overhead_ratio"] = results.overhead->ratio();
  }
  if (results.soak) summary["soak"] = soak_of(*results.soak);
  const auto path = (std::filesystem::path(folder) / "summary.json").string();
  std::ofstream file{path};
  file << summary.dump(2) << '\n';
  if (!file.flush()) throw cardan::Error{"cannot write " + path};
  print(results);
  fmt::print("\nwrote {}\n", path);
  std::fflush(stdout);
}

}  // namespace serve
