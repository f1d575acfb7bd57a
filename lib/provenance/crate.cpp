#include "provenance/crate.hpp"

#include "provenance/files.hpp"

#include <cardan/version.hpp>

#include <nlohmann/json.hpp>

#include <array>
#include <filesystem>
#include <string_view>
#include <vector>

namespace cardan::provenance {

namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr std::array profiles = {"https://w3id.org/ro/wfrun/process/0.5",
                                 "https://w3id.org/ro/wfrun/workflow/0.5",
                                 "https://w3id.org/workflowhub/workflow-ro-crate/1.0"};

Json reference(const std::string& id)
{
  return {{"@id", id}};
}

/// An identifier has no letters that a URI has not.
std::string encoded(const std::string& path)
{
  constexpr std::string_view plain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/+,=@";
  std::string text;
  for (const char letter : path) {
    if (plain.find(letter) != std::string_view::npos) {
      text += letter;
      continue;
    }
    const auto byte = static_cast<unsigned char>(letter);
    text += '%';
    text += "0123456789ABCDEF"[byte >> 4];
    text += "0123456789ABCDEF"[byte & 15];
  }
  return text;
}

/// What a file is called in the crate: its path from the folder, or, where it is outside, a URI.
std::string identifier(const fs::path& folder, const fs::path& file)
{
  const fs::path whole = fs::weakly_canonical(fs::absolute(file));
  const fs::path below = whole.lexically_relative(fs::weakly_canonical(fs::absolute(folder)));
  if (!below.empty() && *below.begin() != "..") return encoded(below.generic_string());
  return "file://" + encoded(whole.generic_string());
}

std::string media_type(const fs::path& file)
{
  const std::string ending = file.extension().string();
  if (ending == ".json") return "application/json";
  if (ending == ".jsonl") return "application/jsonl";
  if (ending == ".h5") return "application/x-hdf5";
  if (ending == ".toml") return "application/toml";
  if (ending == ".png") return "image/png";
  return "application/octet-stream";
}

Json file_entity(const std::string& id, const fs::path& file, const std::string& name)
{
  Json entity{{"@id", id}, {"@type", "File"}, {"name", name}, {"encodingFormat", media_type(file)}};
  std::error_code code;
  const auto size = fs::file_size(file, code);
  if (!code) entity["contentSize"] = std::to_string(size);
  return entity;
}

/// The run file as it lies in the folder; copied there, under a name of its own, where it does not.
fs::path run_file_in(const fs::path& folder, const Json& run)
{
  const fs::path name = fs::path(run["run_file"]["name"].get<std::string>()).filename();
  const auto text = run["run_file"]["text"].get<std::string>();
  fs::path place = folder / name;
  if (fs::exists(place) && read_whole(place.string()) != text)
    place =
        folder / (run["run_file"]["sha256"].get<std::string>().substr(0, 8) + "-" + name.string());
  if (!fs::exists(place)) write_whole(place.string(), text);
  return place;
}

Json software(const Json& run)
{
  const auto& command = run["command"];
  const std::string program = command.empty() ? "" : command[0].get<std::string>();
  const std::string name = program.empty() ? "simulation" : fs::path(program).filename().string();
  return {{"@id", "#program"},
          {"@type", "SoftwareApplication"},
          {"name", name},
          {"description", "The simulation's program, which is linked with Cardan."},
          {"softwareRequirements", reference("#cardan")}};
}

Json cardan_entity(const Json& run)
{
  return {
      {"@id", "#cardan"},
      {"@type", "SoftwareApplication"},
      {"name", "Cardan"},
      {"description", "The library that coupled simulation and model."},
      {"softwareVersion", std::string(version) + " (" + run["git"]["commit"].get<std::string>() +
                              (run["git"]["dirty"].get<bool>() ? ", changed" : "") + ")"}};
}

}  // namespace

