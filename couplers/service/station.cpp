#include "couplers/service/station.hpp"

#include "couplers/service/instance.hpp"

#include <algorithm>

namespace cardan::service {

namespace {

class Station : public Duty {
 public:
  Station(const Context& context, const std::string& name)
      : settings_(read_service(context.run_file, name)), ends_(context, settings_, {})
  {
    const int me = mpi::rank(context.everyone.get());
    auto& in = ends_.request->in();
    auto& out = ends_.reply->out();
    const auto clients = static_cast<std::size_t>(context.count(&Roles::simulation));
    std::size_t lane = 0;
    for (std::size_t i = 0; i < ends_.ranks.size(); ++i) {
      if (ends_.ranks[i] != me) continue;
      std::vector<channel::InLane*> requests;
      std::vector<channel::OutLane*> replies;
      for (std::size_t c = 0; c < clients; ++c, ++lane) {
        requests.push_back(&in[lane]);
        replies.push_back(&out[lane]);
      }
      instances_.push_back(std::make_unique<Instance>(
          context, settings_, ends_, static_cast<int>(i), std::move(requests), std::move(replies)));
    }
    mpi::together(context.everyone.get(), context.deadline(), [&] {
      for (auto& instance : instances_) instance->load();
      if (instances_.empty()) leave_to_handler(context.run_file, name);
      context.run_file.table("service").table(name).reject_unknown();
    });
  }

  bool poll() override
  {
    bool worked = false;
    for (auto& instance : instances_) worked = instance->poll() || worked;
    return worked;
  }
  bool finished() override
  {
    return std::all_of(instances_.begin(), instances_.end(),
                       [](const auto& instance) { return instance->finished(); });
  }
  void close() override
  {
    for (auto& instance : instances_) instance->leave();
    ends_.close();
  }
  void abandon() noexcept override { ends_.abandon(); }

 private:
  ServiceSettings settings_;
  Ends ends_;
  std::vector<std::unique_ptr<Instance>> instances_;
};

}  // namespace

std::unique_ptr<Duty> serve(const Context& context, const std::string& name)
{
  return std::make_unique<Station>(context, name);
}

}  // namespace cardan::service
