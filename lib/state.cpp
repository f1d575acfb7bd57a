#include <cardan/error.hpp>
#include <cardan/state.hpp>

#include <algorithm>
#include <cctype>
#include <cstring>

namespace cardan {

namespace {

std::string to_text(Dtype dtype, const std::vector<std::int64_t>& shape)
{
  std::string text = std::string(to_string(dtype)) + " [";
  for (std::size_t i = 0; i < shape.size(); ++i)
    text += (i > 0 ? ", " : "") + std::to_string(shape[i]);
  return text + "]";
}

bool well_named(const std::string& name)
{
  const auto known = [](char letter) {
    return std::isalnum(static_cast<unsigned char>(letter)) != 0 || letter == '_' ||
           letter == '-' || letter == '.' || letter == '/';
  };
  return !name.empty() && name.front() != '/' && name.back() != '/' &&
         std::all_of(name.begin(), name.end(), known);
}

/// All numbers of an array that must have this dtype and one dimension or none.
template <class Number>
std::vector<Number> all(const State::Array& array, Dtype dtype)
{
  if (array.dtype != dtype || array.shape.size() > 1)
    throw Error{"'" + array.name + "' of a state is " + to_text(array.dtype, array.shape),
                std::string("expected is a list of ") + to_string(dtype)};
  std::vector<Number> values(static_cast<std::size_t>(array.numbers()));
  if (!values.empty()) std::memcpy(values.data(), array.data.data(), array.data.size());
  return values;
}

template <class Number>
Number one(const State::Array& array, Dtype dtype)
{
  const auto values = all<Number>(array, dtype);
  if (values.size() != 1)
    throw Error{"'" + array.name + "' of a state has " + std::to_string(values.size()) + " numbers",
                "expected is one"};
  return values.front();
}

}  // namespace

std::int64_t State::Array::numbers() const
{
  std::int64_t product = 1;
  for (const auto extent : shape) product *= extent;
  return product;
}

State::Array& State::add(const std::string& name)
{
  if (!well_named(name)) throw Error{"a state cannot have an array called '" + name + "'"};
  if (has(name)) throw Error{"a state has two arrays called '" + name + "'"};
  arrays_.emplace_back();
  arrays_.back().name = name;
  return arrays_.back();
}

void State::put(const std::string& name, Dtype dtype, const std::vector<std::int64_t>& shape,
                const void* data)
{
  Array& array = add(name);
  array.dtype = dtype;
  array.shape = shape;
  array.data.resize(static_cast<std::size_t>(array.numbers() * size_of(dtype)));
  if (!array.data.empty()) std::memcpy(array.data.data(), data, array.data.size());
}

void State::put(const std::string& name, std::int64_t number)
{
  put(name, Dtype::int64, {}, &number);
}

void State::put(const std::string& name, double number)
{
  put(name, Dtype::float64, {}, &number);
}

void State::put(const std::string& name, const std::vector<double>& numbers)
{
  put(name, Dtype::float64, {static_cast<std::int64_t>(numbers.size())}, numbers.data());
}

void State::put(const std::string& name, const std::vector<std::int64_t>& numbers)
{
  put(name, Dtype::int64, {static_cast<std::int64_t>(numbers.size())}, numbers.data());
}

void State::put(const std::string& group, const State& other)
{
  for (const auto& array : other.arrays())
    put(group + "/" + array.name, array.dtype, array.shape, array.data.data());
}

bool State::has(const std::string& name) const
{
  return std::any_of(arrays_.begin(), arrays_.end(),
                     [&](const Array& array) { return array.name == name; });
}

State State::group(const std::string& group) const
{
  State found;
  for (const auto& array : arrays_)
    if (array.name.compare(0, group.size() + 1, group + "/") == 0) {
      found.arrays_.push_back(array);
      found.arrays_.back().name = array.name.substr(group.size() + 1);
    }
  return found;
}

const State::Array& State::array(const std::string& name) const
{
  const auto found = std::find_if(arrays_.begin(), arrays_.end(),
                                  [&](const Array& array) { return array.name == name; });
  if (found == arrays_.end()) throw Error{"a state has no array called '" + name + "'"};
  return *found;
}

void State::get(const std::string& name, Dtype dtype, const std::vector<std::int64_t>& shape,
                void* data) const
{
  const Array& from = array(name);
  if (from.dtype != dtype || from.shape != shape)
    throw Error{"'" + name + "' of a state is " + to_text(from.dtype, from.shape),
                "expected is " + to_text(dtype, shape)};
  if (!from.data.empty()) std::memcpy(data, from.data.data(), from.data.size());
}

std::int64_t State::integer(const std::string& name) const
{
  return one<std::int64_t>(array(name), Dtype::int64);
}

double State::number(const std::string& name) const
{
  return one<double>(array(name), Dtype::float64);
}

std::vector<double> State::numbers(const std::string& name) const
{
  return all<double>(array(name), Dtype::float64);
}

std::vector<std::int64_t> State::integers(const std::string& name) const
{
  return all<std::int64_t>(array(name), Dtype::int64);
}

}  // namespace cardan
