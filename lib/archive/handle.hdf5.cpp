#include "archive/handle.hdf5.hpp"

#include <cardan/error.hpp>

#include <string>

namespace cardan::h5 {

namespace {

herr_t take_first(unsigned, const H5E_error2_t* error, void* text)
{
  auto& first = *static_cast<std::string*>(text);
  if (first.empty() && error->desc) first = error->desc;
  return 0;
}

/// Of `file write failed: time = ..., filename = ..., error message = 'No space left on device',
/// ...` what failed and why: the rest has another time and address each time.
std::string shortened(const std::string& text)
{
  const std::string before = "error message = '";
  const auto time = text.find(": time = ");
  const auto begin = text.find(before);
  if (time == std::string::npos || begin == std::string::npos) return text;
  const auto end = text.find('\'', begin + before.size());
  return text.substr(0, time + 2) + text.substr(begin + before.size(), end - begin - before.size());
}

/// The description nearest to where the last call failed: that is the one that names files and
/// limits.
std::string reason()
{
  std::string text;
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, take_first, &text);
  H5Eclear2(H5E_DEFAULT);
  return text.empty() ? "HDF5 does not say why" : shortened(text);
}

}  // namespace

Quiet::Quiet()
{
  unsigned second = 0;
  // A program may have set a printer of HDF5 1.6's kind, which cannot be put back from here: it
  // stays.
  if (H5Eauto_is_v2(H5E_DEFAULT, &second) < 0 || second == 0) return;
  changed_ = H5Eget_auto2(H5E_DEFAULT, &print_, &data_) >= 0 &&
             H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr) >= 0;
}

Quiet::~Quiet()
{
  if (changed_) H5Eset_auto2(H5E_DEFAULT, print_, data_);
}

void expect(long long status)
{
  if (status < 0) throw Error{reason()};
}

}  // namespace cardan::h5
