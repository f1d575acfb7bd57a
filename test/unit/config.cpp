#include <cardan/config.hpp>

#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

using cardan::Config;
using cardan::Seconds;

namespace {

Config config(const std::string& text)
{
  return Config::from_text(text, "reactor.toml");
}

/// What `work` throws; its message, or nothing.
template <class Work>
std::string message(Work&& work)
{
  try {
    work();
  } catch (const cardan::Error& error) {
    return error.what();
  }
  return "";
}

/// The message of a key that is read as a T.
template <class T>
std::string refusal(const std::string& line)
{
  const Config run = config("\n" + line);
  return message([&] { (void)run.get<T>(line.substr(0, line.find(' '))); });
}

double seconds(const std::string& value)
{
  return config("t = " + value).get<Seconds>("t").value;
}

}  // namespace

TEST_CASE("values are read by their types")
{
  const Config run = config(R"(
    flag = true
    cells = 64
    many = 5000000000
    rate = 1e-3
    whole = 3
    name = "kinetics"
    shape = [64, 32]
    factors = [1, 2.5]
    words = ["a", "b"]
    none = []
  )");
  CHECK(run.get<bool>("flag"));
  CHECK(run.get<int>("cells") == 64);
  CHECK(run.get<std::int64_t>("many") == 5000000000);
  CHECK(run.get<double>("rate") == 1e-3);
  CHECK(run.get<double>("whole") == 3);
  CHECK(run.get<std::string>("name") == "kinetics");
  CHECK(run.get<std::vector<std::int64_t>>("shape") == std::vector<std::int64_t>{64, 32});
  CHECK(run.get<std::vector<double>>("factors") == std::vector<double>{1, 2.5});
  CHECK(run.get<std::vector<std::string>>("words") == std::vector<std::string>{"a", "b"});
  CHECK(run.get<std::vector<std::string>>("none").empty());
  run.reject_unknown();
}

TEST_CASE("a single value is a list of one")
{
  const Config run = config("shape = 64\nwords = 'a'");
  CHECK(run.get<std::vector<std::int64_t>>("shape") == std::vector<std::int64_t>{64});
  CHECK(run.get<std::vector<double>>("shape") == std::vector<double>{64});
  CHECK(run.get<std::vector<std::string>>("words") == std::vector<std::string>{"a"});
}

TEST_CASE("a missing key has its fallback, in a missing table too")
{
  const Config run = config("cells = 64");
  CHECK(run.get<int>("cells", 1) == 64);
  CHECK(run.get<int>("steps", 7) == 7);
  CHECK(run.table("training").table("kinetics").get<double>("rate", 0.5) == 0.5);
  CHECK(Config().get<std::string>("name", "nobody") == "nobody");
  CHECK(Config().table("ranks").get<Seconds>("deadline", Seconds{3}).value == 3);
  CHECK(Config().keys().empty());
  CHECK_FALSE(Config().has("name"));
}

TEST_CASE("time spans have units")
{
  CHECK(seconds("'5 ms'") == doctest::Approx(5e-3));
  CHECK(seconds("'200 us'") == doctest::Approx(2e-4));
  CHECK(seconds("'200us'") == doctest::Approx(2e-4));
  CHECK(seconds("'1 ns'") == doctest::Approx(1e-9));
  CHECK(seconds("'2 s'") == 2);
  CHECK(seconds("'1.5 min'") == 90);
  CHECK(seconds("'1 h'") == 3600);
  CHECK(seconds("2") == 2);
  CHECK(seconds("0.25") == 0.25);

  const std::string reason =
      " (must be a positive time: a number of seconds, or such as \"5 ms\"; "
      "units are ns, us, ms, s, min, h)";
  CHECK(refusal<Seconds>("late = \"5 parsecs\"") ==
        "reactor.toml:2: late = \"5 parsecs\"" + reason);
  CHECK(refusal<Seconds>("late = -1.0") == "reactor.toml:2: late = -1.0" + reason);
  for (const std::string bad : {"0", "nan", "inf", "'inf s'", "'nan s'", "'1e308 h'", "'-5 ms'",
                                "'5'", "''", "'ms'", "'5 ms s'", "true", "[1]"}) {
    CAPTURE(bad);
    CHECK(refusal<Seconds>("late = " + bad).find(reason) != std::string::npos);
  }
}

