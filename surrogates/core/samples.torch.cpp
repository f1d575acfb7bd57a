#include "core/samples.torch.hpp"

#include "core/numbers.hpp"

#include <cardan/error.hpp>

#include <algorithm>
#include <cstring>

namespace cardan::torch_module {

namespace {

const char* name_of(at::ScalarType type)
{
  switch (type) {
    case at::kFloat: return "float32";
    case at::kDouble: return "float64";
    case at::kInt: return "int32";
    case at::kLong: return "int64";
    case at::kChar: return "int8";
    case at::kShort: return "int16";
    case at::kByte: return "uint8";
    case at::kHalf: return "float16";
    case at::kBFloat16: return "bfloat16";
    case at::kBool: return "bool";
    default: return "another dtype";
  }
}

std::string shape_text(at::IntArrayRef shape)
{
  std::string text = "[";
  for (std::size_t d = 0; d < shape.size(); ++d)
    text += (d > 0 ? ", " : "") + std::to_string(shape[d]);
  return text + "]";
}

std::vector<std::int64_t> with_count(std::int64_t count, const std::vector<std::int64_t>& shape)
{
  std::vector<std::int64_t> all{count};
  all.insert(all.end(), shape.begin(), shape.end());
  return all;
}

Grouped part_of(const Grouped& grouped, std::size_t feature)
{
  return {{grouped.features[feature]}, grouped.block};
}

Scale part_of(const Scale& scale, const Grouped& grouped, std::size_t feature)
{
  std::int64_t begin = 0;
  for (std::size_t f = 0; f < feature; ++f) begin += grouped.features[f].numbers() / grouped.block;
  const std::int64_t end = begin + grouped.features[feature].numbers() / grouped.block;
  return {{scale.mean.begin() + begin, scale.mean.begin() + end},
          {scale.deviation.begin() + begin, scale.deviation.begin() + end}};
}

at::Tensor normalised(const Grouped& grouped, const Batch& batch, const Batch* minus,
                      const Scale& scale, const std::vector<std::int64_t>& shape,
                      at::ScalarType type)
{
  at::Tensor tensor = at::empty(with_count(batch.count, shape), type);
  if (type == at::kDouble)
    normalise(grouped, batch, minus, scale, tensor.data_ptr<double>());
  else
    normalise(grouped, batch, minus, scale, tensor.data_ptr<float>());
  return tensor;
}

}  // namespace

at::ScalarType scalar_type(Dtype dtype)
{
  switch (dtype) {
    case Dtype::float32: return at::kFloat;
    case Dtype::float64: return at::kDouble;
    case Dtype::int32: return at::kInt;
    case Dtype::int64: return at::kLong;
    case Dtype::int8: return at::kChar;
    case Dtype::int16: return at::kShort;
    case Dtype::uint8: return at::kByte;
    default:
      throw Error{std::string("no tensor holds ") + to_string(dtype),
                  "this LibTorch knows no wide unsigned integers",
                  "Set model dtype = \"float32\" or \"float64\"."};
  }
}

std::string describe(const Tensors& tensors, std::int64_t leading)
{
  std::string text = "(";
  for (const auto& tensor : tensors) {
    if (text.size() > 1) text += ", ";
    const auto cut =
        std::min<std::size_t>(static_cast<std::size_t>(leading), tensor.sizes().size());
    text +=
        std::string(name_of(tensor.scalar_type())) + " " + shape_text(tensor.sizes().slice(cut));
  }
  return text + ")";
}

Layout rows_layout(const Signature& signature, Head head)
{
  Layout layout;
  layout.signature = signature;
  layout.inputs = {signature.inputs, 1};
  layout.outputs = {signature.outputs, 1};
  layout.network.in = numbers_of(signature.inputs);
  layout.network.out = numbers_of(signature.outputs) * (head == Head::gaussian ? 2 : 1);
  for (const auto& feature : signature.inputs) layout.network.parts.push_back(feature.numbers());
  layout.input_shapes = {{layout.network.in}};
  layout.output_shapes = {{numbers_of(signature.outputs)}};
  return layout;
}

// The grid is the last one or two dimensions of the first input; a feature with one dimension more
// has channels first.
Layout image_layout(const Signature& signature)
{
  Layout layout;
  layout.kind = Layout::Kind::image;
  layout.signature = signature;
  const auto grid_rank = [&](const Feature& feature) {
    return std::min<std::size_t>(2, feature.shape.size());
  };
  // A feature of rank 2 may be a grid, or channels of a line: a line if another feature is one.
  std::size_t rank = grid_rank(signature.inputs.front());
  for (const auto* features : {&signature.inputs, &signature.outputs})
    for (const auto& feature : *features) rank = std::min(rank, grid_rank(feature));
  const auto& first = signature.inputs.front().shape;
  if (rank == 0)
    throw Error{"a model of images is given single numbers", to_string(signature),
                "Give it fields whose samples have one or two dimensions, or channels and these."};
  const std::vector<std::int64_t> size(first.end() - static_cast<std::ptrdiff_t>(rank),
                                       first.end());
  std::int64_t points = 1;
  for (const auto extent : size) points *= extent;
  const auto channels = [&](const Features& features, std::vector<std::int64_t>* parts) {
    std::int64_t sum = 0;
    for (const auto& feature : features) {
      const auto& shape = feature.shape;
      const bool fits =
          shape.size() <= rank + 1 && std::equal(size.rbegin(), size.rend(), shape.rbegin());
      if (!fits)
        throw Error{"field '" + feature.name + "' with samples of " + shape_text(shape) +
                        " is no channel of a grid of " + shape_text(size),
                    to_string(signature)};
      sum += feature.numbers() / points;
      if (parts != nullptr) parts->push_back(feature.numbers() / points);
    }
    return sum;
  };
  layout.inputs = {signature.inputs, points};
  layout.outputs = {signature.outputs, points};
  layout.network.layout = NetworkShape::Layout::image;
  layout.network.size = size;
  layout.network.in = channels(signature.inputs, &layout.network.parts);
  layout.network.out = channels(signature.outputs, nullptr);
  layout.input_shapes = {with_count(layout.network.in, size)};
  layout.output_shapes = {with_count(layout.network.out, size)};
  return layout;
}

Layout fields_layout(const Signature& signature, const std::string& dtype)
{
  Layout layout;
  layout.kind = Layout::Kind::fields;
  layout.signature = signature;
  layout.inputs = {signature.inputs, 1};
  layout.outputs = {signature.outputs, 1};
  layout.as_streamed = dtype.empty();
  layout.dtype = dtype == "float64" ? at::kDouble : at::kFloat;
  for (const auto& feature : signature.inputs) layout.input_shapes.push_back(feature.shape);
  for (const auto& feature : signature.outputs) layout.output_shapes.push_back(feature.shape);
  return layout;
}

Tensors to_tensors(const Layout& layout, bool inputs, const Batch& batch, const Batch* minus,
                   const Scale& scale)
{
  const Grouped& grouped = inputs ? layout.inputs : layout.outputs;
  const auto& shapes = inputs ? layout.input_shapes : layout.output_shapes;
  if (layout.kind != Layout::Kind::fields)
    return {normalised(grouped, batch, minus, scale, shapes[0], at::kFloat)};
  Tensors tensors;
  for (std::size_t f = 0; f < grouped.features.size(); ++f) {
    if (layout.as_streamed) {
      tensors.push_back(at::from_blob(const_cast<std::byte*>(batch.columns[f]),
                                      with_count(batch.count, shapes[f]),
                                      scalar_type(grouped.features[f].dtype)));
      continue;
    }
    const Batch part{batch.count, batch.columns + f};
    tensors.push_back(normalised(part_of(grouped, f), part, nullptr, part_of(scale, grouped, f),
                                 shapes[f], layout.dtype));
  }
  return tensors;
}

at::ScalarType output_type(const Layout& layout, std::size_t i)
{
  return layout.kind == Layout::Kind::fields && layout.as_streamed
             ? scalar_type(layout.signature.outputs[i].dtype)
             : layout.dtype;
}

void check_answers(const std::string& name, const Layout& layout, const Tensors& tensors,
                   std::int64_t count, Head head)
{
  bool same = tensors.size() == layout.output_shapes.size();
  for (std::size_t i = 0; same && i < tensors.size(); ++i) {
    auto wanted = with_count(count, layout.output_shapes[i]);
    if (head == Head::gaussian) wanted[1] *= 2;
    same =
        tensors[i].scalar_type() == output_type(layout, i) && tensors[i].sizes().slice(1) == wanted;
  }
  if (same) return;
  // Tensors without samples first are shown whole.
  std::string shapes = describe(tensors, 2) + " a sample";
  for (const auto& tensor : tensors)
    if (tensor.dim() < 2 || tensor.size(1) != count)
      shapes = describe(tensors, 1) + " for " + std::to_string(count) + " samples";
  throw Error{name + " answers " + shapes, "the stream is " + to_string(layout.signature),
              "Nothing is broadcast or cast silently; set model dtype = \"float32\" or \"float64\" "
              "to convert, and give the outputs the model's shapes."};
}

void from_tensors(const Layout& layout, const Tensors& tensors, const Batch& inputs,
                  std::int64_t first, std::int64_t count, const Scale& scale, Head head,
                  const Answers& answers)
{
  const auto& features = layout.signature.outputs;
  if (layout.kind == Layout::Kind::fields && layout.as_streamed && tensors[0].size(0) == 1) {
    for (std::size_t f = 0; f < features.size(); ++f) {
      const at::Tensor dense = tensors[f].contiguous();
      std::memcpy(answers.columns[f] + first * features[f].bytes(), dense.data_ptr(),
                  static_cast<std::size_t>(count * features[f].bytes()));
    }
    const std::int64_t width = layout.outputs.numbers();
    if (answers.spread != nullptr) std::fill_n(answers.spread + first * width, count * width, 0.0);
    return;
  }
  const std::int64_t members = tensors[0].size(0);
  const auto back = [&](const Grouped& grouped, const Scale& own, const at::Tensor& tensor,
                        const Answers& to) {
    const Denormalise way{grouped, own, head, inputs, layout.signature.inputs};
    const at::Tensor dense = tensor.contiguous();
    if (dense.scalar_type() == at::kFloat) {
      denormalise(way, dense.data_ptr<float>(), members, first, count, to);
      return;
    }
    const at::Tensor wide = dense.to(at::kDouble);
    denormalise(way, wide.data_ptr<double>(), members, first, count, to);
  };
  if (layout.kind != Layout::Kind::fields) {
    back(layout.outputs, scale, tensors[0], answers);
    return;
  }
  // Feature by feature; their spreads lie side by side in each sample.
  const std::int64_t width = layout.outputs.numbers();
  std::int64_t offset = 0;
  std::vector<double> spread;
  for (std::size_t f = 0; f < features.size(); ++f) {
    const std::int64_t numbers = features[f].numbers();
    if (answers.spread != nullptr)
      spread.resize(static_cast<std::size_t>((first + count) * numbers));
    back(part_of(layout.outputs, f), part_of(scale, layout.outputs, f), tensors[f],
         {answers.columns + f, answers.spread != nullptr ? spread.data() : nullptr});
    for (std::int64_t r = first; answers.spread != nullptr && r < first + count; ++r)
      std::copy_n(spread.data() + r * numbers, numbers, answers.spread + r * width + offset);
    offset += numbers;
  }
}

}  // namespace cardan::torch_module
