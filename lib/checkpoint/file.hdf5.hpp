/// What writing and reading of checkpoints have in common.
#pragma once

#include "archive/dataset.hdf5.hpp"
#include "checkpoint/snapshot.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace cardan::checkpoint {

inline constexpr const char* format_name = "cardan-checkpoint";
inline constexpr std::int64_t format_version = 1;
inline constexpr const char* checksum_names = "checksums/names";
inline constexpr const char* checksum_values = "checksums/values";

/// A list of file access with the structures of HDF5 1.10, which carry checksums of their own.
h5::Properties access();
void write_attribute(hid_t object, const std::string& key, const Attribute::second_type& value);
/// A text of fixed or variable length; throws where there is none.
std::string text_attribute(hid_t object, const std::string& key);
std::int64_t integer_attribute(hid_t object, const std::string& key);
/// Opens a file to read and looks at its format; throws, naming it.
h5::File open_checkpoint(const std::string& path);

/// The names in a group (`/` for the file), sorted.
std::vector<std::string> names_in(hid_t file, const std::string& group);
/// `group/name`; the name alone where there is no group.
std::string within(std::string group, const std::string& name);
bool is_group(hid_t file, const std::string& name);

}  // namespace cardan::checkpoint