TEST_CASE("a value of another type is refused with its line")
{
  CHECK(refusal<int>("cells = \"four\"") ==
        "reactor.toml:2: cells = \"four\" (must be an integer)");
  CHECK(refusal<int>("cells = 4.0") == "reactor.toml:2: cells = 4.0 (must be an integer)");
  CHECK(refusal<int>("cells = true") == "reactor.toml:2: cells = true (must be an integer)");
  CHECK(refusal<int>("cells = 3000000000") ==
        "reactor.toml:2: cells = 3000000000 (must be an integer from -2147483648 to 2147483647)");
  CHECK(refusal<std::int64_t>("cells = 4.5") == "reactor.toml:2: cells = 4.5 (must be an integer)");
  CHECK(refusal<double>("rate = 'fast'") == "reactor.toml:2: rate = \"fast\" (must be a number)");
  CHECK(refusal<bool>("flag = 1") == "reactor.toml:2: flag = 1 (must be true or false)");
  CHECK(refusal<std::string>("name = 1") == "reactor.toml:2: name = 1 (must be a string)");
  CHECK(refusal<std::string>("name = { a = 1 }") ==
        "reactor.toml:2: name = { ... } (must be a string)");
  CHECK(refusal<std::vector<std::int64_t>>("shape = [ 64, 1.5 ]") ==
        "reactor.toml:2: shape = [ 64, 1.5 ] (element 2 must be an integer)");
  CHECK(refusal<std::vector<std::string>>("words = 1") ==
        "reactor.toml:2: words = 1 (must be a string)");
  const std::string cut = refusal<int>("cells = \"" + std::string(500, 'x') + "\"");
  CHECK(cut.find("xxx ... (must be an integer)") != std::string::npos);
  CHECK(cut.size() < 120);
}

TEST_CASE("a table is not a value, and a value no table")
{
  const Config run = config("training = 5\n[model]\nkind = 'mlp'");
  CHECK(message([&] { (void)run.table("training"); }) ==
        "reactor.toml:1: training = 5 (must be a table)");
  CHECK(message([&] { (void)run.get<int>("model"); }) ==
        "reactor.toml:2: model = { ... } (must be an integer)");
}

TEST_CASE("a missing key without a fallback is an error")
{
  const Config run = config("steps = 1\n\n[checkpoint]\nevrey = 100");
  CHECK(message([&] { (void)run.get<int>("cells"); }) ==
        "reactor.toml: missing key 'cells' at the top level (it has no default)");
  CHECK(message([&] { (void)run.table("checkpoint").get<std::string>("file"); }) ==
        "reactor.toml:3: missing key 'file' in [checkpoint] (it has no default)");
  CHECK(message([&] { (void)run.table("checkpoint").get<int>("every"); }) ==
        "reactor.toml:3: missing key 'every' in [checkpoint] (it has no default). "
        "Is 'evrey' meant to be it?");
  CHECK(message([&] { (void)run.table("reactor").table("grid").get<int>("n"); }) ==
        "reactor.toml: missing key 'n' in [reactor.grid] (it has no default)");
  CHECK(message([&] { (void)Config().get<int>("n"); }) ==
        "run file: missing key 'n' at the top level (it has no default)");
}

TEST_CASE("an unknown key is an error with its line and the nearest known one")
{
  const Config run = config(R"([training.kinetics]
batch = 32
bufer = "reservoir"
)");
  const Config kinetics = run.table("training").table("kinetics");
  CHECK(kinetics.get<int>("batch", 16) == 32);
  CHECK(kinetics.get<std::string>("buffer", "all") == "all");
  kinetics.ask("loss");
  const std::string expected =
      "reactor.toml:3: unknown key 'bufer' in [training.kinetics] (known: batch, buffer, loss). "
      "Did you mean 'buffer'?";
  CHECK(message([&] { run.reject_unknown(); }) == expected);
  CHECK(message([&] { kinetics.reject_unknown(); }) == expected);
}

TEST_CASE("an unknown key that is near nothing has no suggestion")
{
  const Config run = config("zebra = 1\n");
  (void)run.get<int>("steps", 1);
  CHECK(message([&] { run.reject_unknown(); }) ==
        "reactor.toml:1: unknown key 'zebra' at the top level (known: steps)");
  const Config empty = config("zebra = 1\n");
  CHECK(message([&] { empty.reject_unknown(); }) ==
        "reactor.toml:1: unknown key 'zebra' at the top level (known: none)");
}

TEST_CASE("an unknown table is told as a table")
{
  const Config run = config("[ranks]\nml = 1\n\n[trainin.kinetics]\nbatch = 32\n");
  run.ask_all("ranks");
  (void)run.table("training");
  CHECK(message([&] { run.reject_unknown(); }) ==
        "reactor.toml:4: unknown table [trainin] (known: ranks, training). "
        "Did you mean 'training'?");

  const Config below =
      config("[surrogate.kinetics]\nplace = 'ml'\n[surrogate.kinetics.trst]\na = 1\n");
  const Config kinetics = below.table("surrogate").table("kinetics");
  (void)kinetics.get<std::string>("place");
  (void)kinetics.table("trust");
  CHECK(message([&] { below.reject_unknown(); }) ==
        "reactor.toml:3: unknown table [surrogate.kinetics.trst] (known: place, trust). "
        "Did you mean 'trust'?");
}

TEST_CASE("the first unknown key of the file is told first, whatever was asked first")
{
  const Config run = config("[b]\nx = 1\n[a]\ny = 1\n[b.c]\nz = 1\n");
  const Config b = run.table("b");
  (void)run.table("a");
  (void)b.get<int>("x");
  (void)b.table("c");
  CHECK(message([&] { run.reject_unknown(); }) ==
        "reactor.toml:4: unknown key 'y' in [a] (known: none)");
}

