// A test has the library with all that is in it, and its modules are built for the one that is
// installed: the process has but one of them, and so one list of what is registered.

#include "registry.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <set>
#include <string>

namespace {

/// The files mapped into this process whose names have a text in them.
std::set<std::string> mapped(const std::string& text)
{
  std::set<std::string> files;
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);)
    if (line.find(text) != std::string::npos) files.insert(line.substr(line.find('/')));
  return files;
}

}  // namespace

TEST_CASE("a module and the program share one libcardan")
{
  CHECK(mapped("/baselines.so").empty());
  const auto config =
      cardan::Config::from_text("model = { kind = \"linear\" }", "run.toml").table("model");
  CHECK(!cardan::module_for(config).about().empty());
  CHECK(mapped("/baselines.so").size() == 1);
  const auto libraries = mapped("/libcardan.so");
  REQUIRE(libraries.size() == 1);
  CHECK(libraries.begin()->find("/lib/internal/libcardan.so") != std::string::npos);
}
