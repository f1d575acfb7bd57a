// The main of tests that run under mpirun. A rank that fails ends the whole run at once: the others
// would wait for it until the test's timeout.
#define DOCTEST_CONFIG_IMPLEMENT
// A rank that is ended by another's failure has nothing to report.
#define DOCTEST_CONFIG_NO_POSIX_SIGNALS
#include <doctest/doctest.h>

#include <mpi.h>

#include <unistd.h>
#include <cstdio>
#include <sstream>

namespace {

/// Ends all ranks as soon as one check fails, after doctest has printed it.
struct EndAllRanks : doctest::IReporter {
  explicit EndAllRanks(const doctest::ContextOptions&) {}
  void report_query(const doctest::QueryData&) override {}
  void test_run_start() override {}
  void test_run_end(const doctest::TestRunStats&) override {}
  void test_case_start(const doctest::TestCaseData&) override {}
  void test_case_reenter(const doctest::TestCaseData&) override {}
  void test_case_end(const doctest::CurrentTestCaseStats&) override {}
  void test_case_exception(const doctest::TestCaseException& exception) override
  {
    end(exception.error_string.c_str());
  }
  void subcase_start(const doctest::SubcaseSignature&) override {}
  void subcase_end() override {}
  void log_assert(const doctest::AssertData& assertion) override
  {
    if (!assertion.m_failed) return;
    std::fprintf(stderr, "%s:%d: %s\n  %s\n", assertion.m_file, assertion.m_line, assertion.m_expr,
                 assertion.m_decomp.c_str());
    // What the test captured: nobody else prints it any more.
    std::ostringstream captured;
    for (int i = 0; i < get_num_active_contexts(); ++i) {
      get_active_contexts()[i]->stringify(&captured);
      captured << '\n';
    }
    std::fputs(captured.str().c_str(), stderr);
    end("a check failed");
  }
  void log_message(const doctest::MessageData&) override {}
  void test_case_skipped(const doctest::TestCaseData&) override {}

  static void end(const char* why)
  {
    int rank = 0;
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    std::fprintf(stderr, "rank %d: %s; ending all ranks\n", rank, why);
    std::fflush(nullptr);
    MPI_Abort(MPI_COMM_WORLD, 1);
  }
};

REGISTER_LISTENER("end_all_ranks", 1, EndAllRanks);

}  // namespace

int main(int argc, char** argv)
{
  int provided = 0;
  MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &provided);
  doctest::Context context{argc, argv};
  int rank = 0;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  context.setOption("no-intro", true);
  // One rank's summary is enough; failures are reported by the rank that has them.
  if (rank != 0) context.setOption("minimal", true);
  const int failed = context.run();
  MPI_Finalize();
  return failed;
}
