// What this build is.

#include "build_settings.hpp"
#include "registry.hpp"

#include <cardan/cardan.h>
#include <cardan/archive.hpp>
#include <cardan/version.hpp>

#include <nlohmann/json.hpp>

#include <filesystem>
#include <string>

namespace cardan {

namespace {

using Json = nlohmann::ordered_json;

/// A part that lives in a module: was it built, and which file is it? That is null where it is
/// not installed.
Json module_feature(bool built, const std::string& name)
{
  Json feature{{"built", built}};
  const auto path = std::filesystem::path(module_folder()) / (name + ".so");
  feature["module"] = std::filesystem::exists(path) ? Json(path.string()) : Json();
  return feature;
}

Json describe()
{
  Json all;
  for (const auto& [name, value] : build_information()) {
    if (name == "cardan")
      all["version"] = value;
    else if (name == "git_commit")
      all["commit"] = value;
    else
      all[name] = value;
  }
  Json torch = module_feature(CARDAN_TORCH, "torch");
  if (CARDAN_TORCH) torch["version"] = build::torch_version;
  all["features"] = {{"torch", torch},
                     {"baselines", module_feature(CARDAN_BASELINES, "baselines")},
                     {"kokkos", Json{{"built", bool(CARDAN_KOKKOS)}}},
                     {"fortran", Json{{"built", bool(CARDAN_FORTRAN)}}}};
  all["modules"] = module_folder();
  return all;
}

}  // namespace

}  // namespace cardan

const char* cardan_version(void)
{
  return cardan::version;
}

const char* cardan_configuration(void)
{
  try {
    static const std::string text = cardan::describe().dump(2);
    return text.c_str();
  } catch (...) {
    return "{}";
  }
}
