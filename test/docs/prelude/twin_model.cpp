// What stands around the calls of a twin that has a model.
#include <cardan/cardan.hpp>

#include <cstddef>
#include <optional>
#include <vector>

class Learner : public cardan::TwinProcess {
 public:
  // The block.

 private:
  void step(const cardan::TwinCycle& cycle, bool corrects, std::byte* const* answer);
  double error_with_model();
  double error_without();
  std::vector<double> before_;
  std::vector<double> increment_;
  cardan::TwinModel* model_ = nullptr;
};
