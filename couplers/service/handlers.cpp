#include "couplers/service/handlers.hpp"

#include "couplers/service/model_handler.hpp"
#include "couplers/service/reduce_handler.hpp"

#include <cardan/error.hpp>

#include <fmt/format.h>

#include <map>

namespace cardan {

namespace service {

namespace {

/// Answers at once with zeros: what is left is the cost of asking.
class Noop : public ServiceHandler {
 public:
  void answer(const Batch&, const Answers&) override {}
};

using Makers = std::map<std::string, ServiceMaker>;

Makers& makers()
{
  static Makers all{{"noop", [](const Config&, const Signature&,
                                const ServicePlace&) { return std::make_unique<Noop>(); }},
                    {"reduce", [](const Config&, const Signature& signature, const ServicePlace&) {
                       return make_reduce(signature);
                     }}};
  return all;
}

}  // namespace

std::unique_ptr<ServiceHandler> make_handler(const Config& run_file,
                                             const ServiceSettings& settings,
                                             const Signature& signature, const ServicePlace& place)
{
  const Config table = run_file.table("service").table(settings.name);
  if (settings.kind == "model") return make_model(table.table("model"), signature, place);
  const auto found = makers().find(settings.kind);
  if (found == makers().end()) {
    std::vector<std::string> known{"model"};
    for (const auto& each : makers()) known.push_back(each.first);
    const std::string near = nearest(settings.kind, known);
    throw table.error("kind", fmt::format("ML ranks know {}", fmt::join(known, ", ")),
                      near.empty() ? "Give it to register_service before the session opens, in the "
                                     "program of the ML ranks."
                                   : "Did you mean '" + near + "'?");
  }
  //= none | the handler's own table
  const Config options = table.table("options");
  auto handler = found->second(options, signature, place);
  options.reject_unknown();
  return handler;
}

}  // namespace service

void register_service(const std::string& kind, ServiceMaker maker)
{
  if (kind == "noop" || kind == "reduce" || kind == "model")
    throw Error{"the kind of service '" + kind + "' is Cardan's own", "", "Take another name."};
  service::makers()[kind] = std::move(maker);
}

}  // namespace cardan
