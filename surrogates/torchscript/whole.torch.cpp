// Normalisation, head and ensemble around networks, as TorchScript: in the order and, as far as
// networks feel it, in the arithmetic of TorchModel::predict and numbers.cpp.

#include "core/projection.torch.hpp"
#include "torchscript/export.torch.hpp"

#include <ATen/core/jit_type.h>

#include <algorithm>

namespace cardan::torch_module {

namespace {

/// `[3, 4]`, each number after a comma behind `first` where there is one.
std::string list(const std::string& first, const std::vector<std::int64_t>& numbers)
{
  std::string text = first;
  for (const auto number : numbers) text += (text.empty() ? "" : ", ") + std::to_string(number);
  return "[" + text + "]";
}

/// The number that TorchScript has for a dtype.
std::string number_of(at::ScalarType type)
{
  return std::to_string(static_cast<int>(type));
}

class Writer {
 public:
  Writer(const torch::jit::Module& members, const Plan& plan, const Normalisation& normalisation)
      : plan_(plan),
        layout_(plan.layout),
        head_(plan.settings.head),
        normalisation_(normalisation),
        image_(plan.layout.kind == Layout::Kind::image)
  {
    whole_.register_module("members", members);
    for (std::size_t f = 0; f < layout_.signature.inputs.size(); ++f)
      arguments_ += ", x" + std::to_string(f);
  }

  torch::jit::Module write()
  {
    std::string text = answers() + forward();
    if (plan_.settings.members > 1 || head_ == Head::gaussian) text += spread();
    whole_.define(text);
    return whole_;
  }

 private:
  /// Numbers of the groups [first, first + count), to be broadcast along samples.
  at::Tensor broadcast(const std::vector<double>& numbers, std::int64_t first, std::int64_t count,
                       at::ScalarType type)
  {
    std::vector<std::int64_t> shape{count};
    if (image_) shape.resize(1 + layout_.network.size.size(), 1);
    return at::from_blob(const_cast<double*>(numbers.data() + first), shape, at::kDouble)
        .to(type)
        .clone();
  }

  /// A feature's tensor, in a dtype, as part of the network's.
  [[nodiscard]] std::string part(std::size_t feature, at::ScalarType type) const
  {
    const std::string x = "x" + std::to_string(feature);
    const Feature& own = layout_.signature.inputs[feature];
    const std::string typed = "torch.to(" + x + ", " + number_of(type) + ")";
    if (!image_) return typed + ".reshape(" + list(x + ".size(0)", {own.numbers()}) + ")";
    return own.shape.size() == layout_.network.size.size() ? typed + ".unsqueeze(1)" : typed;
  }

  /// Samples to raw answers of all members, float64.
  std::string answers()
  {
    std::string text = "def answers(self" + arguments_ + "):\n";
    std::string parts;
    std::int64_t first = 0;
    const Scale& scale = normalisation_.input;
    std::vector<double> factors(scale.deviation.size());
    std::transform(scale.deviation.begin(), scale.deviation.end(), factors.begin(),
                   [](double deviation) { return 1 / deviation; });
    const Features& features = layout_.signature.inputs;
    for (std::size_t f = 0; f < features.size(); ++f) {
      const std::string n = std::to_string(f);
      const auto groups = features[f].numbers() / layout_.inputs.block;
      const auto type = features[f].dtype == Dtype::float32 ? at::kFloat : at::kDouble;
      whole_.register_buffer("input" + n + "_mean", broadcast(scale.mean, first, groups, type));
      whole_.register_buffer("input" + n + "_factor", broadcast(factors, first, groups, type));
      first += groups;
      text += "    z" + n + " = torch.to((" + part(f, type) + " - self.input" + n +
              "_mean) * self.input" + n + "_factor, " + number_of(layout_.dtype) + ")\n";
      parts += (f > 0 ? ", z" : "z") + n;
    }
    text += "    raw = self.members.forward(torch.cat([" + parts + "], 1))\n";
    if (head_ == Head::conserving) {
      const Projection projection{normalisation_.output};
      whole_.register_buffer("projection_deviation", projection.deviation);
      whole_.register_buffer("projection_direction", projection.direction);
      whole_.register_attribute("projection_offset", c10::FloatType::get(), projection.offset);
      text +=
          "    excess = torch.sum(raw * self.projection_deviation, [-1], True) + "
          "self.projection_offset\n"
          "    raw = raw - excess * self.projection_direction\n";
    }
    return text + "    return torch.to(raw, " + number_of(at::kDouble) + ")\n\n";
  }