TEST_CASE("keys below a table are known only when they are asked for")
{
  const Config run = config("model = { kind = 'mlp', hidden = [64, 64] }\n");
  run.ask("model");
  CHECK(message([&] { run.reject_unknown(); }) ==
        "reactor.toml:1: unknown key 'kind' in [model] (known: none)");
  CHECK(run.table("model").get<std::string>("kind") == "mlp");
  CHECK(message([&] { run.reject_unknown(); }) ==
        "reactor.toml:1: unknown key 'hidden' in [model] (known: kind)");
  run.ask_all("model");
  run.reject_unknown();
}

TEST_CASE("copies and repeated tables share what was asked")
{
  const Config run = config("[grid]\nrows = 1\ncolumns = 2\n");
  Config copy = Config();
  copy = run;
  CHECK(copy.table("grid").get<int>("rows") == 1);
  CHECK(run.table("grid").has("columns"));
  run.reject_unknown();
}

TEST_CASE("keys stand in the file's order")
{
  const Config run = config("[surrogate.kinetics]\na = 1\n[surrogate.closure]\na = 1\n");
  CHECK(run.table("surrogate").keys() == std::vector<std::string>{"kinetics", "closure"});
}

TEST_CASE("a choice is one of a list")
{
  const Config run = config("coupler = 'closur'\n[surrogate.k]\nlate = 'wait'\nplace = 'mm'\n");
  CHECK(message([&] {
          (void)run.choice("coupler", {"closure", "ensemble"}, "closure");
        }) ==
        "reactor.toml:1: unknown coupler 'closur' (known: closure, ensemble). "
        "Did you mean 'closure'?");
  const Config k = run.table("surrogate").table("k");
  CHECK(k.choice("late", {"solver", "wait", "last"}, "solver") == "wait");
  CHECK(k.choice("trust", {"ensemble", "always"}, "always") == "always");
  CHECK(message([&] {
          (void)k.choice("place", {"ml", "inside"}, "ml");
        }) ==
        "reactor.toml:4: unknown place 'mm' in [surrogate.k] (known: ml, inside). "
        "Did you mean 'ml'?");
  CHECK(message([&] { (void)run.choice("surrogate", {"a"}, "a"); }) ==
        "reactor.toml:2: surrogate = { ... } (must be a string)");
}

TEST_CASE("an error about a value shows its line, value, reason and remedy")
{
  const Config run = config("\n\n[grid]\ncells = -4\n");
  const Config grid = run.table("grid");
  CHECK(std::string(grid.error("cells", "must be positive").what()) ==
        "reactor.toml:4: cells = -4 (must be positive)");
  CHECK(std::string(grid.error("cells", "must be positive", "Try 4.").what()) ==
        "reactor.toml:4: cells = -4 (must be positive). Try 4.");
  CHECK(std::string(grid.error("rows", "the file has none").what()) ==
        "reactor.toml: key 'rows' is missing in [grid] (the file has none)");
}

TEST_CASE("what is not TOML is refused with its line")
{
  const std::string syntax = message([] { config("a = 1\nb = \n"); });
  CHECK(syntax.find("reactor.toml:2: not valid TOML (column ") == 0);
  const std::string twice = message([] { config("a = 1\n\na = 2\n"); });
  CHECK(twice.find("reactor.toml:3: not valid TOML (column ") == 0);
  CHECK(message([] { config("a = 'open\n"); }).find("reactor.toml:1: not valid TOML") == 0);
  CHECK(message([] { config("a = '\xff\xfe'\n"); }).find("reactor.toml:1: not valid TOML") == 0);
}

TEST_CASE("a file is read; one that is missing is an error with the remedy")
{
  namespace fs = std::filesystem;
  const fs::path folder =
      fs::temp_directory_path() / ("cardan-config-" + std::to_string(::getpid()));
  fs::create_directories(folder);
  const std::string path = (folder / "run.toml").string();
  const std::string text = "# a comment\ncells = 64\n";
  std::ofstream(path) << text;
  const Config run = Config::from_file(path);
  CHECK(run.get<int>("cells") == 64);
  CHECK(run.text() == text);
  CHECK(run.name() == path);

  const std::string remedy =
      ". Give its path as the program's first argument, or start in its folder.";
  CHECK(message([] { (void)Config::from_file("x.toml"); }) ==
        "cannot read run file 'x.toml' (No such file or directory)" + remedy);
  CHECK(message([&] { (void)Config::from_file(folder.string()); }) ==
        "cannot read run file '" + folder.string() + "' (Is a directory)" + remedy);
  fs::remove_all(folder);
}

TEST_CASE("the nearest word")
{
  CHECK(cardan::nearest("captial", {"batch", "capital"}) == "capital");
  CHECK(cardan::nearest("zebra", {"batch", "capital"}).empty());
  CHECK(cardan::nearest("a", {}).empty());
}
