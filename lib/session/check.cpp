#include "session/check.hpp"

#include "config/beside.hpp"
#include "couplers/closure/settings.hpp"
#include "couplers/ensemble/settings.hpp"
#include "couplers/federation/settings.hpp"
#include "couplers/inverse/settings.hpp"
#include "couplers/pipeline/settings.hpp"
#include "couplers/reduction/settings.hpp"
#include "couplers/service/settings.hpp"
#include "couplers/steering/deciders.hpp"
#include "couplers/steering/settings.hpp"
#include "couplers/tuning/settings.hpp"
#include "couplers/twin/settings.hpp"
#include "kinds.hpp"
#include "provenance/settings.hpp"
#include "registry.hpp"
#include "session/axes.hpp"
#include "session/checkpoints.hpp"
#include "session/context.hpp"
#include "session/roles.hpp"

#include <cardan/config.hpp>
#include <cardan/error.hpp>

#include <fmt/format.h>

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>

namespace cardan {

namespace {

using Words = std::vector<std::string>;

class Check {
 public:
  explicit Check(const std::string& path) : file_(Config::from_file(path)) {}

  Findings run()
  {
    attempt(file_, {"run", "transport"}, [&] { static_cast<void>(read_run_settings(file_)); });
    attempt(file_, {"ranks"}, [&] { static_cast<void>(read_share(file_)); });
    attempt(file_, {"field"}, [&] { static_cast<void>(read_axes(file_)); });
    left_behind();
    surrogates();
    services();
    steering();
    ensembles();
    coupler("twin", twin::read_settings, twin::leave_to_others);
    coupler("reduction", reduction::read_settings, reduction::leave_to_others);
    coupler("federation", federation::read_settings, federation::leave_to_others);
    coupler("pipeline", pipeline::read_settings, pipeline::leave_to_others);
    coupler("inverse", inverse::read_settings, inverse::leave_to_others);
    coupler("tuning", tuning::read_settings, tuning::leave_to_others);
    leave_the_rest();
    for (const auto& error : file_.unknown()) found_.problems.emplace_back(error.what());
    return std::move(found_);
  }

 private:
  /// What `read` throws is a problem; nothing more is said of the keys of those tables then.
  template <class Read>
  bool attempt(const Config& parent, const Words& tables, Read&& read)
  {
    try {
      read();
      return true;
    } catch (const std::exception& error) {
      problem(error.what());
      for (const auto& table : tables) parent.ask_all(table);
      return false;
    }
  }

  void problem(const std::string& text)
  {
    if (std::find(found_.problems.begin(), found_.problems.end(), text) == found_.problems.end())
      found_.problems.push_back(text);
  }
  void note(const std::string& text) { found_.notes.push_back(file_.name() + ": " + text); }

  /// Folders are made where they are missing.
  void left_behind()
  {
    std::filesystem::path folder{"."};
    attempt(file_, {"run", "decisions"}, [&] {
      const auto settings = provenance::read_settings(file_);
      folder = settings.folder;
      if (settings.provenance) expect_folder(file_.table("run"), "folder", folder / "run.json");
    });
    attempt(file_, {"checkpoint"}, [&] {
      const auto settings = read_checkpoint_settings(file_);
      if (settings.file.empty()) return;
      const Config table = file_.table("checkpoint");
      expect_folder(table, "file", folder / settings.file);
      if (!settings.restart.empty() && settings.restart != "latest")
        expect_file(table, "restart", settings.restart);
    });
  }

  void surrogates()
  {
    Words names;
    if (!attempt(file_, {"surrogate"}, [&] { names = closure::surrogate_names(file_); })) return;
    for (const auto& name : names) surrogate(name);
    Words trained;
    if (!attempt(file_, {"training"}, [&] { trained = file_.table("training").keys(); })) return;
    Words others;
    for (const char* family :
         {"ensemble", "twin", "reduction", "federation", "pipeline", "inverse", "tuning"})
      attempt(file_, {family}, [&] {
        for (const auto& name : file_.table(family).keys()) others.push_back(name);
      });
    for (const auto& name : trained)
      if (std::find(names.begin(), names.end(), name) == names.end() &&
          std::find(others.begin(), others.end(), name) == others.end()) {
        const std::string near = nearest(name, names);
        problem(fmt::format(
            "{}: [training.{}] is of no surrogate ({}){}", file_.name(), name,
            names.empty() ? "there are none" : fmt::format("known: {}", fmt::join(names, ", ")),
            near.empty() ? "" : fmt::format(" Did you mean '{}'?", near)));
        file_.table("training").ask_all(name);
      }
  }

  void surrogate(const std::string& name)
  {
    const Config tables = file_.table("surrogate");
    attempt(tables, {name}, [&] {
      static_cast<void>(closure::read_surrogate(file_, name));
      model(tables.table(name).table("model"), fmt::format("surrogate.{}.model", name));
    });
    const Config training = file_.table("training");
    attempt(training, {name}, [&] {
      const auto settings = closure::read_training(file_, name);
      const Config table = training.table(name);
      if (settings.offline) expect_file(table.table("offline"), "file", settings.offline->file);
      if (!settings.save.empty()) expect_folder(table, "save", settings.save);
      Words left;
      for (const char* key : {"loss", "delta", "last_layer", "optimizer"})
        if (table.has(key)) left.emplace_back(key);
      if (!left.empty())
        note(fmt::format("not checked: {} of [training.{}], which the model's module reads",
                         fmt::join(left, ", "), name));
    });
    closure::leave_to_module(file_, name);
  }

