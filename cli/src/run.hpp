// The whole program behind one function.
#pragma once

namespace weir::cli {

/// Parses the arguments, runs the command, returns its exit code.
int run(int argc, char** argv);

}  // namespace weir::cli
