// Which Cardan this is, and what its runs leave: for people and for programs.

#include "tool/commands.hpp"

#include <cardan/cardan.h>
#include <cardan/version.hpp>

#include <csignal>
#include <exception>
#include <iostream>
#include <string>

namespace {

// Exit status 0 says that what was asked for was done; subcommands have their own.
constexpr int failed = 1;
constexpr int wrong_arguments = 2;

int tell(const std::string& text)
{
  std::cout << text << std::endl;
  if (std::cout) return 0;
  std::cerr << "cardan: cannot write to standard output\n";
  return failed;
}

}  // namespace

int main(int argc, char** argv)
{
  // A reader that leaves is an error with a message.
  std::signal(SIGPIPE, SIG_IGN);
  CLI::App app{
      "Couples a running MPI simulation with machine learning. This program says which Cardan is\n"
      "installed, and reads what a run leaves; cardan-ml works beside a simulation."};
  app.name("cardan");
  bool version = false;
  bool json = false;
  auto* asks_version = app.add_flag("--version", version, "Print the version and exit");
  app.add_flag("--json", json, "With --version: all about this build, as JSON")
      ->needs(asks_version);
  cardan::tool::Chosen chosen;
  cardan::tool::add_inspect(app, chosen);
  cardan::tool::add_diff(app, chosen);
  cardan::tool::add_verify(app, chosen);
  cardan::tool::add_check(app, chosen);
  cardan::tool::add_export(app, chosen);
  app.require_subcommand(0, 1);
  try {
    app.parse(argc, argv);
    if (chosen) return chosen();
    if (!version) {
      std::cerr << app.help();
      return wrong_arguments;
    }
    return tell(json ? cardan_configuration() : std::string("cardan ") + cardan::version);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : wrong_arguments;
  } catch (const std::exception& error) {
    std::cerr << "cardan: " << error.what() << "\n";
    return failed;
  }
}
