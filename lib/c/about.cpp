// What this build is.

#include <cardan/cardan.h>
#include <cardan/archive.hpp>
#include <cardan/version.hpp>

#include <nlohmann/json.hpp>

const char* cardan_version(void)
{
  return cardan::version;
}

const char* cardan_configuration(void)
{
  static const std::string text = [] {
    nlohmann::ordered_json object;
    for (const auto& [name, value] : cardan::build_information()) object[name] = value;
    return object.dump(2);
  }();
  return text.c_str();
}
