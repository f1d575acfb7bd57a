#include "tool/diff.hpp"

#include "tool/commands.hpp"
#include "tool/guard.hpp"
#include "tool/table.hpp"

#include <cardan/error.hpp>

#include <fmt/format.h>
#include <fnmatch.h>

#include <algorithm>
#include <map>
#include <memory>

namespace cardan::tool {

namespace {

struct Options {
  std::string a;
  std::string b;
  Tolerance tolerance;
  std::vector<std::string> ignored;
};

class Diff {
 public:
  explicit Diff(const Options& options) : options_(options), a_(options.a), b_(options.b) {}

  int run()
  {
    std::map<std::string, std::pair<const Entry*, const Entry*>> both;
    for (const auto& entry : a_.entries()) both[entry.path].first = &entry;
    for (const auto& entry : b_.entries()) both[entry.path].second = &entry;
    std::int64_t bytes = 0;
    for (const auto& [path, entries] : both)
      if (entries.first != nullptr && entries.second != nullptr)
        bytes += entries.first->bytes + entries.second->bytes;
    Progress progress{a_.path(), bytes};
    const bool checkpoints = is_checkpoint(a_) && is_checkpoint(b_);
    for (const auto& [path, entries] : both) {
      // They follow from the arrays, which are compared.
      if (checkpoints && path.rfind("checksums", 0) == 0) continue;
      if (!ignores(path)) entry(path, entries.first, entries.second, progress);
    }
    return tell();
  }

 private:
  static bool is_checkpoint(const File& file)
  {
    return text_of(file.root().attribute("format")) == "cardan-checkpoint";
  }

  [[nodiscard]] bool ignores(const std::string& name) const
  {
    return std::any_of(options_.ignored.begin(), options_.ignored.end(), [&](const auto& glob) {
      const std::string bare = glob.substr(std::min(glob.find_first_not_of('/'), glob.size()));
      return fnmatch(bare.c_str(), name.c_str(), FNM_LEADING_DIR) == 0;
    });
  }

  void entry(const std::string& path, const Entry* a, const Entry* b, Progress& progress)
  {
    if (a == nullptr || b == nullptr) {
      // What is in a group that is missing need not be told one by one.
      const std::size_t slash = path.rfind('/');
      const std::string group = slash == std::string::npos ? "" : path.substr(0, slash);
      const bool told = a_.find(group) == nullptr || b_.find(group) == nullptr;
      if (!told) row(path, a == nullptr ? "only in B" : "only in A");
      different_ = true;
      return;
    }
    attributes(path, *a, *b);
    if (a->kind != b->kind || (a->kind != Entry::Kind::array && a->type != b->type))
      return row(path, "kind", a->type + " | " + b->type);
    if (a->kind != Entry::Kind::array) return;
    const bool comparable = (a->dtype && b->dtype) || (a->text && b->text);
    if (a->type != b->type && !(a->text && b->text)) row(path, "type", a->type + " | " + b->type);
    if (a->shape != b->shape)
      return row(path, "shape", shape_text(a->shape) + " | " + shape_text(b->shape));
    if (a->type != b->type && !comparable) return;
    values(path, *a, *b, progress);
  }

  void attributes(const std::string& path, const Entry& a, const Entry& b)
  {
    std::map<std::string, std::pair<const Attribute*, const Attribute*>> both;
    for (const auto& each : a.attributes) both[each.name].first = &each;
    for (const auto& each : b.attributes) both[each.name].second = &each;
    for (const auto& [name, pair] : both) {
      const std::string full = fmt::format("{}@{}", path, name);
      if (ignores(full)) continue;
      if (pair.first == nullptr || pair.second == nullptr) {
        row(full, pair.first == nullptr ? "only in B" : "only in A");
        continue;
      }
      const std::string said = compare(*pair.first, *pair.second, options_.tolerance);
      if (!said.empty()) row(full, "attribute", said);
    }
  }

  void values(const std::string& path, const Entry& a, const Entry& b, Progress& progress)
  {
    const Difference difference = compare(a_, a, b_, b, options_.tolerance, progress);
    if (!difference.compared)
      throw Error{"cannot compare '" + path + "'", "its elements are of type " + a.type,
                  "Leave it out with --ignore."};
    if (difference.count == 0) return;
    different_ = true;
    const bool numbers = a.dtype && b.dtype;
    values_.row({path, fmt::format("{}", difference.count), share(difference.count, a.elements()),
                 numbers ? number_text(difference.absolute) : "",
                 numbers ? number_text(difference.relative) : "",
                 index(difference.first, a.shape)});
    ++arrays_;
  }

  static std::string share(std::int64_t count, std::int64_t elements)
  {
    const double percent = 100 * static_cast<double>(count) / static_cast<double>(elements);
    return percent < 0.995 ? fmt::format("{:.2g} %", percent) : fmt::format("{:.0f} %", percent);
  }
  static std::string index(std::int64_t position, const Shape& shape)
  {
    Shape at(shape.size());
    for (std::size_t i = shape.size(); i-- > 0; position /= shape[i]) at[i] = position % shape[i];
    return at.empty() ? "-" : fmt::format("[{}]", fmt::join(at, ","));
  }

  void row(const std::string& path, const std::string& what, const std::string& detail = {})
  {
    different_ = true;
    structure_.row({path.empty() ? "/" : path, what, cut(detail, 56)});
    ++rows_;
  }

  [[nodiscard]] int tell() const
  {
    if (!different_) return good;
    print(fmt::format("A: {}\nB: {}\n", a_.path(), b_.path()));
    if (rows_ > 0) print("\n" + structure_.text());
    if (arrays_ > 0) print("\n" + values_.text());
    return no;
  }

  using Side = Table::Side;
  const Options& options_;
  File a_;
  File b_;
  Table structure_{{{"name", Side::left}, {"differs", Side::left}, {"A | B", Side::left}}};
  Table values_{{{"array", Side::left},
                 {"numbers"},
                 {"share"},
                 {"max abs"},
                 {"max rel"},
                 {"first", Side::left}}};
  int rows_ = 0;
  int arrays_ = 0;
  bool different_ = false;
};

}  // namespace

void add_diff(CLI::App& app, Chosen& chosen)
{
  auto options = std::make_shared<Options>();
  auto* command =
      app.add_subcommand("diff", "Compare two HDF5 files; status 0: the same, 1: different");
  command->add_option("a", options->a, "One file")->required();
  command->add_option("b", options->b, "The other")->required();
  command
      ->add_option("--rtol", options->tolerance.relative,
                   "Numbers are the same within this share of B's")
      ->check(CLI::NonNegativeNumber);
  command->add_option("--atol", options->tolerance.absolute, "Numbers are the same within this")
      ->check(CLI::NonNegativeNumber);
  command
      ->add_option(
          "--ignore", options->ignored,
          "Leave out arrays and groups of this name, with all that is theirs, or attributes "
          "(PATH@NAME); * and ? are known")
      ->expected(1)
      ->take_all();
  command->callback([options, &chosen] {
    chosen = [options] {
      return guarded("'" + options->a + "' or '" + options->b + "'", trouble,
                     [options] { return Diff{*options}.run(); });
    };
  });
}

}  // namespace cardan::tool
