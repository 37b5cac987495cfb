#include "isolate.hpp"

#include <fmt/core.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <new>
#include <thread>

#include "measure.hpp"
#include "watchdog.hpp"

namespace weir::bench {
namespace {

// Besides the runs of the engine a scenario makes its events, its expectation and runs loops.
constexpr double kSecondsBesideRuns = 120;
constexpr int kOutOfMemory = 3;

[[noreturn]] void run_and_exit(const Scenario& scenario, const Context& context, Result& result) {
  const rlimit bound{context.memory_bytes, context.memory_bytes};
  setrlimit(RLIMIT_AS, &bound);
  std::set_new_handler([] { _exit(kOutOfMemory); });
  scenario.run(context, result);
  std::fflush(nullptr);
  _exit(0);
}

/// Waits; false where the process had to be ended.
bool wait_for(pid_t child, double seconds, int& status, rusage& usage) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
  for (;;) {
    if (wait4(child, &status, WNOHANG, &usage) == child) return true;
    if (std::chrono::steady_clock::now() > end) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  kill(child, SIGKILL);
  wait4(child, &status, 0, &usage);
  return false;
}

}  // namespace

Result run_isolated(const Scenario& scenario, const Context& context) {
  void* const memory =
      mmap(nullptr, sizeof(Result), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  Result result;
  if (memory == MAP_FAILED) {
    result.give_up("no memory to share with the scenario's process");
    return result;
  }
  auto* const shared = new (memory) Result;
  std::fflush(nullptr);
  const pid_t child = fork();
  if (child == 0) run_and_exit(scenario, context, *shared);
  int status = 0;
  rusage usage{};
  const double seconds =
      Deadline::kWallPerCpu * (kSecondsBesideRuns + 2 * (context.runs + 1) * context.run_seconds);
  const bool ended = child > 0 && wait_for(child, seconds, status, usage);
  result = *shared;
  munmap(memory, sizeof(Result));
  result.peak_bytes = static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
  if (!ended) {
    result.give_up(fmt::format("still at it after {:.0f} s", seconds));
  } else if (WIFEXITED(status) && WEXITSTATUS(status) == kOutOfMemory) {
    result.give_up(fmt::format("more than {} MiB of memory", context.memory_bytes >> 20));
  } else if (WIFEXITED(status) && WEXITSTATUS(status) == kTooLong) {
    result.give_up("one event alone took longer than the bound of a run");
  } else if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    result.verdict = Verdict::kWrong;
    result.reason = fmt::format("broke off with status {:#x}", status);
  }
  return result;
}

}  // namespace weir::bench
