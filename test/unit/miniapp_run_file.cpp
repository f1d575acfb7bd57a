// The run file of a miniapp's run: the given one with other values in the place of its keys.
#include "support/run_file.hpp"

#include <doctest/doctest.h>

TEST_CASE("keys of the run file are replaced in their tables, and added where they are missing")
{
  const std::string text = "[a]\nx = 1\n[b]  # second\nx = 2\ny = 3\n";
  CHECK(miniapp::overridden(text, {{"b", {{"x", "5"}, {"z", "6"}}}, {"c", {{"w", "7"}}}}) ==
        "[a]\nx = 1\n[b]  # second\nx = 5\nz = 6\ny = 3\n\n[c]\nw = 7\n");
}

TEST_CASE("a key with an empty value is left out, and other tables stay as they are")
{
  const std::string text = "[a]\nx = 1\n[a.b]\nx = 2\n";
  CHECK(miniapp::overridden(text, {{"a", {{"x", ""}}}}) == "[a]\n[a.b]\nx = 2\n");
}
