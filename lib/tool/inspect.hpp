/// What `cardan inspect` shows.
#pragma once

#include "tool/entry.hpp"

#include <string>

namespace cardan::tool {

enum class Reading { with_statistics, quick };

/// All of a file as a table; false where an array could not be read, and the first reason is told
/// on standard error.
bool show_file(const File& file, Reading reading);
/// The same as JSON.
bool show_file_json(const File& file, Reading reading);
/// One array: what it is, its statistics, a sparkline and a histogram.
void show_array(const File& file, const Entry& entry, const Block& block, Reading reading);
/// The same as JSON.
bool show_array_json(const File& file, const Entry& entry, const Block& block, Reading reading);
/// One line of blocks along the longest dimension, the mean over all others.
void show_sparkline(const File& file, const Entry& entry, const Block& block);
/// Rows of numbers with commas between, the last dimension in a row; to standard output where
/// `path` is empty or `-`.
void write_csv(const File& file, const Entry& entry, const Block& block, const std::string& path);
/// A picture of two dimensions, one pixel for a number, coloured from the least to the largest.
void write_png(const File& file, const Entry& entry, const Block& block, const std::string& path);

}  // namespace cardan::tool
