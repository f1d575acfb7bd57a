// The public handles.

#include "couplers/service/client.hpp"

#include <cardan/error.hpp>

#include <utility>

namespace cardan {

const char* to_string(RequestStatus status) noexcept
{
  switch (status) {
    case RequestStatus::waiting: return "waiting";
    case RequestStatus::answered: return "answered";
    case RequestStatus::late: return "late";
    case RequestStatus::cancelled: return "cancelled";
    case RequestStatus::failed: return "failed";
  }
  return "unknown";
}

const char* to_string(InstanceState state) noexcept
{
  switch (state) {
    case InstanceState::starting: return "starting";
    case InstanceState::ready: return "ready";
    case InstanceState::busy: return "busy";
    case InstanceState::draining: return "draining";
    case InstanceState::gone: return "gone";
  }
  return "unknown";
}

Future::Future(Future&& other) noexcept
    : client_(std::exchange(other.client_, nullptr)),
      slot_(other.slot_),
      life_(std::move(other.life_))
{}

Future& Future::operator=(Future&& other) noexcept
{
  if (this != &other) {
    forget();
    client_ = std::exchange(other.client_, nullptr);
    slot_ = other.slot_;
    life_ = std::move(other.life_);
  }
  return *this;
}

Future::~Future()
{
  forget();
}

void Future::forget()
{
  if (client_ != nullptr && (!life_ || *life_)) client_->forget(slot_);
}

service::Client& Future::client() const
{
  if (client_ == nullptr)
    throw Error{"a future is used that belongs to no request", "it is empty, or was moved from"};
  if (life_ && !*life_) throw_closed();
  return *client_;
}

RequestStatus Future::wait_for(double seconds)
{
  return client().wait_for(slot_, seconds);
}
RequestStatus Future::wait()
{
  return client().wait(slot_);
}
RequestStatus Future::status() const
{
  return client().slot(slot_).status;
}
bool Future::cancel()
{
  return client().cancel(slot_);
}
std::uint32_t Future::version() const
{
  return client().slot(slot_).version;
}
int Future::instance() const
{
  return client().slot(slot_).answered_by;
}
int Future::attempts() const
{
  return client().slot(slot_).attempt;
}
const ResponseTimes& Future::times() const
{
  return client().slot(slot_).times;
}

Future Service::request(Fields inputs, Fields outputs, const RequestOptions& options)
{
  return client_->request({inputs.begin(), inputs.size()}, {outputs.begin(), outputs.size()},
                          options);
}
Future Service::request(FieldList inputs, FieldList outputs, const RequestOptions& options)
{
  return client_->request(inputs, outputs, options);
}
bool Service::poll()
{
  return client_->poll();
}
bool Service::wait_ready(double seconds)
{
  return client_->wait_ready(seconds);
}
void Service::drain(int instance)
{
  client_->drain(instance);
}
void Service::resume(int instance)
{
  client_->resume(instance);
}
std::uint32_t Service::swap(const std::string& file)
{
  return client_->swap(file);
}
int Service::instances() const
{
  return client_->instances();
}
InstanceView Service::instance(int index) const
{
  return client_->instance(index);
}
std::uint32_t Service::version() const
{
  return client_->version();
}
const ServiceCounters& Service::counters() const
{
  return client_->counters();
}
const Bootstrap& Service::bootstrap() const
{
  return client_->bootstrap();
}

}  // namespace cardan
