/// Everything that a simulation needs.
#pragma once

#include <cardan/archive.hpp>
#include <cardan/channel.hpp>
#include <cardan/config.hpp>
#include <cardan/ensemble.hpp>
#include <cardan/error.hpp>
#include <cardan/federation.hpp>
#include <cardan/field.hpp>
#include <cardan/inverse.hpp>
#include <cardan/pipeline.hpp>
#include <cardan/reduction.hpp>
#include <cardan/run.hpp>
#include <cardan/service.hpp>
#include <cardan/session.hpp>
#include <cardan/steering.hpp>
#include <cardan/surrogate.hpp>
#include <cardan/tuning.hpp>
#include <cardan/twin.hpp>
#include <cardan/version.hpp>
