#include "options.hpp"

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>

namespace bench {

namespace {

constexpr std::int64_t most_bytes = std::int64_t{8} << 30;

/// `4096`, `4KiB`, `4K`; at least one element.
std::int64_t parse_size(const std::string& text)
{
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  std::string unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
  std::transform(unit.begin(), unit.end(), unit.begin(),
                 [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
  int shift = -1;
  if (unit.empty() || unit == "b") shift = 0;
  if (unit == "k" || unit == "kib") shift = 10;
  if (unit == "m" || unit == "mib") shift = 20;
  if (unit == "g" || unit == "gib") shift = 30;
  if (error != std::errc{} || shift < 0)
    throw CLI::ValidationError("--bytes",
                               fmt::format("'{}' is no size (as 4096, 64KiB, 8MiB)", text));
  if (value <= 0 || value > most_bytes >> shift || (value << shift) % 8 != 0)
    throw CLI::ValidationError("--bytes",
                               fmt::format("'{}' (must be a multiple of 8, from 8 to 8GiB)", text));
  return value << shift;
}

/// Sizes as they stand, or those of the ladder between two: `8 4KiB 1MiB`, `64..1MiB`.
std::vector<std::int64_t> parse_bytes(const std::vector<std::string>& words)
{
  std::vector<std::int64_t> sizes;
  for (const std::string& word : words) {
    const auto dots = word.find("..");
    if (dots == std::string::npos) {
      sizes.push_back(parse_size(word));
      continue;
    }
    const std::int64_t least = parse_size(word.substr(0, dots));
    const std::int64_t most = parse_size(word.substr(dots + 2));
    if (least > most)
      throw CLI::ValidationError("--bytes", fmt::format("'{}' (the first is larger)", word));
    sizes.push_back(least);
    for (const std::int64_t step : ladder)
      if (step > least && step < most) sizes.push_back(step);
    if (most > least) sizes.push_back(most);
  }
  std::sort(sizes.begin(), sizes.end());
  sizes.erase(std::unique(sizes.begin(), sizes.end()), sizes.end());
  return sizes;
}

struct Words {
  std::string transport = "all";
  std::string mode = "all";
  std::string pattern = "all";
  std::string report;
  std::vector<std::string> bytes;
  bool quick = false;
  bool strided = false;
};

/// Those of `all` that are called `name`; all of them for "all".
template <class Kind>
std::vector<Kind> choose(const std::vector<Kind>& all, const std::string& name)
{
  if (name == "all") return all;
  std::vector<Kind> chosen;
  for (const Kind kind : all)
    if (name == to_string(kind)) chosen.push_back(kind);
  return chosen;
}

/// Checks what stands in several options, and fills the rest in.
void complete(Options& options, const Words& words, int ranks)
{
  using Kind = cardan::TransportKind;
  options.transports = choose<Kind>({Kind::shared, Kind::rma, Kind::two_sided}, words.transport);
  options.modes = choose<Mode>({Mode::put, Mode::claim}, words.mode);
  options.patterns = choose<Pattern>({Pattern::stream, Pattern::round_trip}, words.pattern);
  options.bytes = parse_bytes(words.bytes);
  if (words.strided) options.subject = Subject::strided;
  if (words.report == "overlap") options.subject = Subject::overlap;
  if (words.report == "scaling") options.subject = Subject::scaling;
  if (words.quick) {
    options.effort = {options.effort.rounds, 0.005, 4};
    options.budget = 55;
  }
  if (ranks < 2)
    throw CLI::ValidationError("one rank is not enough", "start it by mpirun -n 2 or more");
  if (options.subject == Subject::scaling) {
    if (ranks < 4) throw CLI::ValidationError("--report scaling", "wants mpirun -n 4 or more");
    return;
  }
  if (options.consumers == 0) options.consumers = 1;
  if (options.producers == 0) options.producers = std::max(1, ranks - options.consumers);
  if (options.producers + options.consumers > ranks)
    throw CLI::ValidationError(
        fmt::format("{} producer(s) and {} consumer(s)", options.producers, options.consumers),
        fmt::format("want {} ranks, and there are {}; start it by mpirun -n {}",
                    options.producers + options.consumers, ranks,
                    options.producers + options.consumers));
}

}  // namespace

std::optional<int> parse(Options& options, int argc, char** argv, MPI_Comm comm)
{
  int rank = 0;
  int ranks = 1;
  MPI_Comm_rank(comm, &rank);
  MPI_Comm_size(comm, &ranks);
  CLI::App app{
      "What a step of a channel costs, beside what it costs by hand: each way is measured in turns "
      "with\n"
      "  limit    memory that all map, memcpy into one of two slots, a flag by release and "
      "acquire\n"
      "  raw put  MPI_Put and flush, an 8-byte flag by MPI_Put and flush, two slots\n"
      "  send     MPI_Isend and MPI_Irecv, two buffers\n"
      "  mpirun -n 2 cardan-bench --quick"};
  Words words;
  app.add_option("--producers", options.producers,
                 "Ranks that send (default: all but the consumers)")
      ->check(CLI::Range(1, 1 << 20));
  app.add_option("--consumers", options.consumers, "Ranks that receive (default: 1)")
      ->check(CLI::Range(1, 1 << 20));
  app.add_option("--transport", words.transport, "shared, rma, two_sided or all")
      ->check(CLI::IsMember({"shared", "rma", "two_sided", "all"}))
      ->capture_default_str();
  app.add_option("--mode", words.mode,
                 "put a ready array, claim the slot to build it there, or all")
      ->check(CLI::IsMember({"put", "claim", "all"}))
      ->capture_default_str();
  app.add_option("--pattern", words.pattern, "stream, round_trip or all")
      ->check(CLI::IsMember({"stream", "round_trip", "all"}))
      ->capture_default_str();
  app.add_option("--bytes", words.bytes,
                 "What one producer sends in a step: 8 64KiB, or 64..1MiB (default: 8..64MiB)")
      ->delimiter(',');
  app.add_option("--rounds", options.effort.rounds, "Turns of each way, at least 7")
      ->check(CLI::Range(7, 1000))
      ->capture_default_str();
  app.add_flag("--quick", words.quick,
               "Shorter rounds; ends within a minute, or says what it left out");
  app.add_option("--json", options.json, "File for one JSON object a line and case");
  auto* report = app.add_option("--report", words.report,
                                "overlap: how long a producer is held up beside its own work; "
                                "scaling: what a rank holds and sends as their number grows")
                     ->check(CLI::IsMember({"overlap", "scaling"}));
  app.add_flag("--strided", words.strided,
               "The interior of a ghosted 3-D array in column-major order, also transposed")
      ->excludes(report);
  try {
    app.parse(argc, argv);
    complete(options, words, ranks);
    return std::nullopt;
  } catch (const CLI::ParseError& error) {
    if (rank == 0) app.exit(error);
    return error.get_exit_code() == 0 ? 0 : 2;
  }
}

std::string print_bytes(std::int64_t bytes)
{
  constexpr std::array<const char*, 4> units{"B", "KiB", "MiB", "GiB"};
  std::size_t unit = 0;
  auto value = static_cast<double>(bytes);
  for (; value >= 1024 && unit + 1 < units.size(); ++unit) value /= 1024;
  return fmt::format("{:.4g} {}", value, units[unit]);
}

}  // namespace bench
