/// Small files that are whole or not there.
#pragma once

#include <cstddef>
#include <string>

namespace cardan::provenance {

/// Writes a file under another name, and renames it. Throws with the system's reason.
void write_whole(const std::string& path, const std::string& text);
/// The whole of a file; empty where it cannot be read.
std::string read_whole(const std::string& path);
/// Adds to a file's end. Throws with the system's reason.
void append(const std::string& path, const std::string& text);
/// Renames a file that exists: `run.json` becomes `run.1.json`, or the next number that is free.
/// Gives the new name; empty where there is no file, or it stays.
std::string set_aside(const std::string& path) noexcept;
/// Throws unless as many bytes are free where a folder lies.
void expect_room(const std::string& folder, std::size_t bytes);

}  // namespace cardan::provenance
