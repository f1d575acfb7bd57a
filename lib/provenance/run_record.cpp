#include "provenance/run_record.hpp"

#include "provenance/crate.hpp"
#include "provenance/files.hpp"
#include "provenance/surroundings.hpp"
#include "support/log.hpp"
#include "support/sha256.hpp"

#include <cardan/archive.hpp>

#include <nlohmann/json.hpp>

#include <filesystem>

namespace cardan::provenance {

using Json = nlohmann::ordered_json;

namespace {

/// Bytes that are no UTF-8 (a command line may have any) become the replacement character.
std::string dump(const Json& json)
{
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

Json ranks_of(const std::vector<RankPlace>& places)
{
  Json ranks = Json::array();
  for (std::size_t r = 0; r < places.size(); ++r)
    ranks.push_back({{"rank", r}, {"host", places[r].host}, {"role", places[r].role}});
  return ranks;
}

}  // namespace

RunRecord::RunRecord(const std::string& folder, const Run& run)
    : folder_(folder), json_(std::make_unique<Json>())
{
  Json& json = *json_;
  json["format"] = "cardan-run";
  json["version"] = 1;
  json["outcome"] = "running";
  json["start"] = now();
  json["end"] = nullptr;
  json["run_file"] = {{"name", run.run_file},
                      {"sha256", sha256(run.text.data(), run.text.size())},
                      {"text", run.text}};
  json["command"] = command_line();
  std::error_code ignored;
  json["working_directory"] = std::filesystem::current_path(ignored).string();
  json["environment"] = environment();
  Json build = Json::object();
  for (const auto& [key, value] : build_information()) build[key] = value;
  // `git describe --dirty` says so.
  const std::string commit = build.value("git_commit", "");
  constexpr std::string_view mark = "-dirty";
  const bool dirty = commit.size() > mark.size() &&
                     commit.compare(commit.size() - mark.size(), mark.size(), mark) == 0;
  json["git"] = {{"commit", dirty ? commit.substr(0, commit.size() - mark.size()) : commit},
                 {"dirty", dirty}};
  json["build"] = build;
  json["ml_library"] = nullptr;
  json["seed"] = run.seed;
  json["deterministic"] = run.deterministic;
  json["transport"] = run.transport;
  json["ranks"] = ranks_of(run.ranks);
  json["restarted_from"] = run.restart.empty() ? Json(nullptr) : Json(run.restart);
  json["replay"] = run.replay.empty() ? Json(nullptr) : Json(run.replay);
  json["checkpoints"] = Json::array();
  json["outputs"] = Json::array();
  std::filesystem::create_directories(folder_, ignored);
  if (!run.restart.empty()) {
    const std::string before = set_aside((std::filesystem::path(folder_) / "run.json").string());
    json["continues"] = before.empty() ? Json(nullptr) : Json(before);
  }
  write("run.json", dump(json));
}

RunRecord::RunRecord(const std::string& folder, const std::string& text)
    : folder_(folder), json_(std::make_unique<Json>(Json::parse(text)))
{}

RunRecord::~RunRecord() = default;

std::string RunRecord::text() const
{
  return dump(*json_);
}

void RunRecord::split(std::int64_t step, const std::vector<RankPlace>& ranks)
{
  (*json_)["splits"].push_back({{"step", step}, {"ranks", ranks_of(ranks)}});
}

void RunRecord::write(const std::string& name, const std::string& text)
{
  if (silent_) return;
  try {
    write_whole((std::filesystem::path(folder_) / name).string(), text);
  } catch (const std::exception& error) {
    log(error.what(), " The run goes on without it; [run] folder names another place.");
    silent_ = true;
  }
}

void RunRecord::ml_library(const std::string& library)
{
  if (!library.empty()) (*json_)["ml_library"] = library;
}

void RunRecord::checkpoint(const std::string& file)
{
  (*json_)["checkpoints"].push_back(file);
}

void RunRecord::output(const std::string& file)
{
  auto& outputs = (*json_)["outputs"];
  for (const auto& known : outputs)
    if (known == file) return;
  outputs.push_back(file);
}

void RunRecord::outcome(const std::string& outcome)
{
  if ((*json_)["outcome"] == "running") (*json_)["outcome"] = outcome;
}

void RunRecord::finish()
{
  if (finished_) return;
  finished_ = true;
  (*json_)["end"] = now();
  write("run.json", dump(*json_));
  if (silent_) return;
  try {
    write("ro-crate-metadata.json", dump(crate(folder_, *json_)));
  } catch (const std::exception& error) {
    log("no ro-crate-metadata.json was written: ", error.what());
  }
}

void record_failure(const std::string& folder, const std::string& message) noexcept
{
  try {
    const std::string path = (std::filesystem::path(folder) / "run.json").string();
    Json json = Json::parse(read_whole(path));
    if (json.at("outcome") != "running") return;
    json["outcome"] = "failed: " + message;
    json["end"] = now();
    write_whole(path, dump(json));
  } catch (const std::exception&) {
    // It stays as it is: `running`.
    return;
  }
}

}  // namespace cardan::provenance
