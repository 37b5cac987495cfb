// SIGINT and SIGTERM as a question that loops ask.
#pragma once

namespace weir::cli {

/// From now on the first signal sets the flag; a second one ends the program at once.
void catch_interrupts();
bool interrupted() noexcept;

}  // namespace weir::cli
