#include "checkpoint/export_model.hpp"
#include "tool/commands.hpp"
#include "tool/guard.hpp"
#include "tool/output.hpp"
#include "tool/xdmf.hpp"

#include <cardan/error.hpp>

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <memory>

namespace cardan::tool {

namespace {

struct Options {
  std::vector<std::string> files;
  std::string output;
  std::string model;
  bool xdmf = false;
};

int export_xdmf(const Options& options)
{
  std::vector<File> files;
  for (const auto& path : options.files) files.emplace_back(path);
  std::vector<std::size_t> order(files.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return time_of(files[a], a) < time_of(files[b], b);
  });
  std::vector<File> sorted;
  sorted.reserve(files.size());
  for (const std::size_t i : order) sorted.push_back(std::move(files[i]));
  const std::string path =
      options.output.empty()
          ? std::filesystem::path(options.files[0]).replace_extension(".xmf").string()
          : options.output;
  auto folder = std::filesystem::path(path == "-" ? "" : path).parent_path();
  if (folder.empty()) folder = ".";
  std::vector<std::string> notes;
  const std::string text = xdmf(sorted, folder.string(), notes);
  for (const auto& note : notes) std::cerr << "cardan: " << note << std::endl;
  if (text.find("<Attribute") == std::string::npos)
    throw Error{"no field of '" + options.files[0] + "' is a grid of two or three dimensions"};
  Output output{path};
  output.write(text);
  output.finish();
  return good;
}

int export_torchscript(const Options& options)
{
  if (options.files.size() != 1)
    throw Error{"--torchscript takes one checkpoint",
                std::to_string(options.files.size()) + " were given"};
  const std::string path = options.output.empty() ? options.model + ".pt" : options.output;
  checkpoint::export_model(options.files[0], options.model, path);
  print(path + ": model '" + options.model + "' of " + options.files[0] + "\n");
  return good;
}

}  // namespace

void add_export(CLI::App& app, Chosen& chosen)
{
  auto options = std::make_shared<Options>();
  auto* command = app.add_subcommand("export", "Write what other programs open");
  auto* xdmf =
      command->add_flag("--xdmf", options->xdmf,
                        "The fields as an XDMF file beside the HDF5 file, for ParaView and VisIt");
  auto* model = command->add_option("--torchscript", options->model,
                                    "A surrogate's model as a file that PyTorch loads");
  model->excludes(xdmf);
  command->add_option("file", options->files, "Checkpoints; several are several times")->required();
  command->add_option("-o,--output", options->output,
                      "Write to this file; without it, the first file's name with the ending .xmf, "
                      "or MODEL.pt");
  command->callback([options, &chosen] {
    if (!options->xdmf && options->model.empty())
      throw CLI::RequiredError("--xdmf or --torchscript");
    chosen = [options] {
      return guarded("'" + options->files[0] + "'", trouble, [options] {
        return options->xdmf ? export_xdmf(*options) : export_torchscript(*options);
      });
    };
  });
}

}  // namespace cardan::tool
