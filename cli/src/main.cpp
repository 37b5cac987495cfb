// weir: the program. Everything that can go wrong ends in an exit code and a sentence, also our own
// mistakes.
#include <csignal>
#include <cstdio>
#include <exception>
#include <new>

#include "exit_codes.hpp"
#include "run.hpp"

int main(int argc, char** argv) {
  // A write to a pipe that nobody reads fails with EPIPE instead, so that what is left in order to
  // be written elsewhere (late and rejected records) is.
  std::signal(SIGPIPE, SIG_IGN);
  try {
    return weir::cli::run(argc, argv);
  } catch (const std::bad_alloc&) {
    std::fputs("error: out of memory\n", stderr);
  } catch (const std::exception& e) {
    std::fprintf(stderr,
                 "error: weir has made a mistake: %s\n"
                 "Sorry. Please report it, with the command and a file that shows it.\n",
                 e.what());
  }
  return weir::cli::kInternal;
}
