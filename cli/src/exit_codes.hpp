// What `weir` tells the shell.
#pragma once

namespace weir::cli {

enum ExitCode : int {
  kFine = 0,
  kFindings = 1,       // a test failed, a file is not laid out, ...
  kInvalidRules = 2,   // rules have errors
  kUsage = 3,          // command line, or a file that cannot be read or written
  kBadInput = 4,       // more bad records than allowed
  kInternal = 70,      // our fault
  kInterrupted = 130,  // SIGINT
};

}  // namespace weir::cli
