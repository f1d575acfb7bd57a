#include "session/checkpoints.hpp"

#include <cardan/error.hpp>

#include <filesystem>

namespace cardan {

namespace {

double seconds(const Config& table, const std::string& key, Seconds value)
{
  if (value.value < 0) throw table.error(key, "must not be negative");
  return value.value;
}

//= [checkpoint.fields.NAME]
checkpoint::Storage read_storage(const Config& table)
{
  checkpoint::Storage storage;
  //= 0: not compressed | level of deflate, 1 to 9, behind a shuffle of bytes. What is compressed is
  //= written by all simulation ranks together, before the step goes on
  storage.deflate = static_cast<int>(table.get<std::int64_t>("deflate", 0));
  if (storage.deflate < 0 || storage.deflate > 9) throw table.error("deflate", "must be 0 to 9");
  //= 0: exact | floating-point values are rounded, none by more than this, so that they compress;
  //= the bound is recorded in the file
  storage.error_bound = table.get<double>("error_bound", 0);
  if (!(storage.error_bound >= 0)) throw table.error("error_bound", "must not be negative");
  return storage;
}

}  // namespace

CheckpointSettings read_checkpoint_settings(const Config& run_file)
{
  CheckpointSettings settings;
  if (!run_file.has("checkpoint")) return settings;
  const Config table = run_file.table("checkpoint");
  //= `"reactor.h5"` names `reactor.000001.h5`, `reactor.000002.h5`, ...; a link of that
  //= name leads to the newest. Relative to `[run] folder`
  settings.file = table.get<std::string>("file");
  const std::filesystem::path path{settings.file};
  if (path.stem().empty() || path.extension().empty())
    throw table.error("file", "must be a name with an ending, such as reactor.h5");
  //= 0: not by steps | a checkpoint after so many steps
  settings.every = table.get<std::int64_t>("every", 0);
  if (settings.every < 0) throw table.error("every", "must not be negative");
  //= 0: not by time | a checkpoint when so much time has passed since the last
  settings.interval = seconds(table, "interval", table.get<Seconds>("interval", Seconds{0}));
  //= 0: none | the run's time: after it comes a checkpoint, and the end
  settings.limit = seconds(table, "limit", table.get<Seconds>("limit", Seconds{0}));
  //= how many files are kept
  settings.keep = static_cast<int>(table.get<std::int64_t>("keep", 2));
  if (settings.keep < 1) throw table.error("keep", "must be positive");
  //= copy, go on, and write in the background; false: wait until the file is whole
  settings.async = table.get<bool>("async", true);
  //= a checkpoint also after the last step of a loop
  settings.at_end = table.get<bool>("at_end", true);
  //= {}: none | signals that lead to a checkpoint and a clean end: `["SIGTERM", "SIGUSR1"]`
  for (const auto& name : table.get<std::vector<std::string>>("signals", {})) {
    const int number = Signals::number_of(name);
    if (number == 0)
      throw table.error("signals", "'" + name + "' is not known",
                        "Known: SIGTERM, SIGUSR1, SIGUSR2, SIGINT, SIGHUP.");
    settings.signals.push_back(number);
  }
  //= "": none | go on from a checkpoint: its file, or `"latest"` of `file`; `--restart` takes its
  //= place
  settings.restart = table.get<std::string>("restart", "");
  const Config fields = table.table("fields");
  for (const auto& name : fields.keys()) settings.fields[name] = read_storage(fields.table(name));
  return settings;
}

}  // namespace cardan
