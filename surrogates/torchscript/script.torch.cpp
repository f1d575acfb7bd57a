#include "torchscript/script.torch.hpp"

#include <cardan/error.hpp>

#include <torch/script.h>

#include <filesystem>
#include <fstream>

namespace cardan::torch_module {

namespace {

/// The first line of what LibTorch has to say: the rest is where in its sources it was said.
std::string first_lines(const std::string& text)
{
  const auto end = text.find("\nException raised from");
  std::string cut = text.substr(0, end);
  while (!cut.empty() && cut.back() == '\n') cut.pop_back();
  return cut;
}

/// A file that is no archive at all is told apart from one that holds something else.
void check_archive(const std::string& path)
{
  std::error_code code;
  if (!std::filesystem::exists(path, code))
    throw Error{"cannot load the model " + path, "there is no such file"};
  if (!std::filesystem::is_regular_file(path, code))
    throw Error{"cannot load the model " + path, "it is no file"};
  std::ifstream file{path, std::ios::binary};
  char head[2] = {};
  file.read(head, 2);
  if (!file) throw Error{"cannot load the model " + path, "it cannot be read, or is empty"};
  if (head[0] != 'P' || head[1] != 'K')
    throw Error{"cannot load the model " + path, "it is no TorchScript archive",
                "Write it with torch.jit.script(model).save(path) or torch.jit.trace."};
}

}  // namespace

std::string find_file(const Config& table, const std::string& path)
{
  const std::filesystem::path given{path};
  if (given.is_absolute()) return path;
  const auto beside = std::filesystem::path(table.name()).parent_path() / given;
  std::error_code code;
  return std::filesystem::exists(beside, code) ? beside.string() : path;
}

torch::jit::Module load_script(const std::string& path)
{
  check_archive(path);
  try {
    torch::jit::Module module = torch::jit::load(path, at::kCPU);
    static_cast<void>(module.get_method("forward"));
    return module;
  } catch (const std::exception& error) {
    throw Error{"cannot load the model " + path, first_lines(error.what()),
                "Is the file whole, and was it written by torch.jit.script or torch.jit.trace (not "
                "torch.save)?"};
  }
}

Scripts::Scripts(std::vector<torch::jit::Module> members, std::vector<std::string> paths)
    : members_(std::move(members)), paths_(std::move(paths))
{
  set_training(false);
}

Tensors Scripts::forward(const Tensors& samples)
{
  std::vector<Tensors> of_members;
  for (auto& member : members_) {
    std::vector<at::IValue> arguments(samples.begin(), samples.end());
    const at::IValue answer = member.forward(std::move(arguments));
    Tensors tensors;
    if (answer.isTensor()) tensors = {answer.toTensor()};
    if (answer.isTensorList()) tensors = answer.toTensorVector();
    if (answer.isTuple())
      for (const auto& element : answer.toTupleRef().elements()) {
        if (!element.isTensor())
          throw Error{"the model answers a tuple with a " + element.tagKind(), "",
                      "forward must return a tensor, or a tuple or list of tensors."};
        tensors.push_back(element.toTensor());
      }
    if (tensors.empty())
      throw Error{"the model answers a " + answer.tagKind(), "",
                  "forward must return a tensor, or a tuple or list of tensors."};
    of_members.push_back(std::move(tensors));
  }
  if (of_members.size() == 1) {
    for (auto& tensor : of_members[0]) tensor = tensor.unsqueeze(0);
    return of_members[0];
  }
  Tensors joined;
  for (std::size_t i = 0; i < of_members[0].size(); ++i) {
    Tensors all;
    for (const auto& tensors : of_members) {
      if (tensors.size() != of_members[0].size() ||
          tensors[i].sizes() != of_members[0][i].sizes() ||
          tensors[i].scalar_type() != of_members[0][i].scalar_type())
        throw Error{"the members of the ensemble answer different tensors"};
      all.push_back(tensors[i]);
    }
    joined.push_back(at::stack(all));
  }
  return joined;
}

Tensors Scripts::parameters()
{
  Tensors all;
  for (auto& member : members_)
    for (const auto& parameter : member.parameters()) all.push_back(parameter);
  return all;
}

Tensors Scripts::buffers()
{
  Tensors all;
  for (auto& member : members_)
    for (const auto& buffer : member.buffers()) all.push_back(buffer);
  return all;
}

void Scripts::set_training(bool training)
{
  if (training == training_) return;
  training_ = training;
  for (auto& member : members_) member.train(training);
}

// With several members the file of each is named after its number.
void Scripts::save(const std::string& path)
{
  set_training(false);
  for (std::size_t m = 0; m < members_.size(); ++m) {
    const std::filesystem::path whole{path};
    const std::string own =
        members_.size() == 1
            ? path
            : (whole.parent_path() /
               (whole.stem().string() + "_" + std::to_string(m + 1) + whole.extension().string()))
                  .string();
    // A clone: the parameters of the model itself share one piece of memory, and all of it would be
    // written with each.
    torch::jit::Module copy = members_[m].deepcopy();
    const auto detach = [](at::Tensor tensor) {
      c10::NoGradGuard no_gradient;
      tensor.set_data(tensor.detach().clone());
    };
    for (const auto& parameter : copy.parameters()) detach(parameter);
    for (const auto& buffer : copy.buffers()) detach(buffer);
    copy.save(own);
  }
}

std::unique_ptr<Ensemble> load_scripts(const Config& model, const std::vector<std::string>& files,
                                       std::size_t inputs)
{
  std::vector<torch::jit::Module> members;
  std::vector<std::string> paths;
  for (const auto& file : files) {
    paths.push_back(find_file(model, file));
    members.push_back(load_script(paths.back()));
    const auto& schema = members.back().get_method("forward").function().getSchema();
    // The first argument is the module itself; those with defaults may be left out.
    std::size_t most = schema.arguments().size() - 1;
    std::size_t least = 0;
    for (std::size_t a = 1; a < schema.arguments().size(); ++a)
      if (!schema.arguments()[a].default_value()) ++least;
    if (inputs < least || inputs > most)
      throw Error{"the model " + paths.back() + " takes " + std::to_string(least) +
                      (most > least ? " to " + std::to_string(most) : "") + " tensors",
                  "the surrogate has " + std::to_string(inputs) + " inputs",
                  "Each input is a tensor of its own, in the run file's order."};
  }
  return std::make_unique<Scripts>(std::move(members), std::move(paths));
}

}  // namespace cardan::torch_module
