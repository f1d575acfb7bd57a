/// Fields from Kokkos views. The only header of Cardan that includes Kokkos.
#pragma once

#include <cardan/field.hpp>

#include <Kokkos_Core.hpp>

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
                "a field's elements are float, double, std::int32_t or std::int64_t");
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

}  // namespace cardan
