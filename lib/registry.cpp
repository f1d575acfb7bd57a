#include "registry.hpp"

#include <cardan/error.hpp>

#include <dlfcn.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <map>

namespace cardan {

namespace {

struct Entry {
  const char* kind;
  const char* module;
};
constexpr std::array<Entry, 4> kinds{
    {{"mlp", "torch"}, {"linear", "baselines"}, {"knn", "baselines"}, {"pod", "baselines"}}};

/// Modules stand in the folder `cardan` beside the library, in the build tree as after
/// installation.
std::filesystem::path module_path(const std::string& name)
{
  if (const char* folder = std::getenv("CARDAN_MODULE_PATH"); folder != nullptr)
    return std::filesystem::path(folder) / (name + ".so");
  Dl_info here{};
  if (dladdr(reinterpret_cast<const void*>(&module_of), &here) == 0 || here.dli_fname == nullptr)
    throw Error{"cannot find where Cardan's library lies", "dladdr failed",
                "Set CARDAN_MODULE_PATH."};
  return std::filesystem::weakly_canonical(here.dli_fname).parent_path() / "cardan" /
         (name + ".so");
}

Module& load(const std::string& name)
{
  const auto path = module_path(name);
  // Never closed: Torch leaves threads and static objects behind that outlive any owner.
  void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr)
    throw Error{"cannot load the module '" + name + "'", dlerror(),
                "Build with -DCARDAN_TORCH=ON and -DCARDAN_BASELINES=ON, or set CARDAN_MODULE_PATH "
                "to its folder."};
  const auto entry = reinterpret_cast<ModuleEntry>(dlsym(library, module_entry));
  if (entry == nullptr)
    throw Error{path.string() + " is no module of Cardan",
                std::string("it has no ") + module_entry};
  return *entry();
}

}  // namespace

std::vector<std::string> model_kinds()
{
  std::vector<std::string> names;
  names.reserve(kinds.size());
  for (const auto& entry : kinds) names.emplace_back(entry.kind);
  return names;
}

Module& module_of(const std::string& kind)
{
  static std::map<std::string, Module*> loaded;
  for (const auto& entry : kinds) {
    if (kind != entry.kind) continue;
    Module*& module = loaded[entry.module];
    if (module == nullptr) module = &load(entry.module);
    return *module;
  }
  throw Error{"no module has models of kind '" + kind + "'"};
}

}  // namespace cardan