Json crate(const std::string& folder_name, const Json& run)
{
  const fs::path folder = folder_name;
  const fs::path workflow_file = run_file_in(folder, run);
  const std::string workflow = identifier(folder, workflow_file);
  const auto outcome = run["outcome"].get<std::string>();
  const bool failed = outcome.rfind("failed", 0) == 0;

  std::vector<Json> files;
  Json parts = Json::array({reference(workflow)});
  Json results = Json::array();
  const auto add = [&](const fs::path& file, const std::string& name, Json& list) {
    std::error_code code;
    if (!fs::exists(file, code)) return;
    const std::string id = identifier(folder, file);
    files.push_back(file_entity(id, file, name));
    parts.push_back(reference(id));
    list.push_back(reference(id));
  };
  add(folder / "run.json", "What the run was, and how it ended", results);
  for (const auto& file : run["outputs"])
    add(file.get<std::string>(), "Output of the run", results);
  for (const auto& file : run["checkpoints"]) add(file.get<std::string>(), "Checkpoint", results);
  Json objects = Json::array({reference(workflow)});
  for (const char* key : {"restarted_from", "replay"})
    if (run[key].is_string())
      add(run[key].get<std::string>(),
          key == std::string_view{"replay"} ? "Decisions that were replayed"
                                            : "Checkpoint that the run went on from",
          objects);

  Json action{{"@id", "#run"},
              {"@type", "CreateAction"},
              {"name", "Run of " + workflow_file.filename().string()},
              {"instrument", reference(workflow)},
              {"object", objects},
              {"result", results},
              {"startTime", run["start"]},
              {"endTime", run["end"]},
              {"actionStatus", failed ? "http://schema.org/FailedActionStatus"
                                      : "http://schema.org/CompletedActionStatus"}};
  if (failed) action["error"] = outcome;
  if (!failed && outcome != "completed") action["description"] = outcome;

  Json entity_of_workflow = file_entity(workflow, workflow_file, "Run file");
  entity_of_workflow["@type"] = {"File", "SoftwareSourceCode", "ComputationalWorkflow"};
  entity_of_workflow["programmingLanguage"] = reference("#run-file");
  entity_of_workflow["softwareRequirements"] = reference("#program");
  entity_of_workflow["sha256"] = run["run_file"]["sha256"];

  Json conforms = Json::array();
  for (const auto* profile : profiles) conforms.push_back(reference(profile));
  Json graph = Json::array();
  graph.push_back({{"@id", "ro-crate-metadata.json"},
                   {"@type", "CreativeWork"},
                   {"about", reference("./")},
                   {"conformsTo",
                    {reference("https://w3id.org/ro/crate/1.1"),
                     reference("https://w3id.org/workflowhub/workflow-ro-crate/1.0")}}});
  graph.push_back({{"@id", "./"},
                   {"@type", "Dataset"},
                   {"name", "A coupled run of " + workflow_file.filename().string()},
                   {"description",
                    "What a simulation coupled with Cardan left behind: run.json says what it was, "
                    "the other files what came of it."},
                   {"datePublished", run["end"]},
                   {"license", "None is stated."},
                   {"conformsTo", conforms},
                   {"hasPart", parts},
                   {"mainEntity", reference(workflow)},
                   {"mentions", Json::array({reference("#run")})}});
  graph.push_back(action);
  graph.push_back(entity_of_workflow);
  graph.push_back({{"@id", "#run-file"},
                   {"@type", "ComputerLanguage"},
                   {"name", "Cardan run file (TOML)"},
                   {"url", "https://toml.io/"}});
  graph.push_back(software(run));
  graph.push_back(cardan_entity(run));
  for (const auto* profile : profiles)
    graph.push_back({{"@id", profile}, {"@type", "CreativeWork"}, {"name", profile}});
  for (const auto& file : files) graph.push_back(file);
  return {
      {"@context",
       {"https://w3id.org/ro/crate/1.1/context", "https://w3id.org/ro/terms/workflow-run/context"}},
      {"@graph", graph}};
}

}  // namespace cardan::provenance
