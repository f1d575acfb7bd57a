#include "judge.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <stdexcept>
#include <vector>

namespace reduce {

namespace {

class Judge : public cardan::Receiver {
 public:
  Judge(const Plan& plan, Laboratory& laboratory, Tally& tally, const cardan::ReceiverPlace& place)
      : plan_(plan), system_(laboratory.prepared(MPI_COMM_SELF)), tally_(tally)
  {
    for (int rank = place.index; rank < place.simulation_ranks; rank += place.receivers)
      seen_[rank] = 0;
  }

  void take(const cardan::Reconstruction& arrived) override
  {
    seen_[arrived.rank] = arrived.step;
    if (arrived.step <= plan_.begin()) return;
    compare(arrived, truth(arrived.step));
    ++tally_.puts;
    tally_.mismatched += arrived.same ? 0 : 1;
    forget();
  }

 private:
  /// The whole grid's numbers after a step. Ranks are ahead of each other.
  const std::vector<double>& truth(std::int64_t step)
  {
    while (at_ < step) {
      if (at_ == plan_.change_step()) system_.change();
      system_.step();
      ++at_;
    }
    if (at_ == step && !kept_.contains(step))
      kept_.emplace(step, dense(system_.view(), system_.part()));
    return kept_.at(step);
  }

  /// What every rank is past.
  void forget()
  {
    const auto last =
        std::min_element(seen_.begin(), seen_.end(),
                         [](const auto& a, const auto& b) { return a.second < b.second; });
    kept_.erase(kept_.begin(), kept_.lower_bound(last->second));
  }

  void compare(const cardan::Reconstruction& arrived, const std::vector<double>& whole)
  {
    const auto& field = arrived.fields[0];
    const std::size_t deep = field.shape.size() - 1;
    Cells count{1, 1, 1};
    Cells offset{0, 0, 0};
    for (std::size_t axis = 0; axis < deep; ++axis) {
      count[axis + 3 - deep] = field.shape[axis + 1];
      offset[axis + 3 - deep] = field.offset[axis];
    }
    const Cells& global = system_.part().global;
    const double* value = arrived.values[0];
    for (std::int64_t c = 0; c < field.shape[0]; ++c)
      for (std::int64_t z = 0; z < count[0]; ++z)
        for (std::int64_t y = 0; y < count[1]; ++y) {
          const std::int64_t row =
              ((c * global[0] + offset[0] + z) * global[1] + offset[1] + y) * global[2] + offset[2];
          const double* exact = whole.data() + row;
          for (std::int64_t x = 0; x < count[2]; ++x) see(std::abs(exact[x] - *value++));
        }
  }

  /// Written so that what is no number is beyond.
  void see(double error)
  {
    ++tally_.numbers;
    tally_.beyond += error <= plan_.bound ? 0 : 1;
    tally_.max_error = std::max(tally_.max_error, error);
    tally_.square_sum += error * error;
  }

  Plan plan_;
  System& system_;
  Tally& tally_;
  std::int64_t at_ = 0;
  std::map<std::int64_t, std::vector<double>> kept_;
  std::map<int, std::int64_t> seen_;
};

}  // namespace

void register_judge(const Plan& plan, Laboratory& laboratory, Tally& tally)
{
  cardan::register_receiver("judge",
                            [plan, &laboratory, &tally](const auto&, auto, const auto& place) {
                              return std::make_unique<Judge>(plan, laboratory, tally, place);
                            });
}

Tally together(MPI_Comm comm, const Tally& tally)
{
  Tally all = tally;
  for (std::int64_t* number : {&all.puts, &all.numbers, &all.beyond, &all.mismatched})
    MPI_Allreduce(MPI_IN_PLACE, number, 1, MPI_INT64_T, MPI_SUM, comm);
  MPI_Allreduce(MPI_IN_PLACE, &all.max_error, 1, MPI_DOUBLE, MPI_MAX, comm);
  MPI_Allreduce(MPI_IN_PLACE, &all.square_sum, 1, MPI_DOUBLE, MPI_SUM, comm);
  return all;
}

}  // namespace reduce
