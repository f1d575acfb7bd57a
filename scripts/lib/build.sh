# shellcheck shell=bash
# What scripts/run, scripts/test and scripts/lint share: configure, build, and the environment of mpirun.
# To be sourced after common.sh, with $root naming the repository.
: "${root:?}"

# As many compilers at once as there are cores, but one for every 2 GB of memory: a source that includes Torch
# takes that much. CMAKE_BUILD_PARALLEL_LEVEL, CMake's own variable, overrules it.
choose_jobs()
{
  local cores memory limit jobs
  if [[ -n ${CMAKE_BUILD_PARALLEL_LEVEL:-} ]]; then
    printf '%s\n' "$CMAKE_BUILD_PARALLEL_LEVEL"
    return
  fi
  cores=$(nproc)
  memory=$(awk '/^MemAvailable:/ { print int($2 / 1024) }' /proc/meminfo 2>/dev/null || true)
  memory=${memory:-2048}
  # A container may have less than its machine.
  limit=$(cat /sys/fs/cgroup/memory.max 2>/dev/null || true)
  if [[ $limit =~ ^[0-9]+$ ]] && ((limit / 1048576 < memory)); then memory=$((limit / 1048576)); fi
  jobs=$((memory / 2048))
  if ((jobs > cores)); then jobs=$cores; fi
  if ((jobs < 1)); then jobs=1; fi
  printf '%s\n' "$jobs"
}

# git refuses to read a repository of another user (root in a container, a mounted folder), and the build would
# then not know its commit. Said for this process only, not in anybody's configuration.
trust_repository()
{
  local count=${GIT_CONFIG_COUNT:-0}
  export GIT_CONFIG_COUNT=$((count + 1))
  export "GIT_CONFIG_KEY_$count=safe.directory" "GIT_CONFIG_VALUE_$count=$root"
}

# Configures a preset unless that was done since the presets changed; ninja sees all other changes itself.
# configure PRESET
configure()
{
  local preset=$1
  local stamp=$root/build/$preset/.configured
  make_log_folder
  trust_repository
  if [[ -e $stamp && -e $root/build/$preset/build.ninja && ! $root/CMakePresets.json -nt $stamp ]]; then return; fi
  (cd -- "$root" && run_logged "configuring ($preset)" "$(log_folder)/$preset-configure.log" \
    cmake --preset "$preset") || die 1 "configuring failed"
  touch -- "$stamp"
}

# build PRESET
build()
{
  local preset=$1
  configure "$preset"
  (cd -- "$root" && run_logged "building ($preset)" "$(log_folder)/$preset-build.log" \
    cmake --build --preset "$preset" -j "$(choose_jobs)") || die 1 "building failed"
}

# What mpirun wants from its environment on any machine: root must say so twice (to Open MPI 5 under a second
# name), a machine without ssh must not be asked for it, and a rank has one core for its arithmetic.
export_mpi_environment()
{
  if ((EUID == 0)); then
    export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
    export PRTE_ALLOW_RUN_AS_ROOT=1 PRTE_ALLOW_RUN_AS_ROOT_CONFIRM=1
  fi
  if ! command -v ssh >/dev/null && ! command -v rsh >/dev/null; then
    export OMPI_MCA_plm_rsh_agent=/bin/false PRTE_MCA_plm_ssh_agent=/bin/false
  fi
  export OMP_NUM_THREADS=${OMP_NUM_THREADS:-1} OPENBLAS_NUM_THREADS=${OPENBLAS_NUM_THREADS:-1}
}

# The files that git knows, or would add, and that are there; by pattern, each ended by a zero byte.
# list_sources PATTERN...
list_sources()
{
  local file
  git ls-files -z --cached --others --exclude-standard -- "$@" | sort -zu |
    while IFS= read -r -d '' file; do
      if [[ -e $file ]]; then printf '%s\0' "$file"; fi
    done
}
