#include "bindings/calls.hpp"

extern "C" {
void bench_fortran_open(const char* run_file, double* state, double* advanced);
void bench_fortran_predict(std::int64_t count);
void bench_fortran_bind(std::int64_t count);
void bench_fortran_put(std::int64_t count);
void bench_fortran_close();
}

namespace bench {

const Language fortran{"Fortran",          bench_fortran_open, bench_fortran_predict,
                       bench_fortran_bind, bench_fortran_put,  bench_fortran_close};

}  // namespace bench
