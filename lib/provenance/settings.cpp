#include "provenance/settings.hpp"

#include <cstdlib>
#include <string_view>

namespace cardan::provenance {

Settings read_settings(const Config& run_file)
{
  Settings settings;
  const Config run = run_file.table("run");
  const char* word = std::getenv("CARDAN_PROVENANCE");
  const bool wanted = word == nullptr || std::string_view{word} != "0";
  //= where run.json and the decision log go, relative to the working directory; made if missing
  settings.folder = run.get<std::string>("folder", settings.folder);
  //= true | whether the run leaves a run.json, an ro-crate-metadata.json and a decision log
  settings.provenance = run.get<bool>("provenance", wanted);
  //= "": none | a run's decisions.h5 (with answers): repeat that run, without ML ranks; `--replay`
  //= comes before it
  settings.replay = run.get<std::string>("replay", "");
  const Config decisions = run_file.table("decisions");
  //= true: as `[run] provenance` | whether every call of `predict`, and every decision that steers,
  //= leaves a record in decisions.h5 and decisions.jsonl
  settings.log = decisions.get<bool>("log", settings.provenance) && settings.provenance;
  //= whether the log also keeps the inputs and outputs of all samples, for a replay or a training,
  //= and the fields of decisions
  settings.answers = decisions.get<bool>("answers", settings.answers);
  //= steps after which records go from memory to the files
  settings.flush = decisions.get<std::int64_t>("flush", settings.flush);
  if (settings.folder.empty()) throw run.error("folder", "must not be empty");
  if (settings.flush < 1) throw decisions.error("flush", "must be positive");
  return settings;
}

}  // namespace cardan::provenance
