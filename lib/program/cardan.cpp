// Which Cardan this is, for people and for programs.

#include "build_settings.hpp"
#include "registry.hpp"

#include <cardan/archive.hpp>
#include <cardan/version.hpp>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <exception>
#include <filesystem>
#include <iostream>
#include <string>

namespace {

using Json = nlohmann::ordered_json;

// Exit status 0 says that what was asked for was done.
constexpr int failed = 1;
constexpr int wrong_arguments = 2;

/// A part that lives in a module: was it built, and which file is it? That is null where it is
/// not installed.
Json module_feature(bool built, const std::string& name)
{
  Json feature{{"built", built}};
  const auto path = std::filesystem::path(cardan::module_folder()) / (name + ".so");
  feature["module"] = std::filesystem::exists(path) ? Json(path.string()) : Json();
  return feature;
}

Json describe()
{
  Json all;
  for (const auto& [name, value] : cardan::build_information()) {
    if (name == "cardan")
      all["version"] = value;
    else if (name == "git_commit")
      all["commit"] = value;
    else
      all[name] = value;
  }
  Json torch = module_feature(CARDAN_TORCH, "torch");
  if (CARDAN_TORCH) torch["version"] = cardan::build::torch_version;
  all["features"] = {{"torch", torch},
                     {"baselines", module_feature(CARDAN_BASELINES, "baselines")},
                     {"kokkos", Json{{"built", bool(CARDAN_KOKKOS)}}},
                     {"fortran", Json{{"built", bool(CARDAN_FORTRAN)}}}};
  all["modules"] = cardan::module_folder();
  return all;
}

int tell(const std::string& text)
{
  std::cout << text << std::endl;
  if (std::cout) return 0;
  std::cerr << "cardan: cannot write to standard output\n";
  return failed;
}

}  // namespace

int main(int argc, char** argv)
{
  CLI::App app{
      "Couples a running MPI simulation with machine learning. This program says which Cardan is\n"
      "installed; cardan-ml works beside a simulation."};
  app.name("cardan");
  bool version = false;
  bool json = false;
  auto* asks_version = app.add_flag("--version", version, "Print the version and exit");
  app.add_flag("--json", json, "With --version: all about this build, as JSON")
      ->needs(asks_version);
  try {
    app.parse(argc, argv);
    if (!version) {
      std::cerr << app.help();
      return wrong_arguments;
    }
    return tell(json ? describe().dump(2) : std::string("cardan ") + cardan::version);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : wrong_arguments;
  } catch (const std::exception& error) {
    std::cerr << "cardan: " << error.what() << "\n";
    return failed;
  }
}
