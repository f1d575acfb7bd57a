// The registry's word and the headers of requests and replies.
#include "couplers/service/wire.hpp"

#include <doctest/doctest.h>

using namespace cardan;
using namespace cardan::service;

TEST_CASE("a status survives its eight bytes")
{
  for (const auto state : {InstanceState::starting, InstanceState::ready, InstanceState::busy,
                           InstanceState::draining, InstanceState::gone})
    for (const std::uint32_t queued : {0U, 1U, 4097U, most_queued})
      for (const std::uint32_t beat : {0U, 77U, (1U << 20) - 1})
        for (const std::uint32_t version : {1U, 12345U, most_version}) {
          const Status there = unpack(pack({state, queued, beat, version}));
          CHECK(there.state == state);
          CHECK(there.queued == queued);
          CHECK(there.beat == beat);
          CHECK(there.version == version);
        }
  // What is too much to be told is told as the most; beats go round.
  CHECK(unpack(pack({InstanceState::busy, 100000, 0, 1})).queued == most_queued);
  CHECK(unpack(pack({InstanceState::busy, 0, (1U << 20) + 3, 1})).beat == 3);
  CHECK(unpack(0).state == InstanceState::starting);
}

TEST_CASE("headers keep what the lane needs where the lane looks for it")
{
  RequestHeader request;
  request.sequence = 7;
  request.step = 8;
  request.count = 9;
  request.ticket = 10;
  const channel::Header header = to_header(request);
  CHECK(header.sequence == 7);
  CHECK(header.step == 8);
  CHECK(header.count == 9);
  CHECK(header.ticket == 10);
  const auto reply = read_header<ReplyHeader>(header);
  CHECK(reply.sequence == 7);
  CHECK(reply.ticket == 10);
}
