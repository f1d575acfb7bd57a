/// Counts what this process asks of MPI: defines MPI's functions, so include it in one source of a
/// program.
#pragma once

#include "support/calls.hpp"

#include <mpi.h>

#include <cstddef>
#include <tuple>

namespace test {

template <class Function>
struct ParametersOf;
template <class... P>
struct ParametersOf<int(P...)> {
  using type = std::tuple<P...>;
};
/// The type of a function's parameter `i`.
template <class Function, std::size_t i>
using Parameter = std::tuple_element_t<i, typename ParametersOf<Function>::type>;

}  // namespace test

// clang-format off
// One macro for each number of parameters: the function counts, and does what it always does.
#define CARDAN_P(f, i, x) test::Parameter<decltype(f), i> x
#define CARDAN_COUNT(what, f, parameters, ...) \
  int f parameters { test::count(&test::Calls::what); return P##f(__VA_ARGS__); }
#define CARDAN_P1(f) CARDAN_P(f, 0, p0)
#define CARDAN_P2(f) CARDAN_P1(f), CARDAN_P(f, 1, p1)
#define CARDAN_P3(f) CARDAN_P2(f), CARDAN_P(f, 2, p2)
#define CARDAN_P4(f) CARDAN_P3(f), CARDAN_P(f, 3, p3)
#define CARDAN_P5(f) CARDAN_P4(f), CARDAN_P(f, 4, p4)
#define CARDAN_P6(f) CARDAN_P5(f), CARDAN_P(f, 5, p5)
#define CARDAN_P7(f) CARDAN_P6(f), CARDAN_P(f, 6, p6)
#define CARDAN_P8(f) CARDAN_P7(f), CARDAN_P(f, 7, p7)
#define CARDAN_P9(f) CARDAN_P8(f), CARDAN_P(f, 8, p8)
#define CARDAN_P10(f) CARDAN_P9(f), CARDAN_P(f, 9, p9)
#define CARDAN_P11(f) CARDAN_P10(f), CARDAN_P(f, 10, p10)
#define CARDAN_P12(f) CARDAN_P11(f), CARDAN_P(f, 11, p11)
#define CARDAN_P13(f) CARDAN_P12(f), CARDAN_P(f, 12, p12)
#define COUNT_1(what, f) \
  CARDAN_COUNT(what, f, (CARDAN_P1(f)), p0)
#define COUNT_2(what, f) \
  CARDAN_COUNT(what, f, (CARDAN_P2(f)), p0, p1)
#define COUNT_3(what, f) \
  CARDAN_COUNT(what, f, (CARDAN_P3(f)), p0, p1, p2)
#define COUNT_4(what, f) \
  CARDAN_COUNT(what, f, (CARDAN_P4(f)), p0, p1, p2, p3)
#define COUNT_5(what, f) \
  CARDAN_COUNT(what, f, (CARDAN_P5(f)), p0, p1, p2, p3, p4)
#define COUNT_6(what, f) \
  CARDAN_COUNT(what, f, (CARDAN_P6(f)), p0, p1, p2, p3, p4, p5)
#define COUNT_7(what, f) \
  CARDAN_COUNT(what, f, (CARDAN_P7(f)), p0, p1, p2, p3, p4, p5, p6)
#define COUNT_8(what, f) \
  CARDAN_COUNT(what, f, (CARDAN_P8(f)), p0, p1, p2, p3, p4, p5, p6, p7)
#define COUNT_9(what, f) \
  CARDAN_COUNT(what, f, (CARDAN_P9(f)), p0, p1, p2, p3, p4, p5, p6, p7, p8)
#define COUNT_10(what, f) \
  CARDAN_COUNT(what, f, (CARDAN_P10(f)), p0, p1, p2, p3, p4, p5, p6, p7, p8, p9)
#define COUNT_12(what, f) \
  CARDAN_COUNT(what, f, (CARDAN_P12(f)), p0, p1, p2, p3, p4, p5, p6, p7, p8, p9, p10, p11)
#define COUNT_13(what, f) \
  CARDAN_COUNT(what, f, (CARDAN_P13(f)), p0, p1, p2, p3, p4, p5, p6, p7, p8, p9, p10, p11, p12)

extern "C" {
COUNT_6(windows, MPI_Win_create)
COUNT_6(windows, MPI_Win_allocate)
COUNT_6(windows, MPI_Win_allocate_shared)
COUNT_3(windows, MPI_Win_create_dynamic)
COUNT_1(windows, MPI_Win_free)
COUNT_2(communicators, MPI_Comm_dup)
COUNT_3(communicators, MPI_Comm_dup_with_info)
COUNT_3(communicators, MPI_Comm_idup)
COUNT_4(communicators, MPI_Comm_split)
COUNT_5(communicators, MPI_Comm_split_type)
COUNT_3(communicators, MPI_Comm_create)
COUNT_4(communicators, MPI_Comm_create_group)
COUNT_1(communicators, MPI_Comm_free)
COUNT_1(collectives, MPI_Barrier)
COUNT_5(collectives, MPI_Bcast)
COUNT_6(collectives, MPI_Allreduce)
COUNT_7(collectives, MPI_Reduce)
COUNT_7(collectives, MPI_Allgather)
COUNT_8(collectives, MPI_Allgatherv)
COUNT_7(collectives, MPI_Alltoall)
COUNT_9(collectives, MPI_Alltoallv)
COUNT_9(collectives, MPI_Alltoallw)
COUNT_8(collectives, MPI_Gather)
COUNT_9(collectives, MPI_Gatherv)
COUNT_8(collectives, MPI_Scatter)
COUNT_9(collectives, MPI_Scatterv)
COUNT_6(collectives, MPI_Exscan)
COUNT_6(collectives, MPI_Scan)
COUNT_6(collectives, MPI_Reduce_scatter)
COUNT_6(collectives, MPI_Reduce_scatter_block)
COUNT_2(collectives, MPI_Ibarrier)
COUNT_6(collectives, MPI_Ibcast)
COUNT_7(collectives, MPI_Iallreduce)
COUNT_8(collectives, MPI_Ireduce)
COUNT_8(collectives, MPI_Iallgather)
COUNT_9(collectives, MPI_Iallgatherv)
COUNT_8(collectives, MPI_Ialltoall)
COUNT_10(collectives, MPI_Ialltoallv)
COUNT_10(collectives, MPI_Ialltoallw)
COUNT_9(collectives, MPI_Igather)
COUNT_10(collectives, MPI_Igatherv)
COUNT_9(collectives, MPI_Iscatter)
COUNT_10(collectives, MPI_Iscatterv)
COUNT_7(collectives, MPI_Iexscan)
COUNT_7(collectives, MPI_Iscan)
COUNT_7(collectives, MPI_Ireduce_scatter)
COUNT_7(collectives, MPI_Ireduce_scatter_block)
COUNT_2(collectives, MPI_Win_fence)
COUNT_3(datatypes, MPI_Type_contiguous)
COUNT_5(datatypes, MPI_Type_vector)
COUNT_5(datatypes, MPI_Type_create_hvector)
COUNT_5(datatypes, MPI_Type_indexed)
COUNT_5(datatypes, MPI_Type_create_hindexed)
COUNT_5(datatypes, MPI_Type_create_indexed_block)
COUNT_5(datatypes, MPI_Type_create_hindexed_block)
COUNT_5(datatypes, MPI_Type_create_struct)
COUNT_7(datatypes, MPI_Type_create_subarray)
COUNT_10(datatypes, MPI_Type_create_darray)
COUNT_4(datatypes, MPI_Type_create_resized)
COUNT_2(datatypes, MPI_Type_dup)
COUNT_1(datatypes, MPI_Type_commit)
COUNT_7(requests, MPI_Send_init)
COUNT_7(requests, MPI_Bsend_init)
COUNT_7(requests, MPI_Rsend_init)
COUNT_7(requests, MPI_Ssend_init)
COUNT_7(requests, MPI_Recv_init)
COUNT_8(puts, MPI_Put)
COUNT_9(puts, MPI_Rput)
COUNT_8(other_rma, MPI_Get)
COUNT_9(other_rma, MPI_Rget)
COUNT_9(other_rma, MPI_Accumulate)
COUNT_10(other_rma, MPI_Raccumulate)
COUNT_12(other_rma, MPI_Get_accumulate)
COUNT_13(other_rma, MPI_Rget_accumulate)
COUNT_7(other_rma, MPI_Fetch_and_op)
COUNT_7(other_rma, MPI_Compare_and_swap)
COUNT_6(sends, MPI_Send)
COUNT_6(sends, MPI_Ssend)
COUNT_6(sends, MPI_Bsend)
COUNT_6(sends, MPI_Rsend)
COUNT_7(sends, MPI_Isend)
COUNT_7(sends, MPI_Issend)
COUNT_7(sends, MPI_Ibsend)
COUNT_7(sends, MPI_Irsend)
COUNT_1(sends, MPI_Start)
COUNT_2(sends, MPI_Startall)
COUNT_12(sends, MPI_Sendrecv)
}  // extern "C"
// clang-format on
