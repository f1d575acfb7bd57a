#include "registry.hpp"

#include "config/beside.hpp"

#include <cardan/error.hpp>

#include <dlfcn.h>

#include <cstdlib>
#include <filesystem>
#include <map>

namespace cardan {

namespace {

Module& load(const std::string& name)
{
  const auto path = std::filesystem::path(module_folder()) / (name + ".so");
  // Never closed: Torch leaves threads and static objects behind that outlive any owner.
  void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr)
    throw Error{"cannot load the module '" + name + "'", dlerror(),
                "Build with -DCARDAN_TORCH=ON and -DCARDAN_BASELINES=ON (Debian: install "
                "libcardan-torch), or set CARDAN_MODULE_PATH to its folder."};
  const auto entry = reinterpret_cast<ModuleEntry>(dlsym(library, module_entry));
  if (entry == nullptr)
    throw Error{path.string() + " is no module of Cardan",
                std::string("it has no ") + module_entry};
  return *entry();
}

/// A library of one's own registers its networks when it is loaded.
void load_own(const Config& model)
{
  //= none | a shared library that registers networks of one's own
  const auto path = find_beside(model, model.get<std::string>("library"));
  if (dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL) == nullptr)
    throw model.error("library", dlerror(), "A relative path starts at the run file's folder.");
}

}  // namespace

std::string module_folder()
{
  if (const char* folder = std::getenv("CARDAN_MODULE_PATH"); folder != nullptr) return folder;
  Dl_info here{};
  if (dladdr(reinterpret_cast<const void*>(&module_for), &here) == 0 || here.dli_fname == nullptr)
    throw Error{"cannot find where Cardan's library lies", "dladdr failed",
                "Set CARDAN_MODULE_PATH."};
  return std::filesystem::weakly_canonical(here.dli_fname).parent_path() / "cardan";
}

std::string module_name(const Config& model)
{
  model.ask("kind");
  // Which kinds a library of one's own has is known when it is loaded.
  //= none | instead of a kind: one TorchScript file, or several as the members of an ensemble:
  //= [models-from-files.md](models-from-files.md)
  if (model.has("file") || model.has("library")) return "torch";
  //= the family of models, or a network of one's own: [models.md](models.md) lists them
  return module_of_kind(model.choice("kind", model_kinds(), "mlp"));
}

Module& module_for(const Config& model)
{
  static std::map<std::string, Module*> loaded;
  Module*& module = loaded[module_name(model)];
  if (module == nullptr) module = &load(module_name(model));
  if (model.has("library")) {
    load_own(model);
    static_cast<void>(model.choice("kind", model_kinds(), "mlp"));
  }
  return *module;
}

}  // namespace cardan
