// Kinds of services that a C program brings.

#include "c/array.hpp"

#include <cardan/service.hpp>

#include <fmt/format.h>

namespace cardan::c {

namespace {

std::vector<cardan_array> arrays_of(const Features& features)
{
  std::vector<cardan_array> arrays;
  for (const auto& feature : features) {
    std::vector<std::int64_t> shape{0};
    shape.insert(shape.end(), feature.shape.begin(), feature.shape.end());
    arrays.push_back(cardan_array_of(nullptr, static_cast<cardan_dtype>(feature.dtype),
                                     static_cast<int>(shape.size()), shape.data()));
    // The stride of the samples does not depend on their number.
    arrays.back().strides[0] = feature.numbers();
  }
  return arrays;
}

class Handler : public ServiceHandler {
 public:
  Handler(std::string kind, cardan_handler handler, void* user, const Signature& signature)
      : kind_(std::move(kind)),
        handler_(handler),
        user_(user),
        inputs_(arrays_of(signature.inputs)),
        outputs_(arrays_of(signature.outputs))
  {
    for (auto& input : inputs_) input.read_only = 1;
  }

  void answer(const Batch& inputs, const Answers& outputs) override
  {
    for (std::size_t i = 0; i < inputs_.size(); ++i) {
      inputs_[i].data = const_cast<std::byte*>(inputs.columns[i]);
      inputs_[i].shape[0] = inputs.count;
    }
    for (std::size_t i = 0; i < outputs_.size(); ++i) {
      outputs_[i].data = outputs.columns[i];
      outputs_[i].shape[0] = inputs.count;
    }
    const int status = handler_(user_, inputs_.data(), static_cast<int>(inputs_.size()),
                                outputs_.data(), static_cast<int>(outputs_.size()));
    if (status != 0) throw Error{fmt::format("the handler '{}' returned {}", kind_, status)};
  }

 private:
  std::string kind_;
  cardan_handler handler_;
  void* user_;
  std::vector<cardan_array> inputs_;
  std::vector<cardan_array> outputs_;
};

}  // namespace

}  // namespace cardan::c

cardan_status cardan_register_service(const char* kind, cardan_handler handler, void* user)
{
  return cardan::c::translate([&] {
    const std::string name = cardan::c::text_of(kind, "kind");
    if (handler == nullptr) throw cardan::c::Misuse{"the handler '" + name + "' is null"};
    cardan::register_service(
        name, [name, handler, user](const cardan::Config&, const cardan::Signature& signature,
                                    const cardan::ServicePlace&) {
          return std::make_unique<cardan::c::Handler>(name, handler, user, signature);
        });
  });
}