  /// What a `model` table says of files; its other keys are its module's.
  void model(const Config& table, const std::string& path)
  {
    const std::string module = module_name(table);
    if (table.has("library")) expect_file(table, "library", table.get<std::string>("library"));
    if (table.has("file"))
      for (const auto& each : table.get<Words>("file")) expect_file(table, "file", each);
    Words left = table.keys();
    left.erase(std::remove_if(left.begin(), left.end(),
                              [](const auto& key) {
                                return key == "kind" || key == "file" || key == "library";
                              }),
               left.end());
    if (!left.empty())
      note(fmt::format("not checked: {} of [{}], which the module '{}' reads",
                       fmt::join(left, ", "), path, module));
  }

  void services()
  {
    Words names;
    if (!attempt(file_, {"service"}, [&] { names = service::service_names(file_); })) return;
    const Config tables = file_.table("service");
    for (const auto& name : names) {
      attempt(tables, {name}, [&] {
        const auto settings = service::read_service(file_, name);
        const Config table = tables.table(name);
        if (table.has("model")) model(table.table("model"), fmt::format("service.{}.model", name));
        kind({"noop", "reduce", "model"}, settings.kind, "service." + name);
        if (table.has("options"))
          note(fmt::format("not checked: [service.{}.options], which the service reads", name));
      });
      service::leave_to_handler(file_, name);
    }
  }

  void steering()
  {
    Words names;
    if (!attempt(file_, {"steering"}, [&] { names = steering::steering_names(file_); })) return;
    const Config tables = file_.table("steering");
    for (const auto& name : names) {
      attempt(tables, {name}, [&] {
        const auto settings = steering::read_steering(file_, name);
        const Config table = tables.table(name);
        if (table.has("model")) model(table.table("model"), fmt::format("steering.{}.model", name));
        kind(steering::own_kinds(), settings.kind, "steering." + name);
        if (table.has("options"))
          note(fmt::format("not checked: [steering.{}.options], which the decider reads", name));
        if (table.has("default"))
          note(fmt::format(
              "not checked: [steering.{}.default], which needs the simulation's fields", name));
      });
      steering::leave_to_decider(file_, name);
    }
  }

  /// The couplers that read and leave their tables alike.
  template <class Read, class Leave>
  void coupler(const char* family, const Read& read, const Leave& leave)
  {
    Words names;
    if (!attempt(file_, {family}, [&] { names = file_.table(family).keys(); })) return;
    const Config tables = file_.table(family);
    for (const auto& name : names) {
      attempt(tables, {name}, [&] {
        static_cast<void>(read(file_, name));
        const Config table = tables.table(name);
        if (table.has("model"))
          model(table.table("model"), fmt::format("{}.{}.model", family, name));
      });
      leave(file_, name);
    }
  }

  void ensembles()
  {
    Words names;
    if (!attempt(file_, {"ensemble"}, [&] { names = ensemble::ensemble_names(file_); })) return;
    const Config tables = file_.table("ensemble");
    for (const auto& name : names) {
      attempt(tables, {name}, [&] {
        const auto settings = ensemble::read_ensemble(file_, name);
        const Config table = tables.table(name);
        if (settings.has_model) model(table.table("model"), fmt::format("ensemble.{}.model", name));
      });
      ensemble::leave_to_module(file_, name);
    }
  }

  /// A kind that is not one of Cardan's own may be registered by the program.
  void kind(const Words& known, const std::string& kind, const std::string& table)
  {
    if (std::find(known.begin(), known.end(), kind) != known.end()) return;
    const std::string near = nearest(kind, known);
    note(
        fmt::format("not checked: kind \"{}\" of [{}], which the program of the ML ranks must "
                    "register{}",
                    kind, table, near.empty() ? "" : fmt::format("; or is \"{}\" meant?", near)));
  }

  void leave_the_rest()
  {
    const Words known{"run",      "ranks",    "transport", "field",      "surrogate", "training",
                      "service",  "steering", "ensemble",  "twin",       "reduction", "federation",
                      "pipeline", "inverse",  "tuning",    "checkpoint", "decisions"};
    for (const auto& key : file_.keys()) {
      if (std::find(known.begin(), known.end(), key) != known.end()) continue;
      // A long word that is nearly one of Cardan's is a slip; a short one may be anything.
      constexpr std::size_t long_word = 7;
      if (key.size() >= long_word && key != "source" && !nearest(key, known).empty()) continue;
      note(fmt::format("not checked: [{}], which {}", key,
                       key == "source" ? "cardan-play reads" : "is the simulation's own"));
      file_.ask_all(key);
    }
  }

  void expect_file(const Config& table, const std::string& key, const std::string& path)
  {
    const std::string found = find_beside(table, path);
    if (access(found.c_str(), R_OK) != 0)
      problem(table
                  .error(key, std::error_code(errno, std::generic_category()).message(),
                         "A relative path starts at the run file's folder.")
                  .what());
  }

  /// That a file can be written, or its folder be made.
  void expect_folder(const Config& table, const std::string& key, const std::filesystem::path& path)
  {
    auto folder = std::filesystem::absolute(path).parent_path();
    std::error_code code;
    while (key != "save" && !std::filesystem::exists(folder, code) && folder.has_relative_path())
      folder = folder.parent_path();
    if (access(folder.c_str(), W_OK | X_OK) == 0) return;
    const std::string reason = std::error_code(errno, std::generic_category()).message();
    problem(table.error(key, fmt::format("'{}': {}", folder.string(), reason)).what());
  }

  Config file_;
  Findings found_;
};

}  // namespace

Findings check_run_file(const std::string& path)
{
  return Check{path}.run();
}

}  // namespace cardan
