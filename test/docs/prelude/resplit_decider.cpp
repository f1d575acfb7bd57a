// What stands around the state of a decider.
#include <cardan/cardan.hpp>

class Counting : public cardan::Decider {
 public:
  void see(const cardan::Report&, cardan::Outbox&) override { ++seen_; }
  // The block.

 private:
  std::int64_t seen_ = 0;
};
