// What leaves a silo: records of fixed sizes, and never a sample.
#include "support/federation.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstring>
#include <vector>

using namespace cardan;
using namespace cardan::federation;
using test::federation_run;
using test::LinearData;
using test::LinearLearner;
using test::with_silos;

namespace {

constexpr double canary = 7239.158203125;  // the same number in float32

/// Everything that left this silo, headers included.
struct Sent {
  std::vector<std::byte> bytes;
  std::int64_t records = 0;

  void watch(test::Client& client)
  {
    if (client.outlet() == nullptr) return;
    client.outlet()->witness = [this](const UpHeader& header, std::span<const std::byte> record) {
      const auto* head = reinterpret_cast<const std::byte*>(&header);
      bytes.insert(bytes.end(), head, head + sizeof header);
      bytes.insert(bytes.end(), record.begin(), record.end());
      ++records;
    };
  }
};

template <class T>
bool holds(const std::vector<std::byte>& bytes, T number)
{
  std::byte pattern[sizeof number];
  std::memcpy(pattern, &number, sizeof number);
  return std::search(bytes.begin(), bytes.end(), std::begin(pattern), std::end(pattern)) !=
         bytes.end();
}

bool holds_canary(const std::vector<std::byte>& bytes)
{
  return holds(bytes, canary) || holds(bytes, static_cast<float>(canary));
}

/// Every sample has the canary in its first input and its answer.
void give_canaries(test::Client& client, std::size_t count)
{
  LinearData data{client.silo(), count};
  for (std::size_t s = 0; s < count; ++s) {
    data.x[s * test::linear_width] = canary;
    data.y[s] = canary;
  }
  data.give(client);
}

}  // namespace

TEST_CASE("what crosses does not depend on how many samples there are")
{
  if (test::world_size() == 1) return;
  const std::int64_t silos = test::world_size() - 1;
  struct Case {
    std::string keys;
    std::size_t update;
  };
  const std::size_t n = test::linear_width;
  for (const Case& each :
       {Case{"", 8 * n}, Case{"compress = { kind = \"top_k\", share = 0.5 }\n", 2 * 12},
        Case{"compress = { kind = \"quantise\", bits = 5 }\n", 8 + 2},
        Case{"mode = \"async\"\n", 8 * n}, Case{"normalise = false\n", 8 * n}})
    for (const std::size_t samples : {2U, 300U}) {
      CAPTURE(each.keys);
      CAPTURE(samples);
      constexpr std::int64_t rounds = 6;
      const bool tallied = each.keys.find("normalise") == std::string::npos;
      const std::int64_t mine = rounds * moved(each.update) + moved(0) + (tallied ? moved(16) : 0);
      std::int64_t left = 0;
      std::int64_t received = 0;
      const auto seen =
          with_silos(federation_run("rounds = 6\n" + each.keys), 0.01,
                     [&](test::Client& client, LinearLearner&, Session&) {
                       LinearData{client.silo(), samples}.give(client);
                       while (!client.round().last) {
                       }
                       for (const auto& round : client.rounds()) {
                         CHECK(round.moved_bytes == moved(each.update));
                         CHECK(round.raw_bytes == moved(8 * n));
                         received += round.received_bytes;
                       }
                       Outlet& outlet = *client.outlet();
                       CHECK(outlet.sent(Kind::update) == rounds);
                       CHECK(outlet.sent(Kind::tally) == (tallied ? 1 : 0));
                       CHECK(outlet.sent(Kind::initial) == (client.silo() == 0 ? 1 : 0));
                       client.close();
                       CHECK(outlet.sent(Kind::goodbye) == 1);
                       CHECK(outlet.bytes() == mine + (client.silo() == 0 ? moved(8 * n) : 0));
                       left = outlet.bytes();
                     });
      // What left the silos is what came, to the byte, and the model's size times what was sent.
      CHECK(test::sum_over_ranks(left) == seen.counters.bytes_in);
      CHECK(seen.counters.bytes_in == silos * mine + moved(8 * n));
      CHECK(seen.counters.bytes_out ==
            silos * ((rounds + 1) * moved(8 * n) + (tallied ? moved(16) : 0)));
      CHECK(test::sum_over_ranks(received) == silos * rounds * moved(8 * n));
    }
}

TEST_CASE("no number of a sample is in what was sent")
{
  if (test::world_size() == 1) return;
  for (const char* keys :
       {"", "compress = { kind = \"top_k\", share = 0.5 }\n", "local = { steps = 5, batch = 1 }\n",
        "clip = 1.0\nnoise = 0.5\n", "compress = { kind = \"quantise\", bits = 8 }\n"}) {
    CAPTURE(keys);
    with_silos(federation_run(std::string("rounds = 5\n") + keys), 1e-9,
               [&](test::Client& client, LinearLearner&, Session&) {
                 Sent sent;
                 sent.watch(client);
                 give_canaries(client, 6);
                 while (!client.round().last) {
                 }
                 client.close();
                 CHECK(sent.records >= 6);
                 CHECK(!holds_canary(sent.bytes));
                 // The search would find it.
                 const auto* one = reinterpret_cast<const std::byte*>(&canary);
                 sent.bytes.insert(sent.bytes.begin() + 13, one, one + sizeof canary);
                 CHECK(holds_canary(sent.bytes));
               });
  }
}

TEST_CASE("the sum over one sample is that sample: a silo that has no more should not join it")
{
  if (test::world_size() == 1) return;
  for (const bool joined : {true, false})
    with_silos(federation_run(std::string("rounds = 2\nnormalise = ") +
                              (joined ? "true" : "false") + "\n"),
               1e-9, [&](test::Client& client, LinearLearner&, Session&) {
                 Sent sent;
                 sent.watch(client);
                 give_canaries(client, 1);
                 while (!client.round().last) {
                 }
                 client.close();
                 CHECK(holds_canary(sent.bytes) == joined);
               });
}

TEST_CASE("there is one way out, and it takes nothing else")
{
  if (test::world_size() == 1) return;
  const auto seen = with_silos(federation_run("rounds = 1\n"), 0.01,
                               [&](test::Client& client, LinearLearner&, Session&) {
                                 LinearData data{client.silo(), 40};
                                 data.give(client);
                                 while (!client.round().last) {
                                 }
                                 Outlet& outlet = *client.outlet();
                                 const auto before = outlet.bytes();
                                 const auto samples = std::as_bytes(std::span{data.x});
                                 UpHeader header;
                                 header.kind = Kind::update;
                                 CHECK_THROWS_AS(outlet.send(header, samples), Error);
                                 CHECK_THROWS_AS(outlet.send(header, samples.first(23)), Error);
                                 CHECK_THROWS_AS(outlet.send(header, {}), Error);
                                 header.kind = Kind::goodbye;
                                 CHECK_THROWS_AS(outlet.send(header, samples.first(8)), Error);
                                 header.kind = static_cast<Kind>(17);
                                 CHECK_THROWS_AS(outlet.send(header, samples.first(24)), Error);
                                 header.kind = Kind::tally;
                                 CHECK_THROWS_WITH_AS(outlet.send(header, samples.first(16)),
                                                      doctest::Contains("it is sent once"), Error);
                                 CHECK(outlet.bytes() == before);
                               });
  CHECK(seen.counters.refused == 0);
}