  /// What both methods begin with: `means` of all members, and their `mean`.
  [[nodiscard]] std::string means() const
  {
    const std::string raw = "self.answers(" + arguments_.substr(2) + ")";
    return "    raw = " + raw + "\n    means = " +
           (head_ == Head::gaussian
                ? "torch.narrow(raw, 2, 0, " + std::to_string(layout_.outputs.groups()) + ")"
                : "raw") +
           "\n    mean = torch.mean(means, [0])\n";
  }

  /// A tensor (n, ...) of all outputs as one for each; `typed`: in the outputs' dtypes.
  [[nodiscard]] std::string features_of(const std::string& all, bool typed) const
  {
    std::string answers;
    std::int64_t first = 0;
    for (const auto& feature : layout_.signature.outputs) {
      const auto groups = feature.numbers() / layout_.outputs.block;
      std::string one = "torch.narrow(" + all + ", 1, " + list("", {first, groups}).substr(1);
      one.back() = ')';
      if (!image_)
        one += ".reshape(" + list("x0.size(0)", feature.shape) + ")";
      else if (feature.shape.size() == layout_.network.size.size())
        one += ".squeeze(1)";
      if (typed) one = "torch.to(" + one + ", " + number_of(scalar_type(feature.dtype)) + ")";
      answers += (first > 0 ? ", " : "") + one;
      first += groups;
    }
    return "    return " + answers + "\n\n";
  }

  std::string forward()
  {
    const Scale& scale = normalisation_.output;
    const std::int64_t groups = layout_.outputs.groups();
    // As numbers.cpp: a single network's float32 numbers stay float32 on their way to float32.
    const auto& features = layout_.signature.outputs;
    const bool narrow = plan_.settings.members == 1 && head_ == Head::plain &&
                        std::all_of(features.begin(), features.end(), [](const Feature& feature) {
                          return feature.dtype == Dtype::float32;
                        });
    const auto type = narrow ? at::kFloat : at::kDouble;
    whole_.register_buffer("output_mean", broadcast(scale.mean, 0, groups, type));
    whole_.register_buffer("output_deviation", broadcast(scale.deviation, 0, groups, type));
    std::string text = "def forward(self" + arguments_ + "):\n" + means() +
                       "    answer = self.output_mean + self.output_deviation * torch.to(mean, " +
                       number_of(type) + ")\n";
    if (head_ == Head::conserving) {
      // What rounding leaves of the sum goes to the output that varies most.
      const auto largest = std::max_element(scale.deviation.begin(), scale.deviation.end()) -
                           scale.deviation.begin();
      at::Tensor only = at::zeros({groups}, at::kDouble);
      only.data_ptr<double>()[largest] = 1;
      whole_.register_buffer("largest", only);
      text += "    answer = answer - self.largest * torch.sum(answer, [-1], True)\n";
    }
    if (head_ == Head::increment || head_ == Head::conserving) {
      std::string given;
      for (std::size_t f = 0; f < layout_.signature.inputs.size(); ++f)
        given += (f > 0 ? ", " : "") + part(f, at::kDouble);
      text += "    answer = answer + torch.cat([" + given + "], 1)\n";
    }
    return text + features_of("answer", true);
  }

  std::string spread()
  {
    const auto members = static_cast<double>(plan_.settings.members);
    const bool gaussian = head_ == Head::gaussian;
    const double divisor = gaussian ? members : std::max(1.0, members - 1);
    std::string text = "def spread(self" + arguments_ + "):\n" + means() +
                       "    off = means - mean\n    variance = torch.sum(off * off, [0]) / " +
                       std::to_string(divisor) + "\n";
    if (gaussian) {
      const std::string groups = std::to_string(layout_.outputs.groups());
      text += "    variance = variance + torch.mean(torch.exp(torch.narrow(raw, 2, " + groups +
              ", " + groups + ")), [0])\n";
    }
    return text + "    deviation = self.output_deviation * torch.sqrt(variance)\n" +
           features_of("deviation", false);
  }

  torch::jit::Module whole_{"__torch__.Model"};
  const Plan& plan_;
  const Layout& layout_;
  Head head_;
  const Normalisation& normalisation_;
  bool image_;
  /// `, x0, x1`
  std::string arguments_;
};

}  // namespace

torch::jit::Module whole_model(const torch::jit::Module& members, const Plan& plan,
                               const Normalisation& normalisation)
{
  return Writer{members, plan, normalisation}.write();
}

}  // namespace cardan::torch_module
