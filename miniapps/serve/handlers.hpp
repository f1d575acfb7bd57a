/// The miniapp's own kinds of services: "dense", "device", "bare" and "soak".
#pragma once

#include "bare.hpp"

#include <memory>

namespace serve {

/// To be called before the session opens. `bare` is filled in before any service is opened.
/// "dense": a perceptron in plain loops, `options = { hidden = [64, 64] }`. "device": sleeps,
/// `options = { delay = "1 ms" }`. "bare": echoes as many bare round trips as the request says.
/// "soak": y = 2 x + version, and sleeps when it is told.
void register_handlers(const std::unique_ptr<Bare>& bare);

}  // namespace serve
