// From a file to a module, or to a message that says what the file is instead.

#include "config/beside.hpp"
#include "core/said.hpp"
#include "torchscript/script.torch.hpp"
#include "torchscript/zip.hpp"

#include <cardan/error.hpp>

#include <ATen/core/jit_type.h>
#include <torch/csrc/jit/passes/tensorexpr_fuser.h>
#include <torch/csrc/jit/serialization/import.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>

namespace cardan::torch_module {

namespace {

const char* const how_to_write =
    "Write it with torch.jit.script(model).save(path), or torch.jit.trace.";

struct Unfit {
  std::string reason;
  std::string remedy;
};

/// Whether it is an archive of torch.jit, whole and unaltered: LibTorch itself reads past the ends
/// of broken ones, and does not look at the checksums. Returns the sizes of its parts.
std::vector<std::uint64_t> check_archive(const std::string& path)
{
  std::error_code code;
  if (!std::filesystem::exists(path, code))
    throw Unfit{"there is no such file", "A relative path starts at the run file's folder."};
  if (!std::filesystem::is_regular_file(path, code)) throw Unfit{"it is no regular file", ""};
  std::ifstream file{path, std::ios::binary};
  if (!file) throw Unfit{"it cannot be opened for reading", ""};
  char head[2] = {};
  file.read(head, 2);
  if (file.gcount() == 0) throw Unfit{"it is empty", how_to_write};
  if (head[0] == '\x80')
    throw Unfit{"it is a pickle, as old versions of torch.save wrote", how_to_write};
  if (head[0] != 'P' || head[1] != 'K') throw Unfit{"it is no TorchScript archive", how_to_write};
  file.close();
  std::vector<ZipPart> parts;
  try {
    parts = check_zip(path);
  } catch (const std::exception& error) {
    throw Unfit{error.what(), "Copy or write it again."};
  }
  const auto has = [&](const std::string& part) {
    return std::any_of(parts.begin(), parts.end(), [&](const ZipPart& own) {
      const auto slash = own.name.find('/');
      return slash != std::string::npos && own.name.compare(slash + 1, part.size(), part) == 0;
    });
  };
  // All parts lie in one folder, as LibTorch takes for granted.
  const auto folder =
      parts.empty() ? std::string{} : parts[0].name.substr(0, parts[0].name.find('/') + 1);
  const bool together =
      !folder.empty() && std::all_of(parts.begin(), parts.end(), [&](const ZipPart& part) {
        return part.name.compare(0, folder.size(), folder) == 0;
      });
  if (has("constants.pkl") && has("data.pkl") && has("code/") && together) {
    std::vector<std::uint64_t> sizes;
    for (const auto& part : parts) sizes.push_back(part.bytes);
    return sizes;
  }
  if (has("data.pkl"))
    throw Unfit{"torch.save wrote it: it has weights, or a model that only Python can run",
                how_to_write};
  throw Unfit{"it is an archive of something else", how_to_write};
}

/// Every tensor lies in the bytes that the archive has for it: LibTorch takes a pickle's word for
/// their number, and would read beyond them. (Constants of the program are not seen here.)
void check_tensors(const torch::jit::Module& module, const std::vector<std::uint64_t>& parts)
{
  std::multiset<std::uint64_t> left(parts.begin(), parts.end());
  std::set<const void*> seen;
  at::IValue{module._ivalue()}.visit([&](const at::IValue& value) {
    if (!value.isTensor() || !value.toTensor().defined() || !value.toTensor().has_storage())
      return false;
    const at::Tensor& tensor = value.toTensor();
    const auto bytes = static_cast<std::uint64_t>(tensor.storage().nbytes());
    const std::uint64_t limit = bytes / static_cast<std::uint64_t>(tensor.element_size());
    // Of the last number; a negative offset is beyond any limit.
    auto last = static_cast<std::uint64_t>(tensor.storage_offset());
    bool fits = true;
    for (std::int64_t d = 0; d < tensor.dim(); ++d) {
      fits = fits && tensor.size(d) >= 0 && tensor.stride(d) >= 0;
      if (!fits || tensor.size(d) < 2) continue;
      const auto steps = static_cast<std::uint64_t>(tensor.size(d) - 1);
      const auto stride = static_cast<std::uint64_t>(tensor.stride(d));
      fits = stride <= limit / steps;
      last += stride * steps;
    }
    if (!fits || (tensor.numel() > 0 && last >= limit))
      throw Unfit{"a tensor reaches beyond its data", how_to_write};
    if (bytes == 0 || !seen.insert(tensor.storage().unsafeGetStorageImpl()).second) return false;
    const auto part = left.find(bytes);
    if (part == left.end())
      throw Unfit{"a tensor of " + std::to_string(bytes) + " bytes has no data of that size",
                  how_to_write};
    left.erase(part);
    return false;
  });
}

/// `forward` takes so many tensors; those with defaults may be left out.
void check_forward(const torch::jit::Module& module, std::size_t tensors)
{
  const auto method = module.find_method("forward");
  if (!method) throw Unfit{"it has no method 'forward'", how_to_write};
  const auto& arguments = method->function().getSchema().arguments();
  // The first argument is the module itself.
  const std::size_t most = arguments.size() - 1;
  std::size_t least = 0;
  for (std::size_t a = 1; a < arguments.size(); ++a) {
    if (!arguments[a].default_value()) ++least;
    if (a <= tensors && !c10::TensorType::get()->isSubtypeOf(*arguments[a].type()))
      throw Unfit{"its forward takes a " + arguments[a].type()->annotation_str() + " as '" +
                      arguments[a].name() + "'",
                  "Each argument must be a tensor."};
  }
  if (tensors >= least && tensors <= most) return;
  throw Unfit{"its forward takes " + std::to_string(least) +
                  (most > least ? " to " + std::to_string(most) : "") +
                  (most == 1 ? " tensor" : " tensors") + " and is given " + std::to_string(tensors),
              ""};
}

}  // namespace

torch::jit::Module load_script(const Config& table, const std::string& key, const std::string& path,
                               std::size_t tensors, at::Device device)
{
  const std::string found = find_beside(table, path);
  const auto error = [&](const Unfit& unfit) {
    return table.error(key, "cannot use " + found + ": " + unfit.reason, unfit.remedy);
  };
  // On a processor LibTorch's own compiler would start in the middle of a run, at the second call;
  // with some builds (LibTorch 2.6 of Debian 13) it never ends.
  if (device.is_cpu()) torch::jit::setTensorExprFuserEnabled(false);
  try {
    const auto sizes = check_archive(found);
    torch::jit::Module module = torch::jit::load(found, at::kCPU);
    check_tensors(module, sizes);
    check_forward(module, tensors);
    // Loaded again, not moved: the program's constants go along.
    return device.is_cpu() ? module : torch::jit::load(found, device);
  } catch (const Unfit& unfit) {
    throw error(unfit);
  } catch (const std::exception& exception) {
    throw error({"LibTorch cannot load it: " + said(exception.what()), how_to_write});
  }
}

std::unique_ptr<Ensemble> load_scripts(const Config& model, const std::vector<std::string>& files,
                                       const Signature& signature, at::Device device)
{
  std::vector<torch::jit::Module> members;
  std::vector<std::string> paths;
  for (const auto& file : files) {
    paths.push_back(find_beside(model, file));
    members.push_back(load_script(model, "file", file, signature.inputs.size(), device));
  }
  return std::make_unique<Scripts>(std::move(members), std::move(paths), signature);
}

}  // namespace cardan::torch_module
