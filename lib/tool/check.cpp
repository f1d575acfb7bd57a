#include "session/check.hpp"

#include "tool/commands.hpp"
#include "tool/guard.hpp"

#include <fmt/format.h>

#include <memory>

namespace cardan::tool {

namespace {

int check(const std::string& path)
{
  const Findings findings = check_run_file(path);
  for (const auto& note : findings.notes) print(note + "\n");
  for (const auto& problem : findings.problems) print(problem + "\n");
  if (!findings.problems.empty()) {
    const auto count = findings.problems.size();
    print(fmt::format("{}: {} problem{}\n", path, count, count == 1 ? "" : "s"));
    return no;
  }
  print(path + ": no problem found\n");
  return good;
}

}  // namespace

void add_check(CLI::App& app, Chosen& chosen)
{
  auto path = std::make_shared<std::string>();
  auto* command = app.add_subcommand("check", "Check a run file without a job");
  command->add_option("run_file", *path, "The run file")->required();
  command->callback([path, &chosen] {
    chosen = [path] {
      return guarded("'" + *path + "'", trouble, [path] { return check(*path); });
    };
  });
}

}  // namespace cardan::tool
