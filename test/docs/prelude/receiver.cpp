// What stands around a receiver.
#include <cardan/cardan.hpp>

#include <cstddef>
#include <map>
#include <memory>
#include <span>
#include <string>

double mean(const cardan::ReductionField& field, const double* values);
void write(const std::map<std::string, double>& sums);
void register_mine();

// The block.
