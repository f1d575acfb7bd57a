/// The order in which nodes of a periodic grid are eliminated.
#pragma once

#include <vector>

namespace funnel {

/// The nodes (row by row) of a size x size torus in the order of nested dissection (George, 1973):
/// halves before the lines between them, the two lines that open the torus last.
std::vector<int> dissection_order(int size);

}  // namespace funnel
