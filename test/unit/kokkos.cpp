#include <cardan/error.hpp>
#include <cardan/kokkos.hpp>

#include <doctest/doctest.h>

#include <cstddef>
#include <utility>

using cardan::Dtype;
using cardan::Extents;

namespace {

template <class Element>
const Element* address(const cardan::Field& field, const Extents& index)
{
  const auto* element = static_cast<const Element*>(field.data());
  for (int i = 0; i < index.rank(); ++i) element += index[i] * field.strides()[i];
  return element;
}

/// Every element of a view of rank 3 lies where its field says.
template <class View>
bool same_addresses(const View& view)
{
  const cardan::Field field = cardan::field(view);
  if (field.shape() != Extents{static_cast<std::int64_t>(view.extent(0)),
                               static_cast<std::int64_t>(view.extent(1)),
                               static_cast<std::int64_t>(view.extent(2))})
    return false;
  bool same = true;
  for (int i = 0; i < field.shape()[0]; ++i)
    for (int j = 0; j < field.shape()[1]; ++j)
      for (int k = 0; k < field.shape()[2]; ++k)
        same = same && address<typename View::const_value_type>(field, {i, j, k}) == &view(i, j, k);
  return same;
}

}  // namespace

// All in one case: Kokkos is initialized once in a process.
TEST_CASE("fields of Kokkos views")
{
  Kokkos::initialize();
  {
    const Kokkos::View<double***, Kokkos::LayoutRight, Kokkos::HostSpace> right("right", 3, 4, 5);
    CHECK(cardan::field(right).strides() == Extents{20, 5, 1});
    CHECK(cardan::field(right).dense());
    CHECK(cardan::field(right).dtype() == Dtype::float64);
    CHECK(cardan::field(right).writable() == right.data());
    CHECK(same_addresses(right));

    const Kokkos::View<float***, Kokkos::LayoutLeft, Kokkos::HostSpace> left("left", 3, 4, 5);
    CHECK(cardan::field(left).strides() == Extents{1, 3, 12});
    CHECK_FALSE(cardan::field(left).dense());
    CHECK(cardan::field(left).dtype() == Dtype::float32);
    CHECK(same_addresses(left));

    const Kokkos::LayoutStride layout(3, 2, 4, 24, 5, 6);
    const Kokkos::View<std::int64_t***, Kokkos::LayoutStride, Kokkos::HostSpace> strided("s",
                                                                                         layout);
    CHECK(cardan::field(strided).strides() == Extents{2, 24, 6});
    CHECK(cardan::field(strided).dtype() == Dtype::int64);
    CHECK(same_addresses(strided));

    const auto inside = std::make_pair(1, 3);
    const auto some = Kokkos::subview(left, inside, Kokkos::ALL, std::make_pair(2, 5));
    CHECK(cardan::field(some).shape() == Extents{2, 4, 3});
    CHECK(cardan::field(some).strides() == Extents{1, 3, 12});
    CHECK(cardan::field(some).data() == &left(1, 0, 2));
    CHECK(same_addresses(some));
    CHECK(same_addresses(Kokkos::subview(right, Kokkos::ALL, inside, inside)));

    const auto column = Kokkos::subview(right, Kokkos::ALL, 2, 3);
    CHECK(cardan::field(column).shape() == Extents{3});
    CHECK(cardan::field(column).strides() == Extents{20});
    CHECK(cardan::field(column).data() == &right(0, 2, 3));

    // Extents that the type knows, const elements, and borrowed memory.
    double mine[6] = {1, 2, 3, 4, 5, 6};
    using Borrowed = Kokkos::View<const double[3][2], Kokkos::LayoutRight, Kokkos::HostSpace,
                                  Kokkos::MemoryTraits<Kokkos::Unmanaged>>;
    const Borrowed borrowed(mine);
    CHECK(cardan::field(borrowed).shape() == Extents{3, 2});
    CHECK(cardan::field(borrowed).data() == mine);
    CHECK_THROWS_AS((void)cardan::field(borrowed).writable(), cardan::Error);

    const Kokkos::View<std::int32_t, Kokkos::HostSpace> scalar("scalar");
    CHECK(cardan::field(scalar).shape() == Extents{});
    CHECK(cardan::field(scalar).data() == scalar.data());
    CHECK(cardan::field(scalar).dtype() == Dtype::int32);

    const Kokkos::View<double*******, Kokkos::LayoutLeft, Kokkos::HostSpace> seven("seven", 2, 1, 3,
                                                                                   1, 2, 2, 2);
    CHECK(cardan::field(seven).strides() == Extents{1, 2, 2, 6, 6, 12, 24});
    const Kokkos::View<double********, Kokkos::LayoutRight, Kokkos::HostSpace> eight(
        "eight", 2, 1, 3, 1, 2, 2, 2, 2);
    CHECK(cardan::field(eight).strides() == Extents{48, 48, 16, 16, 8, 4, 2, 1});

    const Kokkos::View<double**, Kokkos::LayoutLeft, Kokkos::HostSpace> empty("empty", 0, 3);
    CHECK(cardan::field(empty).shape() == Extents{0, 3});

    // The default space, whatever it is, by its mirror.
    const Kokkos::View<double*> device("device", 4);
    const auto mirror = Kokkos::create_mirror_view(device);
    CHECK(cardan::field(mirror).shape() == Extents{4});
  }
  Kokkos::finalize();
}
