#include "c/array.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace cardan::c {

namespace {

static_assert(CARDAN_MAX_RANK == max_rank);

Extents extents(const std::int64_t* values, int rank)
{
  Extents result = Extents::filled(rank, 0);
  for (int i = 0; i < rank; ++i) result[i] = values[i];
  return result;
}

void copy_out(const Extents& from, std::int64_t* to)
{
  for (int i = 0; i < from.rank(); ++i) to[i] = from[i];
}

Field nothing()
{
  return {static_cast<const double*>(nullptr), Extents{0}};
}

}  // namespace

Field field_of(const Session* session, const std::string& name, const cardan_array* array)
{
  const cardan_array& given = needed(array, "array");
  if (given.rank < 0 || given.rank > max_rank)
    throw Misuse{fmt::format("field '{}' has {} dimensions", name, given.rank),
                 fmt::format("0 to {} are possible", max_rank)};
  const auto dtype = enumerated<Dtype>(given.dtype, CARDAN_UINT64, "dtype");
  Field field{given.data, dtype, given.read_only != 0, extents(given.shape, given.rank),
              extents(given.strides, given.rank)};
  if (given.boxed != 0)
    field = field.in({extents(given.global, given.rank), extents(given.offset, given.rank),
                      extents(given.shape, given.rank)});
  const bool named = given.axes != nullptr && *given.axes != '\0';
  if (session != nullptr) return session->arranged(name, field, named ? given.axes : "");
  if (named)
    throw Misuse{fmt::format("field '{}' is given with the axes '{}'", name, given.axes),
                 "only a session knows the order in which others receive them",
                 "Open the channel with the session."};
  return field;
}

Extents owners_order(const Session* session, const std::string& name, const Field& field,
                     const std::string& axes)
{
  const int rank = field.shape().rank();
  Extents numbers = Extents::filled(rank, 0);
  for (int i = 0; i < rank; ++i) numbers[i] = i;
  if (session == nullptr || axes.empty()) return numbers;
  // A field of no elements whose strides number its dimensions shows where each goes.
  const Field numbered{nullptr, field.dtype(), false, Extents::filled(rank, 0), numbers};
  const Extents order = session->arranged(name, numbered, axes).strides();
  Extents back = order;
  for (int i = 0; i < rank; ++i) back[static_cast<int>(order[i])] = i;
  return back;
}

cardan_array array_of(const Field& field)
{
  cardan_array array{};
  array.data = const_cast<void*>(field.data());
  array.dtype = static_cast<cardan_dtype>(field.dtype());
  array.rank = field.shape().rank();
  copy_out(field.shape(), array.shape);
  copy_out(field.strides(), array.strides);
  if (field.box()) {
    array.boxed = 1;
    copy_out(field.box()->global, array.global);
    copy_out(field.box()->offset, array.offset);
  }
  return array;
}

FieldSpec spec_of(const NamedField& field)
{
  return FieldSpec::of(std::string{field.name}, field.field);
}

Bound::Bound(const std::vector<std::string>& names, const std::string& owner,
             const std::string& what)
    : open_(false), owner_(owner), what_(what), bound_(names.size()), unbound_(names.size())
{
  axes_.resize(names.size());
  for (const auto& name : names) {
    names_.push_back(std::make_unique<std::string>(name));
    fields_.push_back({*names_.back(), nothing()});
  }
}

/// Where the name stands, or will.
std::size_t Bound::place_of(const char* name) const
{
  for (std::size_t i = 0; i < names_.size(); ++i)
    if (*names_[i] == name) return i;
  if (open_) return names_.size();
  std::vector<std::string> known;
  for (const auto& each : names_) known.push_back(*each);
  const std::string near = nearest(name, known);
  throw Error{fmt::format("{} has no {} '{}'", owner_, what_, name),
              known.empty() ? "it has none" : fmt::format("known: {}", fmt::join(known, ", ")),
              near.empty() ? "" : fmt::format("Did you mean '{}'?", near)};
}

void Bound::fix(const std::string& owner, const std::string& what)
{
  open_ = false;
  owner_ = owner;
  what_ = what;
}

void Bound::bind(const Session* session, const char* name, const cardan_array* array)
{
  const std::size_t place = place_of(&needed(name, "name"));
  const Field field = field_of(session, name, array);
  if (place == names_.size()) {
    names_.push_back(std::make_unique<std::string>(name));
    fields_.push_back({*names_.back(), field});
    axes_.emplace_back();
    bound_.push_back(false);
    ++unbound_;
  }
  fields_[place].field = field;
  axes_[place] = array->axes != nullptr ? array->axes : "";
  if (!bound_[place]) --unbound_;
  bound_[place] = true;
}

std::span<const NamedField> Bound::fields() const
{
  if (unbound_ > 0) {
    const auto missing = std::find(bound_.begin(), bound_.end(), false) - bound_.begin();
    throw Misuse{fmt::format("{} '{}' of {} has no array", what_,
                             *names_[static_cast<std::size_t>(missing)], owner_),
                 "", "Bind one first."};
  }
  return fields_;
}

std::vector<FieldSpec> Bound::specs() const
{
  std::vector<FieldSpec> specs;
  for (const auto& field : fields()) specs.push_back(spec_of(field));
  return specs;
}

std::string Bound::axes(std::string_view name) const
{
  for (std::size_t i = 0; i < names_.size(); ++i)
    if (*names_[i] == name) return axes_[i];
  return {};
}

}  // namespace cardan::c

cardan_array cardan_array_of(void* data, cardan_dtype dtype, int rank, const int64_t* shape)
{
  cardan_array array{};
  array.data = data;
  array.dtype = dtype;
  array.rank = rank;
  std::int64_t step = 1;
  for (int i = std::min(rank, CARDAN_MAX_RANK) - 1; shape != nullptr && i >= 0; --i) {
    array.shape[i] = shape[i];
    array.strides[i] = step;
    step *= shape[i];
  }
  return array;
}

cardan_array cardan_array_of_const(const void* data, cardan_dtype dtype, int rank,
                                   const int64_t* shape)
{
  cardan_array array = cardan_array_of(const_cast<void*>(data), dtype, rank, shape);
  array.read_only = 1;
  return array;
}

cardan_array cardan_array_in(cardan_array array, const int64_t* global, const int64_t* offset)
{
  array.boxed = 1;
  for (int i = 0; i < std::min(array.rank, CARDAN_MAX_RANK); ++i) {
    array.global[i] = global != nullptr ? global[i] : 0;
    array.offset[i] = offset != nullptr ? offset[i] : 0;
  }
  return array;
}
