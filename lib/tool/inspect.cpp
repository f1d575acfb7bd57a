#include "tool/inspect.hpp"

#include "tool/commands.hpp"
#include "tool/guard.hpp"
#include "tool/slice.hpp"
#include "tool/table.hpp"

#include <cardan/error.hpp>

#include <memory>

namespace cardan::tool {

namespace {

struct Options {
  std::string file;
  std::string array;
  std::string slice;
  std::string csv;
  std::string png;
  bool json = false;
  bool quick = false;
  bool names = false;
  bool sparkline = false;
  bool writes_csv = false;
};

int show_names(const File& file)
{
  for (const auto& entry : file.entries())
    if (entry.kind == Entry::Kind::array) print(entry.path + "\n");
  return good;
}

void expect_numbers(const File& file, const Entry& entry)
{
  if (!entry.dtype)
    throw Error{"'" + entry.path + "' of '" + file.path() + "' has no numbers",
                "its elements are of type " + entry.type};
}

int inspect(const Options& options)
{
  const File file{options.file};
  if (options.names) return show_names(file);
  const Reading reading = options.quick ? Reading::quick : Reading::with_statistics;
  if (options.array.empty())
    return (options.json ? show_file_json(file, reading) : show_file(file, reading)) ? good
                                                                                     : trouble;
  const Entry& entry = file.array(options.array);
  const Block block = parse_slice(options.slice, entry.shape);
  bool shown = false;
  bool whole = true;
  if (options.writes_csv) {
    if (!entry.text) expect_numbers(file, entry);
    write_csv(file, entry, block, options.csv);
    shown = true;
  }
  if (!options.png.empty()) {
    expect_numbers(file, entry);
    write_png(file, entry, block, options.png);
    shown = true;
  }
  if (options.sparkline) {
    expect_numbers(file, entry);
    show_sparkline(file, entry, block);
    shown = true;
  }
  if (options.json)
    whole = show_array_json(file, entry, block, reading);
  else if (!shown)
    show_array(file, entry, block, reading);
  return whole ? good : trouble;
}

}  // namespace

void add_inspect(CLI::App& app, Chosen& chosen)
{
  auto options = std::make_shared<Options>();
  auto* command =
      app.add_subcommand("inspect", "Show what is in an HDF5 file, or in one of its arrays");
  command->add_option("file", options->file, "A checkpoint, or any HDF5 file")->required();
  auto* array =
      command->add_option("dataset", options->array, "One array of it, such as fields/state");
  command->add_flag("--json", options->json, "As JSON");
  command->add_flag("--quick", options->quick, "Without statistics: no array is read");
  command->add_flag("--names", options->names, "Only the names of the arrays, one a line");
  command
      ->add_option("--slice", options->slice,
                   "A part of the array: an index, ':' or first:end:step for each dimension")
      ->needs(array);
  auto* csv = command->add_option("--csv", options->csv,
                                  "The numbers, with commas between; to a file where one is named");
  csv->expected(0, 1)->needs(array);
  command->add_option("--png", options->png, "A picture of two dimensions, to this file")
      ->needs(array);
  command->add_flag("--sparkline", options->sparkline, "A curve of one line")->needs(array);
  command->callback([options, csv, &chosen] {
    options->writes_csv = csv->count() > 0;
    chosen = [options] {
      return guarded("'" + options->file + "'", trouble, [options] { return inspect(*options); });
    };
  });
}

}  // namespace cardan::tool
