/// Fields from Kokkos views. The only header of Cardan that includes Kokkos.
#pragma once

#include <cardan/error.hpp>
#include <cardan/field.hpp>

#include <Kokkos_Core.hpp>

#include <string>
#include <type_traits>

namespace cardan {

/// A view of any rank up to eight and any strided layout as a field: no copy, and nothing is kept
/// alive. The view's memory must be the host's to reach; mirror it first where it is not
/// (`Kokkos::create_mirror_view`).
template <class Data, class... Properties>
Field field(const Kokkos::View<Data, Properties...>& view)
{
  using View = Kokkos::View<Data, Properties...>;
  using Layout = typename View::array_layout;
  static_assert(Element<typename View::value_type>,
                "a field's elements are float, double or integers of a given size");
  static_assert(
      Kokkos::SpaceAccessibility<Kokkos::HostSpace, typename View::memory_space>::accessible,
      "the host cannot reach this view's memory: make a field of its host mirror "
      "(Kokkos::create_mirror_view_and_copy)");
  static_assert(
      std::is_same_v<Layout, Kokkos::LayoutLeft> || std::is_same_v<Layout, Kokkos::LayoutRight> ||
          std::is_same_v<Layout, Kokkos::LayoutStride>,
      "a field has strides: its view's layout is LayoutLeft, LayoutRight or LayoutStride");
  constexpr int rank = static_cast<int>(View::rank);
  Extents shape = Extents::filled(rank, 0);
  Extents strides = shape;
  for (int i = 0; i < rank; ++i) {
    shape[i] = static_cast<std::int64_t>(view.extent(static_cast<unsigned>(i)));
    strides[i] = static_cast<std::int64_t>(view.stride(static_cast<unsigned>(i)));
  }
  return Field(view.data(), shape, strides);
}

/// A field as an unmanaged host view, `view<double***>(claim->field("u"))`: no copy, and nothing is
/// kept alive. `Data` has as many `*` as the field has dimensions, and is const where it is only
/// read. Throws where dtype or rank differ.
template <class Data>
auto view(const Field& field)
{
  using View = Kokkos::View<Data, Kokkos::LayoutStride, Kokkos::HostSpace,
                            Kokkos::MemoryTraits<Kokkos::Unmanaged>>;
  using Value = typename View::value_type;
  constexpr int rank = static_cast<int>(View::rank);
  static_assert(View::rank_dynamic == View::rank, "give the extents as pointers: double**");
  if (field.dtype() != dtype_of<std::remove_const_t<Value>>::value || field.shape().rank() != rank)
    throw Error{std::string("a field of dtype ") + to_string(field.dtype()) + " and shape " +
                    to_string(field.shape()) + " is no view of rank " + std::to_string(rank),
                "dtype and rank must be the view's"};
  Kokkos::LayoutStride layout;
  for (int i = 0; i < rank; ++i) {
    layout.dimension[i] = static_cast<std::size_t>(field.shape()[i]);
    layout.stride[i] = static_cast<std::size_t>(field.strides()[i]);
  }
  if constexpr (std::is_const_v<Value>)
    return View(static_cast<Value*>(field.data()), layout);
  else
    return View(static_cast<Value*>(field.writable()), layout);
}

}  // namespace cardan
